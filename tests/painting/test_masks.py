"""Masks on styles: only what is white in them is taken on."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from nst.errors import ImageError
from nst.painting.backbone import Backbone
from nst.painting.losses import Moments
from nst.painting.masks import meant_part
from nst.painting.painting import painting_of, stylize, synthesize
from nst.painting.scene import Scene
from nst.pictures.picture import Picture
from nst.recipe import Recipe
from tests.conftest import smooth_picture

QUICK: dict[str, Any] = {"size": 48, "start_size": 0, "first_steps": 3}

LEFT_HALF = torch.cat((torch.ones(1, 1, 44, 20), torch.zeros(1, 1, 44, 20)), 3)
"""Of the style, which is 40x44."""


def as_mask(cover: Tensor, name: str = "mask.png") -> Picture:
    """A gray picture as white as the cover is, 1x1xHxW."""
    return Picture(cover.repeat(1, 3, 1, 1), name=name)


def test_of_a_masked_style_what_is_white_is_opaque_and_its_colors_stay(style: Picture) -> None:
    meant = meant_part(style, as_mask(LEFT_HALF))
    assert meant.alpha is not None
    torch.testing.assert_close(meant.alpha, LEFT_HALF)
    assert torch.equal(meant.rgb, style.rgb)
    assert meant.digest != style.digest  # by which its targets are kept


def test_a_mask_of_another_size_is_laid_over_the_whole_style(style: Picture) -> None:
    meant = meant_part(style, as_mask(LEFT_HALF.repeat_interleave(2, 2).repeat_interleave(2, 3)))
    assert meant.alpha is not None
    assert meant.alpha.shape == LEFT_HALF.shape
    assert meant.alpha[..., :18].min() > 0.99
    assert meant.alpha[..., 22:].max() < 0.01


@pytest.mark.parametrize("mask", [None, as_mask(torch.ones(1, 1, 44, 40)), as_mask(torch.ones(1, 1, 22, 20))])
def test_a_white_mask_is_no_mask(style: Picture, mask: Picture | None) -> None:
    assert meant_part(style, mask) is style


GRAY = torch.zeros(1, 3, 88, 80)
GRAY[..., :44, :40] = 100 / 255
"""A mask at twice the style's size, less than half as bright as white; made smaller it is brightest in one corner."""


def test_of_a_style_masked_in_gray_all_that_is_gray_is_opaque(style: Picture) -> None:
    meant = meant_part(style, Picture(GRAY))
    assert torch.equal(meant.opaque, style.rgb[..., :22, :20].reshape(1, 3, 1, -1))


@pytest.mark.parametrize("changes", [{}, {"init": "style-noise"}, {"colors": "luminance"}])
def test_a_style_masked_in_gray_is_not_taken_for_one_of_one_color(
    backbone: Backbone, content: Picture, style: Picture, changes: dict[str, Any]
) -> None:
    recipe = Recipe(**QUICK, **changes)
    (seen,) = Scene(recipe, content, (style,), style_masks=(Picture(GRAY),)).seen_styles
    assert seen.alpha is not None  # that of a content in one color is gone
    result = stylize(content, style, recipe, style_mask=Picture(GRAY), backbone=backbone).result()
    assert bool(result.rgb.isfinite().all())


def test_what_is_transparent_in_a_style_stays_so_under_its_mask(style: Picture) -> None:
    top = LEFT_HALF.new_zeros(LEFT_HALF.shape)
    top[..., :22, :] = 0.5
    meant = meant_part(Picture(style.rgb, top), as_mask(LEFT_HALF))
    assert meant.alpha is not None
    torch.testing.assert_close(meant.alpha, 0.5 * LEFT_HALF * (top > 0))


def test_of_a_mask_with_transparent_parts_the_opaque_ones_are_white(style: Picture) -> None:
    meant = meant_part(style, Picture(style.rgb, LEFT_HALF))
    assert meant.alpha is not None
    assert torch.equal(meant.alpha, LEFT_HALF)


def test_a_masked_style_paints_as_one_that_is_transparent_there(
    backbone: Backbone, content: Picture, style: Picture
) -> None:
    recipe = Recipe(**QUICK, colors="match")
    masked = stylize(content, style, recipe, style_mask=as_mask(LEFT_HALF), backbone=backbone).result()
    cut_out = stylize(content, Picture(style.rgb, LEFT_HALF), recipe, backbone=backbone).result()
    whole = stylize(content, style, recipe, backbone=backbone).result()
    assert torch.equal(masked.rgb, cut_out.rgb)
    assert not torch.equal(masked.rgb, whole.rgb)


