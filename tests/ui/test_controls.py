"""Controls and recipe are each other's mirror, for every task and preset."""

from __future__ import annotations

import json
import re

import pytest

from nst.errors import RecipeError
from nst.recipe import PRESETS, SETTINGS, PresetName, Recipe, setting, settings_of
from nst.task import TASKS, TaskName
from nst.ui.controls import SHARED_BY_PRESETS, Controls
from nst.ui.languages import ENGLISH, LANGUAGES
from tests.ui.markers import read


@pytest.mark.parametrize("task", TASKS)
def test_every_setting_of_a_task_has_a_labelled_control_that_starts_at_its_default(task: TaskName) -> None:
    controls = Controls(task)
    assert [read(str(c.label)) for c in controls.components[1:]] == [
        ENGLISH(f"setting.{name}.label") for name in settings_of(task)
    ]
    assert controls.recipe([c.value for c in controls.components]) == Recipe.preset(task=task)
    for name, component in zip(settings_of(task), controls.components[1:], strict=True):
        assert setting(name).help[1:] in read(str(component.info))


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("preset", PRESETS)
def test_a_recipe_goes_into_the_controls_and_comes_out_again(task: TaskName, preset: PresetName) -> None:
    controls, recipe = Controls(task), Recipe.preset(preset, task, size=300, seed=5)
    values = controls.values(recipe)
    assert values[0] == preset
    again = controls.recipe(values)
    assert [getattr(again, name) for name in settings_of(task)] == [getattr(recipe, name) for name in settings_of(task)]


def test_a_recipe_that_is_no_preset_leaves_the_preset_blank() -> None:
    controls = Controls("stylize")
    assert controls.values(Recipe(tv_weight=0.5))[0] is None
    assert controls.values(Recipe(strength=10))[0] == "balanced"  # which presets say nothing about


def test_choosing_a_preset_changes_all_but_what_presets_agree_on() -> None:
    controls, base = Controls("stylize"), Recipe.preset("article")
    changed = [name for name in settings_of("stylize") if name not in SHARED_BY_PRESETS]
    assert controls.choose("article") == [base.to_json()[name] for name in changed]
    assert {"size", "seed", "strength"} <= set(SHARED_BY_PRESETS)
    assert {"first_steps", "content_weight", "init"} <= set(changed)


def test_the_browser_knows_what_a_preset_changes() -> None:
    controls = Controls("stylize")
    values = json.loads(controls.choice_js.removeprefix("preset => (").removesuffix(")[preset]"))
    assert values == {preset: controls.choose(preset) for preset in PRESETS}


def test_settings_are_called_as_one_reads_them() -> None:
    assert [ENGLISH(f"setting.{name}.label") for name in ("size", "style_scale", "tv_weight")] == [
        "Size", "Style scale", "TV weight",
    ]  # fmt: skip


def test_an_emptied_box_is_named() -> None:
    controls = Controls("stylize")
    values = controls.values(Recipe())
    values[1 + settings_of("stylize").index("size")] = None
    with pytest.raises(RecipeError, match=re.escape("Size is empty: allowed is 16 to 8192 px.")):
        controls.recipe(values)


def test_the_main_controls_are_settings_of_their_task() -> None:
    assert all(name in settings_of(task.name) for task in TASKS.values() for name in task.main_settings)
    assert all(setting(name).group for name in SETTINGS)


def test_the_words_under_preset_name_each_of_them() -> None:
    for words in LANGUAGES.values():
        assert all(words(f"preset.{name}") in words("controls.preset_help") for name in PRESETS)


def test_ranges_are_said_in_chinese() -> None:
    controls, tag = Controls("stylize"), LANGUAGES["zh"].tag
    assert read(str(controls["size"].info), tag) == "结果图的长边；16 至 8192 px"
    assert read(str(controls["style_blend"].info), tag).endswith("；1 至 4 个数，从 0 到 1000，不能全为 0")
