"""Colors, blends, regions and the scale of strokes, from the recipe to the result."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from nst.errors import ImageError, RecipeError
from nst.painting.backbone import Backbone
from nst.painting.losses import Moments, gram_matrix, moments
from nst.painting.objective import Objective
from nst.painting.painting import stylize, synthesize
from nst.painting.regions import Region
from nst.painting.scene import MAX_ASPECT, Look, Scene, blended, style_size
from nst.painting.statistics import STATISTICS, Kept
from nst.pictures.color import luminance
from nst.pictures.picture import Picture, Size
from nst.pictures.torus import seams, without_seams
from nst.recipe import Recipe
from tests.conftest import smooth_picture

SIZE = (48, 40)


def recipe(**changes: Any) -> Recipe:
    return Recipe(**{"size": 48, "start_size": 32, "scale_step": 1.4, "first_steps": 3, "last_steps": 3, **changes})


def gray_picture(rows: Tensor) -> Picture:
    """A 48x40 mask from the whiteness of its 40 rows."""
    return Picture(rows.view(1, 1, 40, 1).expand(1, 3, 40, 48).contiguous(), name="mask")


TOP_HALF = torch.cat((torch.ones(20), torch.zeros(20)))


@pytest.fixture
def other() -> Picture:
    return smooth_picture(44, 40, seed=3)


def test_luminance_alone_keeps_the_contents_chroma(backbone: Backbone, content: Picture, style: Picture) -> None:
    result = stylize(content, style, recipe(colors="luminance"), backbone=backbone).result().rgb
    chroma, expected = (image - luminance(image) for image in (result, content.rgb))
    torch.testing.assert_close(chroma, expected, atol=1e-5, rtol=0)
    assert (luminance(result) - luminance(content.rgb)).abs().mean() > 0.005


def test_with_matched_colors_the_network_sees_a_style_in_the_contents_colors(content: Picture, style: Picture) -> None:
    (seen,) = Scene(recipe(colors="match"), content, (style,)).seen_styles
    torch.testing.assert_close(seen.rgb.mean((2, 3)), content.rgb.mean((2, 3)), atol=0.03, rtol=0)  # after clamping
    assert seen.digest != style.digest


@pytest.mark.parametrize("changes", [{}, {"init": "style-noise"}, {"colors": "match"}])
@pytest.mark.parametrize("case", ["spare of one color", "all gray but the spare", "of one color but the spare"])
def test_a_style_with_all_the_weight_is_alone(
    backbone: Backbone, content: Picture, style: Picture, other: Picture, case: str, changes: dict[str, Any]
) -> None:
    flat = Picture(torch.tensor([0.3, 0.5, 0.5]).view(1, 3, 1, 1).expand(1, 3, 44, 40).contiguous())
    given, counts, spare = {
        "spare of one color": (content, style, flat),
        "all gray but the spare": (grayed(content), grayed(style), other),
        "of one color but the spare": (content, flat, other),
    }[case]
    alone = stylize(given, counts, recipe(**changes), backbone=backbone).result()
    for blend_weights, styles in (((1, 0), [counts, spare]), ((0, 2), [spare, counts])):
        mixed = stylize(given, styles, recipe(style_blend=blend_weights, **changes), backbone=backbone)
        assert list(mixed.inputs) == ["content", "style", "style_2"]
        assert torch.equal(mixed.result().rgb, alone.rgb)


def test_a_style_without_a_share_is_not_looked_at(
    backbone: Backbone, content: Picture, style: Picture, other: Picture
) -> None:
    third = smooth_picture(40, 40, seed=4)
    for mask, blend, seen in ((None, (0, 1, 0), [other]), (gray_picture(TOP_HALF), (1, 0, 1), [style, third])):
        scene = Scene(recipe(style_blend=blend), content, (style, other, third), mask)
        assert list(scene.seen_styles) == seen


def test_with_a_mask_the_black_part_is_of_the_other_styles_that_have_a_share(
    backbone: Backbone, content: Picture, style: Picture, other: Picture
) -> None:
    third, mask = smooth_picture(40, 40, seed=4), gray_picture(TOP_HALF)
    three = stylize(
        content, [style, other, third], recipe(style_blend=(2, 0, 3)), mask=mask, backbone=backbone
    ).result()
    two = stylize(content, [style, third], recipe(), mask=mask, backbone=backbone).result()
    assert torch.equal(three.rgb, two.rgb)


def test_blended_moments_are_those_of_a_picture_made_of_both() -> None:
    first, second = (torch.rand(1, 5, 4, width, generator=torch.Generator().manual_seed(width)) for width in (6, 2))
    styles: list[dict[str, Kept]] = [{"conv2": moments(first)}, {"conv2": moments(second)}]
    mixed = Moments(*blended(styles, (3.0, 1.0), STATISTICS["moments"])["conv2"])
    both = moments(torch.cat((first, second), 3))  # three quarters of the positions are the first's
    torch.testing.assert_close(mixed.gram, both.gram)
    torch.testing.assert_close(mixed.covariance, both.covariance)


def test_covariance_is_the_gram_matrix_of_centred_features() -> None:
    features = torch.rand(1, 4, 5, 6, dtype=torch.float64)
    centred = features - features.mean((2, 3), keepdim=True)
    torch.testing.assert_close(moments(features).covariance, gram_matrix(centred))


def test_several_styles_make_one_texture(backbone: Backbone, style: Picture, other: Picture) -> None:
    changes = Recipe.preset(task="synthesize", size=40, start_size=0, first_steps=3)
    run = synthesize([style, other], changes, backbone=backbone)
    assert list(run.inputs) == ["style", "style_2"]
    assert run.result().rgb.isfinite().all()


@pytest.mark.parametrize("size", [SIZE, (24, 20)])
def test_a_mask_of_ones_is_no_mask(backbone: Backbone, content: Picture, style: Picture, size: Size) -> None:
    """Also one that is enlarged, which by itself leaves a little less than 1."""
    plain, masked = (
        stylize(content, style, recipe(), mask=mask, backbone=backbone).result()
        for mask in (None, gray_picture(torch.ones(40)).resized(size))
    )
    assert torch.equal(plain.rgb, masked.rgb)


def test_a_guide_of_ones_changes_no_moment() -> None:
    features = torch.rand(1, 4, 5, 6)
    torch.testing.assert_close(moments(features, torch.ones(1, 1, 5, 6)), moments(features))


def test_guided_moments_are_those_of_the_places_inside() -> None:
    features, guide = torch.rand(1, 4, 5, 6), torch.zeros(1, 1, 5, 6)
    guide[..., :2] = 1
    torch.testing.assert_close(moments(features, guide), moments(features[..., :2]))


@pytest.mark.parametrize("tap", ["conv2", "conv4", "conv7"])
def test_a_style_moves_no_pixel_beyond_one_position_of_its_deepest_tap(
    backbone: Backbone, content: Picture, style: Picture, tap: str
) -> None:
    stride = {"conv2": 1, "conv4": 2, "conv7": 4}[tap]
    target = {tap: moments(backbone.extractor(style.rgb, [tap])[tap])}
    mask = TOP_HALF.view(1, 1, 40, 1).expand(1, 1, 40, 48)
    objective = Objective(backbone.extractor.walk, {}, [Region(target, mask)], Recipe(tv_weight=1e-3))
    flat = torch.full((1, 3, 40, 48), 0.5, requires_grad=True)  # without total variation of its own
    gradient = objective.gradient(flat, objective.evaluate(flat))
    moved = gradient.abs().sum((0, 1, 3)) > 0
    assert moved[: 20 + stride].any()
    assert not moved[20 + stride :].any()


def test_on_a_torus_a_style_reaches_across_the_sides(backbone: Backbone, style: Picture) -> None:
    target = {"conv4": moments(backbone.extractor(style.rgb, ["conv4"])["conv4"])}
    mask = TOP_HALF.view(1, 1, 40, 1).expand(1, 1, 40, 48)
    changes = Recipe(tv_weight=1e-3, border="wrap")
    objective = Objective(backbone.extractor.walk, {}, [Region(target, mask)], changes)
    flat = torch.full((1, 3, 40, 48), 0.5, requires_grad=True)
    moved = objective.gradient(flat, objective.evaluate(flat)).abs().sum((0, 1, 3)) > 0
    assert moved[20:22].any()
    assert moved[38:].any()
    assert not moved[22:38].any()


def test_on_a_torus_the_content_is_one_too_and_the_style_is_not(
    backbone: Backbone, content: Picture, style: Picture
) -> None:
    scene = Scene(recipe(border="wrap", content_taps=("conv4",), style_taps=("conv13",)), content, (style,))
    look = Look(backbone.targets, SIZE, backbone.compute)
    features = scene.features(look)
    assert seams(content.rgb) == (2, 3)
    closed = without_seams(content.rgb, (2, 3))
    torch.testing.assert_close(features["conv4"], backbone.extractor(closed, ["conv4"], "wrap")["conv4"])
    assert scene.measured(style, look, ("conv13",), "moments")["conv13"][0].shape == (1, 512)


def test_what_stays_of_a_content_on_a_torus_has_no_seam_either(
    backbone: Backbone, content: Picture, style: Picture
) -> None:
    changes = recipe(border="wrap", size=48, upscale=True)
    run = stylize(content, style, changes, mask=gray_picture(TOP_HALF), backbone=backbone)
    result = run.result().rgb
    assert run.size == (48, 32)  # of 48x40, which is half way between
    closed = without_seams(content.resized((48, 32)).rgb, (2, 3))
    assert torch.equal(result[..., 17:, :], closed[..., 17:, :])


def test_with_one_style_the_black_part_stays_the_content(backbone: Backbone, content: Picture, style: Picture) -> None:
    result = stylize(content, style, recipe(), mask=gray_picture(TOP_HALF), backbone=backbone).result().rgb
    assert torch.equal(result[..., 20:, :], content.rgb[..., 20:, :])
    assert (result[..., :20, :] - content.rgb[..., :20, :]).abs().mean() > 0.01


def test_with_two_styles_each_has_its_part(
    backbone: Backbone, content: Picture, style: Picture, other: Picture
) -> None:
    scene = Scene(recipe(), content, (style, other), gray_picture(TOP_HALF))
    look = Look(backbone.targets, SIZE, backbone.compute)
    measured = [scene.measured(seen, look, ("conv1",), "moments") for seen in scene.seen_styles]
    first, second = scene.regions(measured, SIZE, "moments")
    assert first.mask is not None
    assert second.mask is not None
    assert torch.equal(first.mask + second.mask, torch.ones(1, 1, 40, 48))
    assert torch.equal(first.mask[0, 0, :, 0], TOP_HALF)
    run = stylize(content, [style, other], recipe(), mask=gray_picture(TOP_HALF), backbone=backbone)
    assert list(run.inputs) == ["content", "style", "style_2", "mask"]
    losses = [progress.losses().style for progress in run]
    assert losses[-1] < losses[0]


def test_of_a_mask_with_transparent_parts_the_opaque_ones_count(content: Picture, style: Picture) -> None:
    mask = Picture(torch.zeros(1, 3, 40, 48), TOP_HALF.view(1, 1, 40, 1).expand(1, 1, 40, 48).contiguous())
    scene = Scene(recipe(), content, (style,), mask)
    (region,) = scene.regions([{"conv1": Moments(torch.zeros(1, 3), torch.zeros(1, 3, 3))}], SIZE, "moments")
    assert region.mask is not None
    assert torch.equal(region.mask[0, 0, :, 0], TOP_HALF)


def test_style_scale_one_is_the_identity_and_two_is_twice_as_large(style: Picture) -> None:
    assert style_size(style, SIZE) == style_size(style, SIZE, 1.0) == (44, 48)
    assert style_size(style, SIZE, 2.0) == (87, 96)


def test_a_texture_larger_than_its_source_is_made_of_the_source_as_it_is(backbone: Backbone) -> None:
    """And a small one of a large source, when it is to be seen as it is."""
    source = smooth_picture(64, 48, seed=4)
    for size, upscale, scale in ((128, True, 0.5), (32, False, 2.0)):
        changes = Recipe.preset(task="synthesize", size=size, upscale=upscale, style_scale=scale)
        texture = synthesize(source, changes, backbone=backbone)
        assert max(texture.size) == size
        assert style_size(source, texture.size, scale) == (64, 48)


@pytest.mark.parametrize(
    ("changes", "styles", "mask", "error", "message"),
    [
        ({"style_blend": (1,)}, 2, None, RecipeError, "style_blend is 1 for 2 styles"),
        ({"style_blend": (0, 1)}, 1, None, RecipeError, "style_blend is 0,1 for 1 styles"),
        ({}, 5, None, RecipeError, "There are 5 styles, but at most 4"),
        ({"style_blend": (1, 0)}, 2, gray_picture(TOP_HALF), RecipeError, "style_blend is 1,0, but with a mask"),
        ({"style_blend": (0, 1)}, 2, gray_picture(TOP_HALF), RecipeError, "style_blend is 0,1, but with a mask"),
        ({"style_blend": (1, 0, 0)}, 3, gray_picture(TOP_HALF), RecipeError, "style_blend is 1,0,0, but with a mask"),
        ({}, 0, None, ImageError, "There is no style image"),
        ({}, 1, smooth_picture(40, 48, 5), ImageError, "both must have the same aspect ratio"),
        ({}, 1, gray_picture(torch.zeros(40)), ImageError, "The mask is all black"),
    ],
)
def test_what_can_not_be_is_said(
    backbone: Backbone,
    content: Picture,
    style: Picture,
    changes: dict[str, Any],
    styles: int,
    mask: Picture | None,
    error: type[Exception],
    message: str,
) -> None:
    with pytest.raises(error, match=message):
        stylize(content, [style] * styles, recipe(**changes), mask=mask, backbone=backbone).result()


def test_the_mean_is_kept_apart_from_the_gram_matrix() -> None:
    style = Moments(torch.tensor([[1.0, 2.0]]), torch.tensor([[[2.0, 2.0], [2.0, 5.0]]]))
    assert style.covariance.tolist() == [[[1, 0], [0, 1]]]


@pytest.mark.parametrize("inside", [slice(47, 48), slice(0, 1)])
@pytest.mark.parametrize("several", [False, True])
def test_a_mask_that_no_deep_position_sees_leaves_no_sum_at_zero(
    backbone: Backbone, content: Picture, style: Picture, other: Picture, inside: slice, several: bool
) -> None:
    """A last column of 47 is beyond the two positions of conv13, which see 32 pixels."""
    wide = Picture(content.rgb[..., :47], name="content")
    mask = torch.zeros(1, 3, 40, 47)
    mask[..., slice(inside.start - 1, inside.stop - 1) if inside.start else inside] = 1
    styles = [style, other] if several else [style]
    run = stylize(wide, styles, recipe(size=47, start_size=0), mask=Picture(mask), backbone=backbone)
    assert run.result().rgb.isfinite().all()
    assert run.latest is not None
    assert math.isfinite(run.latest.losses().total)


def half_hidden(picture: Picture, hidden: Tensor | float) -> Picture:
    """The picture, and as much again beside it that is transparent."""
    beside = torch.zeros_like(picture.rgb) + hidden
    cover = torch.cat((torch.ones_like(picture.rgb[:, :1]), torch.zeros_like(picture.rgb[:, :1])), 3)
    return Picture(torch.cat((picture.rgb, beside), 3), cover)


@pytest.mark.parametrize("name", ["conv1", "conv4", "conv7"])
def test_of_a_style_only_the_opaque_part_counts(backbone: Backbone, name: str) -> None:
    style, size = smooth_picture(64, 64, seed=2), (128, 64)
    dark, light = (half_hidden(style, value) for value in (0.0, 1.0))
    opaque = Moments(*backbone.targets.style(style, (64, 64), [name], "replicate", "max", "moments")[name])
    whole = Moments(*backbone.targets.style(Picture(dark.rgb), size, [name], "replicate", "max", "moments")[name])
    for hidden in (dark, light):
        seen = Moments(*backbone.targets.style(hidden, size, [name], "replicate", "max", "moments")[name])
        error, blind = ((moments.gram - opaque.gram).norm() / opaque.gram.norm() for moments in (seen, whole))
        assert error < 0.5 * blind  # not 0, as features at the border see beyond it


def test_an_opaque_alpha_changes_nothing_of_a_style(backbone: Backbone, style: Picture) -> None:
    covered = Picture(style.rgb, torch.ones_like(style.rgb[:, :1]))
    ours, theirs = (
        Moments(*backbone.targets.style(p, (40, 44), ["conv4"], "zeros", "max", "moments")["conv4"])
        for p in (style, covered)
    )
    assert torch.allclose(ours.gram, theirs.gram)
    assert torch.allclose(ours.mean, theirs.mean)


def test_hidden_colors_of_a_style_are_not_matched(content: Picture, style: Picture) -> None:
    for colors in ("match", "luminance"):
        (alone,) = Scene(recipe(colors=colors), content, (style,)).seen_styles
        (hidden,) = Scene(recipe(colors=colors), content, (half_hidden(style, 0.2),)).seen_styles
        assert torch.allclose(hidden.rgb[..., : style.width], alone.rgb, atol=1e-5)


def test_noise_in_the_colors_of_a_style_has_none_of_its_hidden_ones(backbone: Backbone, style: Picture) -> None:
    starts = [
        next(iter(synthesize(given, recipe(init="style-noise"), backbone=backbone))).image().mean()
        for given in (Picture(style.opaque), style)
    ]
    assert starts[0] == starts[1]
    assert torch.equal(half_hidden(style, 0.9).opaque.flatten(), style.rgb.flatten())


def test_a_transparent_style_is_told(content: Picture, style: Picture) -> None:
    with pytest.raises(ImageError, match="The style nothing is transparent"):
        Scene(recipe(), content, (style, Picture(style.rgb, torch.zeros(1, 1, 44, 40), "nothing")))


def test_a_mask_of_colors_is_told_and_one_of_slightly_tinted_grays_is_not(content: Picture, style: Picture) -> None:
    with pytest.raises(ImageError, match="The mask picture 5 has colors"):
        Scene(recipe(), content, (style,), smooth_picture(48, 40, seed=5))
    gray = gray_picture(torch.linspace(0, 1, 40))
    noise = 0.03 * torch.randn(gray.rgb.shape, generator=torch.Generator().manual_seed(0))
    Scene(recipe(), content, (style,), Picture((gray.rgb + noise).clamp(0, 1)))
    Scene(recipe(), content, (style,), Picture(content.rgb, gray.rgb[:, :1]))  # its alpha is the mask


def grayed(picture: Picture) -> Picture:
    return Picture(luminance(picture.rgb).repeat(1, 3, 1, 1), name="gray")


@pytest.mark.parametrize("init", ["random", "style-noise", "content"])
def test_of_gray_pictures_the_result_is_gray(backbone: Backbone, content: Picture, style: Picture, init: Any) -> None:
    result = stylize(grayed(content), grayed(style), recipe(init=init), backbone=backbone).result().rgb
    assert torch.equal(result[:, 0], result[:, 1])
    assert torch.equal(result[:, 0], result[:, 2])


def test_of_gray_pictures_there_is_color_where_it_may_come_from(
    backbone: Backbone, content: Picture, style: Picture
) -> None:
    gray = grayed(content)
    for made in (
        stylize(gray, style, recipe(), backbone=backbone),
        stylize(gray, grayed(style), recipe(init="image"), init_image=style, backbone=backbone),
        stylize(gray, grayed(style), recipe(init="random", loss="plain"), backbone=backbone),
    ):
        assert not torch.equal(made.result().rgb[:, 0], made.result().rgb[:, 1])


def test_of_nearly_gray_pictures_the_result_is_gray(backbone: Backbone, content: Picture, style: Picture) -> None:
    """As from a scanner, whose three channels have noise of their own."""
    noise = torch.randn(3, 1, generator=torch.Generator().manual_seed(0)).view(1, 3, 1, 1) / 255
    scanned = Picture((grayed(content).rgb + noise).clamp(0, 1))
    assert not torch.equal(scanned.rgb[:, 0], scanned.rgb[:, 1])
    result = stylize(scanned, grayed(style), recipe(), backbone=backbone).result().rgb
    assert torch.equal(result[:, 0], result[:, 1])
    assert torch.equal(result[:, 0], result[:, 2])


@pytest.mark.parametrize("turned", [False, True])
def test_a_style_too_long_and_thin_for_the_network_is_refused(content: Picture, turned: bool) -> None:
    """It would have to be 4096 times 128 px long: gigabytes for a picture of any size."""

    def strip(length: int) -> Picture:
        rgb = torch.zeros(1, 3, 16, length)
        return Picture(rgb.transpose(2, 3) if turned else rgb, name="strip.png")

    assert MAX_ASPECT == 128
    assert max(style_size(Scene(Recipe(), content, (strip(2048),)).styles[0], (64, 48))) == 4096
    with pytest.raises(ImageError, match=r"style strip.png is \d+x\d+ px as it is read, but may be at most 128 times"):
        Scene(Recipe(), content, (strip(2049),))
