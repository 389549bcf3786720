"""Targets: right, and computed once."""

from __future__ import annotations

from collections.abc import Collection

import pytest
import torch
from torch import Tensor

from nst.painting.backbone import Backbone
from nst.painting.losses import Moments, moments
from nst.painting.targets import Targets, margin_of
from nst.pictures.picture import Picture
from nst.recipe import Border

SIZE = (32, 24)

BORDERS: tuple[Border, ...] = ("replicate", "wrap")


class Recorder:
    """An extractor of known output that notes what it was asked."""

    def __init__(self) -> None:
        self.calls: list[tuple[tuple[int, ...], tuple[str, ...], str, str]] = []

    def __call__(
        self, image: Tensor, taps: Collection[str], border: str = "zeros", pooling: str = "max"
    ) -> dict[str, Tensor]:
        self.calls.append((tuple(image.shape), tuple(taps), border, pooling))
        return {tap: image + len(tap) for tap in taps}


def test_content_targets_equal_pytorchs_features(backbone: Backbone, content: Picture) -> None:
    targets = backbone.targets.content(content, SIZE, ("conv2", "conv7"), "replicate", "max")
    expected = backbone.extractor(content.resized(SIZE).rgb, ("conv2", "conv7"), "replicate")
    for tap, features in expected.items():
        torch.testing.assert_close(targets[tap], features, rtol=1e-4, atol=1e-4)


def test_style_targets_equal_pytorchs_moments(backbone: Backbone, style: Picture) -> None:
    targets = backbone.targets.style(style, SIZE, ("conv4", "conv13"), "zeros", "max", "moments")
    expected = backbone.extractor(style.resized(SIZE).rgb, ("conv4", "conv13"), "zeros")
    for tap, features in expected.items():
        torch.testing.assert_close(Moments(*targets[tap]), moments(features), rtol=1e-4, atol=1e-4)


def test_a_target_is_computed_once(content: Picture) -> None:
    extractor = Recorder()
    targets = Targets(extractor, "model")
    first = targets.content(content, SIZE, ("conv2", "conv4"), "zeros", "max")
    same = targets.content(Picture(content.rgb.clone()), SIZE, ("conv2", "conv4"), "zeros", "max")
    assert len(extractor.calls) == 1
    assert all(torch.equal(first[tap], same[tap]) for tap in first)


def test_only_missing_taps_are_computed(content: Picture) -> None:
    extractor = Recorder()
    targets = Targets(extractor, "model")
    targets.content(content, SIZE, ("conv2",), "zeros", "max")
    assert set(targets.content(content, SIZE, ("conv2", "conv4"), "zeros", "max")) == {"conv2", "conv4"}
    assert [taps for _, taps, *_ in extractor.calls] == [("conv2",), ("conv4",)]


def test_another_picture_size_border_pooling_or_kind_is_another_target(content: Picture, style: Picture) -> None:
    extractor = Recorder()
    targets = Targets(extractor, "model")
    for picture, size in ((content, SIZE), (style, SIZE), (content, (24, 32))):
        targets.content(picture, size, ("conv2",), "zeros", "max")
    targets.content(content, SIZE, ("conv2",), "replicate", "max")
    targets.style(content, SIZE, ("conv2",), "zeros", "max", "moments")
    targets.style(content, SIZE, ("conv2",), "zeros", "average", "moments")
    targets.style(content, SIZE, ("conv2",), "zeros", "average", "wasserstein")
    assert len(extractor.calls) == 7
    targets.style(content, SIZE, ("conv2",), "zeros", "average", "gram")  # which keeps the same as moments
    assert len(extractor.calls) == 7


def test_the_oldest_targets_go_when_the_limit_is_reached(content: Picture) -> None:
    one = 3 * 32 * 24 * 4  # bytes of one float32 target of the recorder
    extractor = Recorder()
    targets = Targets(extractor, "model", limit=2 * one)
    targets.content(content, SIZE, ("conv1", "conv2"), "zeros", "max")
    targets.content(content, SIZE, ("conv1",), "zeros", "max")  # conv2 is now the least recently used
    targets.content(content, SIZE, ("conv3",), "zeros", "max")
    assert targets.used_bytes == 2 * one
    targets.content(content, SIZE, ("conv1", "conv3"), "zeros", "max")
    assert [taps for _, taps, *_ in extractor.calls] == [("conv1", "conv2"), ("conv3",)]


@pytest.mark.parametrize("limit", [0, 100])
def test_what_does_not_fit_is_given_but_not_kept(content: Picture, limit: int) -> None:
    targets = Targets(Recorder(), "model", limit=limit)
    assert targets.content(content, SIZE, ("conv1",), "zeros", "max")["conv1"].shape == (1, 3, 24, 32)
    assert targets.used_bytes == 0


def test_what_wraps_around_is_computed_by_whom_can(content: Picture) -> None:
    usual, wrapping = Recorder(), Recorder()
    targets = Targets(usual, "model", wrapping=wrapping)
    targets.content(content, SIZE, ("conv2",), "replicate", "max")
    targets.content(content, SIZE, ("conv2",), "wrap", "max")
    assert [border for *_, border, _ in usual.calls] == ["replicate"]
    assert [border for *_, border, _ in wrapping.calls] == ["wrap"]


def test_a_style_whose_result_wraps_around_is_that_of_places_within_its_mirror_image(content: Picture) -> None:
    shown = content.resized((70, 66))
    extractor = Recorder()
    targets = Targets(extractor, "model", wrapping=Recorder())
    style = targets.style(shown, (70, 66), ("conv1",), "wrap", "max", "moments")
    assert extractor.calls == [((1, 3, 66 + 128, 70 + 128), ("conv1",), "replicate", "max")]
    expected = moments(shown.rgb + len("conv1"))
    torch.testing.assert_close(style["conv1"], expected)


def test_a_flat_style_has_no_edge_where_there_is_no_border(backbone: Backbone) -> None:
    flat = Picture(torch.full((1, 3, 72, 80), 0.6))
    spread = {
        border: Moments(
            *backbone.targets.style(flat, (80, 72), ("conv7",), border, "max", "moments")["conv7"]
        ).covariance.diagonal(0, 1, 2)
        for border in BORDERS
    }
    assert spread["wrap"].mean() < 0.01 * spread["replicate"].mean()


def test_margins_are_as_wide_as_a_picture_can_be_mirrored() -> None:
    assert [margin_of(size) for size in ((512, 300), (64, 65), (33, 90), (32, 32), (16, 40))] == [64, 48, 32, 16, 0]