def test_a_texture_is_made_of_the_part_that_is_meant(backbone: Backbone, style: Picture) -> None:
    recipe = Recipe.preset(task="synthesize", **QUICK)
    run = synthesize(style, recipe, style_mask=as_mask(LEFT_HALF), backbone=backbone)
    assert list(run.inputs) == ["style", "style_mask"]
    assert torch.equal(
        run.result().rgb, synthesize(Picture(style.rgb, LEFT_HALF), recipe, backbone=backbone).result().rgb
    )


def test_each_of_several_styles_has_its_own_mask_or_none(backbone: Backbone, content: Picture, style: Picture) -> None:
    other, mask = smooth_picture(40, 44, seed=3), as_mask(LEFT_HALF)
    recipe = Recipe(**QUICK)
    run = stylize(content, [style, other], recipe, style_mask=[None, mask], backbone=backbone)
    assert list(run.inputs) == ["content", "style", "style_2", "style_2_mask"]
    cut_out = stylize(content, [style, Picture(other.rgb, LEFT_HALF)], recipe, backbone=backbone)
    assert torch.equal(run.result().rgb, cut_out.result().rgb)


def test_by_role_a_mask_stays_with_its_style_where_one_is_left_out(backbone: Backbone, style: Picture) -> None:
    recipe, mask = Recipe.preset(task="synthesize", **QUICK), as_mask(LEFT_HALF)
    other = smooth_picture(40, 44, seed=3)
    run = painting_of("synthesize", {"style": style, "style_3": other, "style_3_mask": mask}, recipe, backbone)
    assert {role: picture.digest for role, picture in run.inputs.items()} == {
        "style": style.digest,
        "style_2": other.digest,
        "style_2_mask": mask.digest,
    }
    with pytest.raises(ImageError, match="There is a style 2 mask, but no style 2: give that image too"):
        painting_of("synthesize", {"style": style, "style_2_mask": mask}, recipe, backbone)


@pytest.mark.parametrize(
    ("masks", "message"),
    [
        ((as_mask(LEFT_HALF[..., :30]),), "style mask is 30x44 px and the style picture 2 40x44 px: both must have"),
        (
            (smooth_picture(40, 44, seed=5),),
            "The style mask picture 5 has colors: make it white where the style is meant",
        ),
        ((as_mask(torch.zeros(1, 1, 44, 40)),), "The style picture 2 is black in its mask, or transparent, everywhere"),
        ((None, as_mask(LEFT_HALF)), "There are 2 style masks, but 1 styles"),
    ],
)
def test_a_mask_that_can_not_be_is_told(
    content: Picture, style: Picture, masks: tuple[Picture | None, ...], message: str
) -> None:
    with pytest.raises(ImageError, match=message):
        Scene(Recipe(), content, (style,), style_masks=masks)


def test_what_no_position_of_a_deep_tap_sees_is_looked_at_where_it_is_nearest(
    backbone: Backbone, style: Picture
) -> None:
    """The last 7 columns of 39 are beyond the two positions of conv13, which see 32 pixels."""
    last = torch.zeros(1, 1, 44, 39)
    last[..., 34:] = 1
    strip = Picture(style.rgb[..., :39], last)
    seen = Moments(*backbone.targets.style(strip, (39, 44), ["conv13"], "replicate", "max", "moments")["conv13"])
    features = backbone.extractor(strip.rgb, ["conv13"], "replicate")["conv13"]
    expected = features[..., -1].mean(2)  # each of its two places in the last column counts the same
    torch.testing.assert_close(seen.mean, expected, rtol=1e-4, atol=1e-5)


def test_colors_outside_of_what_is_meant_give_no_gray_picture_any(backbone: Backbone, content: Picture) -> None:
    gray = content.rgb.mean(1, keepdim=True).repeat(1, 3, 1, 1)
    half_red = gray.clone()
    half_red[:, 0, :, 24:] = 1
    cover = torch.zeros(1, 1, 40, 48)
    cover[..., :24] = 1
    result = stylize(Picture(gray), Picture(half_red), Recipe(**QUICK), style_mask=as_mask(cover), backbone=backbone)
    rgb = result.result().rgb
    assert torch.equal(rgb[:, 0], rgb[:, 1])
    assert torch.equal(rgb[:, 0], rgb[:, 2])
