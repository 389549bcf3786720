"""Controls and recipe are each other's mirror, for every task and preset."""

from __future__ import annotations

import re

import pytest

from nst.errors import RecipeError
from nst.recipe import PRESETS, SETTINGS, TASKS, Recipe, setting, settings_of
from nst.ui.controls import KEPT, MAIN, Controls


@pytest.mark.parametrize("task", TASKS)
def test_every_setting_of_a_task_has_a_labelled_control_that_starts_at_its_default(task: str) -> None:
    made = Controls(task)
    assert [c.label for c in made.components[1:]] == [n.replace("_", " ").capitalize() for n in settings_of(task)]
    assert made.recipe([c.value for c in made.components]) == Recipe.preset(task=task)
    for name, component in zip(settings_of(task), made.components[1:], strict=True):
        assert setting(name).help[1:] in component.info


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("preset", PRESETS)
def test_a_recipe_goes_into_the_controls_and_comes_out_again(task: str, preset: str) -> None:
    made, recipe = Controls(task), Recipe.preset(preset, task, size=300, seed=5)
    values = made.values(recipe)
    assert values[0] == preset
    again = made.recipe(values)
    assert [getattr(again, name) for name in settings_of(task)] == [getattr(recipe, name) for name in settings_of(task)]


def test_a_recipe_that_is_no_preset_leaves_the_preset_blank() -> None:
    made = Controls("stylize")
    assert made.values(Recipe(tv_weight=0.5))[0] is None
    assert made.values(Recipe(strength=10))[0] == "balanced"  # which presets say nothing about


def test_choosing_a_preset_changes_all_but_what_presets_agree_on() -> None:
    made, base = Controls("stylize"), Recipe.preset("article")
    changed = [name for name in settings_of("stylize") if name not in KEPT]
    assert dict(zip(changed, made.choose("article"), strict=True)) == {name: getattr(base, name) for name in changed}
    assert {"size", "seed", "strength"} <= set(KEPT)
    assert {"first_steps", "content_weight", "init"} <= set(changed)


def test_an_emptied_box_is_named() -> None:
    made = Controls("stylize")
    values = made.values(Recipe())
    values[1 + settings_of("stylize").index("size")] = None
    with pytest.raises(RecipeError, match=re.escape("Size is empty: allowed is 16 to 4096 px.")):
        made.recipe(values)


def test_the_main_controls_are_settings_of_their_task() -> None:
    assert set(MAIN) == set(TASKS)
    assert all(name in settings_of(task) for task, names in MAIN.items() for name in names)
    assert all(setting(name).group for name in SETTINGS)
