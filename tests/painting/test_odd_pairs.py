"""Pairs that people do try: each gives a picture that makes sense, or a sentence that says why not."""

from __future__ import annotations

import pytest
import torch

from nst.painting.backbone import Backbone
from nst.painting.painting import stylize
from nst.painting.scene import Scene
from nst.pictures.picture import Picture
from nst.recipe import Colors, Recipe
from tests.conftest import smooth_picture


def flat(value: float, width: int = 48, height: int = 40) -> Picture:
    return Picture(torch.full((1, 3, height, width), value))


ODD = {
    "black content": (flat(0.0), smooth_picture(40, 44, seed=2)),
    "white content": (flat(1.0), smooth_picture(40, 44, seed=2)),
    "flat style": (smooth_picture(48, 40, seed=1), flat(0.5)),
    "black style": (smooth_picture(48, 40, seed=1), flat(0.0)),
    "both black": (flat(0.0), flat(0.0)),
    "panorama": (smooth_picture(256, 16, seed=1), smooth_picture(40, 44, seed=2)),
    "panorama as style": (smooth_picture(48, 40, seed=1), smooth_picture(256, 16, seed=2)),
    "tiny style": (smooth_picture(48, 40, seed=1), Picture(torch.rand(1, 3, 2, 3))),
    "transparent": (Picture(torch.rand(1, 3, 40, 48), torch.zeros(1, 1, 40, 48)), smooth_picture(40, 44, seed=2)),
}


@pytest.mark.parametrize("colors", ["style", "luminance", "match"])
@pytest.mark.parametrize("pair", ODD)
def test_an_odd_pair_gives_a_picture(backbone: Backbone, pair: str, colors: Colors) -> None:
    content, style = ODD[pair]
    recipe = Recipe(size=max(48, content.width), start_size=0, first_steps=3, colors=colors)
    picture = stylize(content, style, recipe, backbone=backbone).result()
    assert (picture.width, picture.height) == (content.width, content.height)
    assert bool(torch.isfinite(picture.rgb).all())
    assert 0 <= picture.rgb.min()
    assert picture.rgb.max() <= 1


def test_the_content_as_its_own_style_stays_as_it_is(backbone: Backbone, content: Picture) -> None:
    recipe = Recipe(size=48, start_size=0, first_steps=20, tv_weight=0)
    picture = stylize(content, content, recipe, backbone=backbone).result()
    assert (picture.rgb - content.rgb).abs().mean() < 0.01


def test_a_style_of_one_color_gives_the_content_in_that_color(backbone: Backbone, content: Picture) -> None:
    """It starts there, and there the style has nothing against it."""
    teal = Picture(torch.tensor([0.3, 0.5, 0.5]).view(1, 3, 1, 1).expand(1, 3, 40, 48).contiguous())
    first = next(stylize(content, teal, Recipe(size=48, start_size=0, first_steps=1), backbone=backbone))
    assert first.losses().style == pytest.approx(0, abs=1e-3)
    start = Scene(Recipe(), content, (teal,)).content_to_start_from
    assert start is not None
    torch.testing.assert_close(start.rgb.mean((2, 3)), teal.rgb.mean((2, 3)), rtol=0, atol=0.02)
    both = torch.stack((start.rgb.mean(1).flatten(), content.rgb.mean(1).flatten()))
    assert torch.corrcoef(both)[0, 1] > 0.99


def test_beside_a_style_of_one_color_the_content_is_moved_to_it_before_the_start() -> None:
    content = Picture(torch.linspace(0.3, 0.5, 40 * 48).view(1, 1, 40, 48).repeat(1, 3, 1, 1))
    start = Scene(Recipe(), content, (flat(0.7),)).content_to_start_from
    assert start is not None
    torch.testing.assert_close(start.rgb, content.rgb + 0.3)  # from a mean of 0.4 to 0.7
    noisy = Picture(flat(0.7).rgb + 0.05 * torch.randn(1, 3, 40, 48, generator=torch.Generator().manual_seed(0)))
    assert Scene(Recipe(), content, (noisy,)).content_to_start_from is content


def test_in_a_color_without_room_a_quarter_of_the_contrast_is_left() -> None:
    ramp = torch.linspace(0.0, 1.0, 40 * 48).view(1, 1, 40, 48).repeat(1, 3, 1, 1)
    (black,) = Scene(Recipe(), Picture(ramp), (flat(0.0),)).seen_styles
    torch.testing.assert_close(black.rgb, (0.25 * (ramp - 0.5)).clamp_min(0))


def test_a_texture_of_one_color_is_of_that_color() -> None:
    style = flat(0.5)
    assert Scene(Recipe.preset(task="synthesize"), None, (style,)).seen_styles == (style,)
