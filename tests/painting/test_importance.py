"""How much each place of the content counts."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from nst.errors import ImageError
from nst.painting.backbone import Backbone
from nst.painting.importance import focus_weights, weights_at
from nst.painting.painting import Painting, stylize
from nst.painting.scene import Scene
from nst.pictures.picture import Picture
from nst.recipe import Recipe
from nst.taps import BY_NAME
from tests.conftest import smooth_picture

SIZE = (48, 40)


def recipe(**changes: Any) -> Recipe:
    return Recipe(**{"size": 48, "start_size": 0, "first_steps": 20, "tolerance": 0.0, **changes})


def left(white: float = 1.0) -> Picture:
    """A 48x40 map, so white in its left third and black elsewhere."""
    rgb = torch.zeros(1, 3, 40, 48)
    rgb[..., :16] = white
    return Picture(rgb, name="importance")


def test_weights_are_one_on_average_and_in_the_ratio_that_is_asked_for() -> None:
    importance = torch.tensor([[[[1.0, 0.5, 0.0, 0.0]]]])
    weights = focus_weights(importance, 5.0)
    assert weights is not None
    assert weights.flatten().tolist() == pytest.approx([5 / 2.5, 3 / 2.5, 1 / 2.5, 1 / 2.5])


@pytest.mark.parametrize("importance", [torch.zeros(1, 1, 3, 4), torch.full((1, 1, 3, 4), 0.3), torch.ones(1, 1, 3, 4)])
def test_where_all_places_are_alike_there_are_no_weights(importance: Tensor) -> None:
    assert focus_weights(importance, 8.0) is None


def test_a_focus_of_one_makes_all_places_alike() -> None:
    assert focus_weights(torch.rand(1, 1, 3, 4), 1.0) is None


@pytest.mark.parametrize("tap", ["conv2", "conv4", "conv7", "conv13"])
def test_weights_lie_on_the_grid_of_each_tap(backbone: Backbone, tap: str) -> None:
    weights = focus_weights(torch.rand(1, 1, 37, 51, generator=torch.Generator().manual_seed(0)), 20.0)
    assert weights is not None
    at_tap = weights_at(weights, tap)
    features = backbone.extractor(torch.rand(1, 3, 37, 51), [tap])[tap]
    assert at_tap.shape[2:] == features.shape[2:]
    assert float(at_tap.mean()) == pytest.approx(1, abs=1e-6)
    stride = BY_NAME[tap].stride
    cell = weights[..., :stride, stride : 2 * stride].mean()  # the second of the first row
    assert float(at_tap[0, 0, 0, 1] / at_tap[0, 0, 0, 0]) == pytest.approx(
        float(cell / weights[..., :stride, :stride].mean()), rel=1e-5
    )


def test_a_scene_has_its_map_at_every_size(content: Picture, style: Picture) -> None:
    scene = Scene(recipe(content_focus=4), content, (style,), importance=left())
    for width, height in (SIZE, (24, 20)):
        weights = scene.weights((width, height))
        assert weights is not None
        assert weights.shape == (1, 1, height, width)
        assert float(weights.mean()) == pytest.approx(1, abs=1e-6)
        assert float(weights[..., 0].mean() / weights[..., -1].mean()) == pytest.approx(4, rel=0.01)


def test_of_a_map_with_transparent_parts_the_opaque_ones_count(content: Picture, style: Picture) -> None:
    by_white, by_alpha = left(), Picture(torch.zeros(1, 3, 40, 48), left().rgb[:, :1])
    first, second = (
        Scene(recipe(), content, (style,), importance=given).weights(SIZE) for given in (by_white, by_alpha)
    )
    assert first is not None
    assert second is not None
    torch.testing.assert_close(first, second)


def test_what_is_found_is_added_to_what_was_painted(content: Picture, style: Picture) -> None:
    found = left().rgb[:, :1].flip(3)
    both = Scene(recipe(), content, (style,), importance=left()).weights(SIZE, found)
    assert both is not None
    kept = both[0, 0, 0] > 1
    assert kept.tolist() == [True] * 16 + [False] * 16 + [True] * 16
    assert Scene(recipe(), content, (style,)).weights(SIZE) is None


def painted(backbone: Backbone, content: Picture, style: Picture, **given: Any) -> Painting:
    focus = given.pop("content_focus", 8.0)
    return stylize(content, style, recipe(content_focus=focus, content_target="own"), backbone=backbone, **given)


@pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
def test_a_map_of_one_tone_is_no_map(backbone: Backbone, content: Picture, style: Picture, value: float) -> None:
    tone, scales = Picture(torch.full((1, 3, 80, 96), value)), recipe(start_size=32, scale_step=1.4, first_steps=3)
    plain, toned = (
        stylize(content, style, scales, importance=given, backbone=backbone).result() for given in (None, tone)
    )
    assert torch.equal(toned.rgb, plain.rgb)


def test_what_is_white_stays_nearer_to_the_content_and_the_rest_goes_further(
    backbone: Backbone, content: Picture, style: Picture
) -> None:
    plain = painted(backbone, content, style).result()
    focused = painted(backbone, content, style, importance=left(), content_focus=50.0).result()
    before, after = ((made.rgb - content.rgb).square() for made in (plain, focused))
    assert after[..., :14].mean() < 0.9 * before[..., :14].mean()
    assert after[..., 24:].mean() > before[..., 24:].mean()


def test_what_does_not_fit_the_content_is_told(content: Picture, style: Picture) -> None:
    with pytest.raises(ImageError, match="The importance image is 40x48 px and the content 48x40 px: both must have"):
        Scene(recipe(), content, (style,), importance=smooth_picture(40, 48, seed=5))
    with pytest.raises(ImageError, match="The importance image picture 5 has colors: make it white where the content"):
        Scene(recipe(), content, (style,), importance=smooth_picture(48, 40, seed=5))
