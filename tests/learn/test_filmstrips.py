"""Filmstrips: what each frame is made from, and how near it is to the original."""

from __future__ import annotations

import numpy as np

from nst.learn.filmstrips import TAPS, original, runs
from nst.painting.backbone import Backbone
from nst.pictures.picture import Picture


def test_a_content_is_made_from_one_tap_and_a_texture_from_all_up_to_one(content: Picture, backbone: Backbone) -> None:
    reconstructions = list(runs("content", content, 40, 5, backbone))
    textures = list(runs("style", content, 40, 5, backbone))
    assert [step.run.recipe.content_taps for step in reconstructions] == [(tap,) for tap in TAPS]
    assert [step.run.recipe.style_taps for step in textures] == [TAPS[: i + 1] for i in range(len(TAPS))]
    assert [step.label for step in reconstructions] == list(TAPS)
    assert [step.label for step in textures][:2] == ["conv2", "conv2 to conv4"]
    for step in (*reconstructions, *textures):
        assert step.run.size == (40, 33)
        assert (step.run.recipe.start_size, step.run.recipe.first_steps, step.run.recipe.init) == (0, 5, "random")


def test_a_reconstruction_comes_nearer_with_every_step(content: Picture, backbone: Backbone) -> None:
    target = original(content, 40)
    assert target.shape == (33, 40, 3)
    short, long = (next(runs("content", content, 40, steps, backbone)).run.result() for steps in (2, 30))
    step = next(runs("content", content, 40, 1, backbone))
    far, near = step.measured(short, target), step.measured(long, target)
    assert near.metrics.mse < far.metrics.mse
    assert near.metrics.ssim > far.metrics.ssim
    assert near.metrics.mse == np.square(near.rgb / 255 - target / 255).mean()
