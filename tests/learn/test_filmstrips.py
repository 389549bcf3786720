"""Filmstrips: what each frame is made from, and how near it is to the original."""

from __future__ import annotations

import numpy as np

from nst.learn.filmstrips import filmstrip_paintings, original_at
from nst.painting.backbone import Backbone
from nst.pictures.picture import Picture
from nst.taps import ARTICLE_STYLE_TAPS


def test_a_content_is_made_from_one_tap_and_a_texture_from_all_up_to_one(content: Picture, backbone: Backbone) -> None:
    reconstructions = list(filmstrip_paintings("content", content, 40, 5, backbone))
    textures = list(filmstrip_paintings("style", content, 40, 5, backbone))
    taps = ARTICLE_STYLE_TAPS
    assert [strip.painting.recipe.content_taps for strip in reconstructions] == [(tap,) for tap in taps]
    assert [strip.painting.recipe.style_taps for strip in textures] == [taps[: i + 1] for i in range(len(taps))]
    assert [strip.label for strip in reconstructions] == list(taps)
    assert [strip.label for strip in textures][:2] == ["conv2", "conv2 to conv4"]
    for strip in (*reconstructions, *textures):
        recipe = strip.painting.recipe
        assert strip.painting.size == (40, 33)
        assert (recipe.start_size, recipe.first_steps, recipe.init) == (0, 5, "random")


def test_a_reconstruction_comes_nearer_with_every_step(content: Picture, backbone: Backbone) -> None:
    original = original_at(content, 40)
    assert original.shape == (33, 40, 3)
    short, long = (next(filmstrip_paintings("content", content, 40, steps, backbone)) for steps in (2, 30))
    far, near = (strip.frame_of(strip.painting.result(), original) for strip in (short, long))
    assert near.metrics.mse < far.metrics.mse
    assert near.metrics.ssim > far.metrics.ssim
    assert near.metrics.mse == np.square(near.rgb / 255 - original / 255).mean()
