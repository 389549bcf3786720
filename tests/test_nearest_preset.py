"""Which preset a recipe is told by, and what it says besides."""

from __future__ import annotations

import pytest

from nst.nearest_preset import changes, nearest_preset
from nst.recipe import PRESETS, PresetName, Recipe
from nst.task import TASKS, TaskName


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_is_its_own_nearest(task: TaskName, preset: PresetName) -> None:
    recipe = Recipe.preset(preset, task)
    assert nearest_preset(recipe, task) == preset
    assert changes(recipe, task, preset) == {}


def test_what_differs_from_it_is_told_as_plain_values() -> None:
    recipe = Recipe.preset("fast", size=700, style_taps=("conv1", "conv9"))
    assert nearest_preset(recipe, "stylize") == "fast"
    assert changes(recipe, "stylize", "fast") == {"size": 700, "style_taps": ["conv1", "conv9"]}
