"""The networks' layers, with random weights."""

from __future__ import annotations

import torch

from bench.judge.alexnet import AlexNet
from bench.judge.vgg19 import VGG19


def test_vgg_19_gives_a_map_for_each_tap_and_odd_sides_are_rounded_up(vgg: VGG19) -> None:
    features = vgg.features(torch.rand(1, 3, 35, 48))
    assert {tap: tuple(f.shape[1:]) for tap, f in features.items()} == {
        "relu1_1": (64, 35, 48),
        "relu2_1": (128, 18, 24),
        "relu3_1": (256, 9, 12),
        "relu4_1": (512, 5, 6),
        "relu5_1": (512, 3, 3),
    }
    assert all(bool((f >= 0).all()) for f in features.values())


def test_vgg_19_goes_no_further_than_it_has_to(vgg: VGG19) -> None:
    rgb = torch.rand(1, 3, 32, 32)
    short, whole = vgg.features(rgb, "relu3_1"), vgg.features(rgb)
    assert list(short) == ["relu1_1", "relu2_1", "relu3_1"]
    assert torch.equal(short["relu3_1"], whole["relu3_1"])


def test_alexnet_gives_the_five_layers_that_lpips_looks_at(alexnet: AlexNet) -> None:
    """Sides as AlexNet has them for 224 px: 55, 27 and 13."""
    shapes = [tuple(f.shape[1:]) for f in alexnet.features(torch.rand(1, 3, 224, 224))]
    assert shapes == [(64, 55, 55), (192, 27, 27), (384, 13, 13), (256, 13, 13), (256, 13, 13)]
