"""The family of style statistics: what each of its members promises."""

from __future__ import annotations

from typing import Any, get_args

import pytest
import torch
from torch import Tensor

from nst.painting.backbone import Backbone
from nst.painting.painting import stylize, synthesize
from nst.painting.statistics import STATISTICS
from nst.pictures.picture import Picture
from nst.recipe import Recipe, StyleStatistic

EACH = pytest.mark.parametrize("name", STATISTICS)


def noise(seed: int, width: int = 6) -> Tensor:
    return torch.rand(1, 4, 5, width, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def error(name: StyleStatistic, features: Tensor, style: Tensor, weight: float = 1.0, share: float = 1.0) -> float:
    statistic = STATISTICS[name]
    errors = statistic.distance(statistic.gather(style, None), weight, share, relative=True)(features, None)[1]
    return float(sum(errors))


def test_every_choice_of_the_recipe_is_a_member() -> None:
    assert tuple(STATISTICS) == get_args(StyleStatistic)


@EACH
def test_a_style_is_at_no_distance_from_itself_wherever_things_are(name: StyleStatistic) -> None:
    assert error(name, noise(1), noise(1)) == pytest.approx(0, abs=1e-12)
    assert error(name, noise(1).flip(3), noise(1)) == pytest.approx(0, abs=1e-12)
    assert error(name, noise(2), noise(1)) > 1e-4


@EACH
def test_the_weight_is_that_of_all_parts_together(name: StyleStatistic) -> None:
    assert error(name, noise(2), noise(1), weight=3.0) == pytest.approx(3 * error(name, noise(2), noise(1)))
    assert error(name, noise(2), noise(1), share=0.25) == pytest.approx(error(name, noise(2), noise(1)) / 4)


@EACH
def test_a_relative_error_does_not_depend_on_the_layers_scale(name: StyleStatistic) -> None:
    assert error(name, 7 * noise(2), 7 * noise(1)) == pytest.approx(error(name, noise(2), noise(1)))


@EACH
def test_as_many_errors_as_parts(name: StyleStatistic) -> None:
    distance = STATISTICS[name].distance(STATISTICS[name].gather(noise(1), None), 1.0, 1.0, relative=False)
    assert len(distance(noise(2), None)[1]) == distance.parts


@EACH
def test_a_picture_made_of_both_styles_is_near_to_their_blend(name: StyleStatistic) -> None:
    statistic = STATISTICS[name]
    kept = [statistic.gather(style, None) for style in (noise(1), 2 + noise(2))]
    blend, both = statistic.blend(kept, (0.5, 0.5)), torch.cat((noise(1), 2 + noise(2)), 3)
    assert float(sum(statistic.distance(blend, 1.0, 1.0, relative=True)(both, None)[1])) < 0.01
    assert float(sum(statistic.distance(blend, 1.0, 1.0, relative=True)(noise(1), None)[1])) > 0.1


@EACH
def test_every_member_paints(name: StyleStatistic, backbone: Backbone, content: Picture, style: Picture) -> None:
    changes: dict[str, Any] = {"size": 48, "start_size": 0, "first_steps": 6, "optimizer": "adam"}
    recipe = Recipe(**changes, style_statistic=name)
    mask = Picture(torch.cat((torch.ones(1, 3, 40, 24), torch.zeros(1, 3, 40, 24)), 3))
    losses = [progress.losses().total for progress in stylize(content, style, recipe, mask=mask, backbone=backbone)]
    assert losses[-1] < losses[0]
    texture = Recipe.preset(task="synthesize", **changes, style_statistic=name)
    losses = [progress.losses().style for progress in synthesize([style, content], texture, backbone=backbone)]
    assert losses[-1] < losses[0]
