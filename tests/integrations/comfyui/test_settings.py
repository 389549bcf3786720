"""Every setting of a recipe is an input, and what the inputs say is a recipe."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest

from nst.recipe import PRESETS, PresetName, Recipe, setting, settings_of
from nst.task import TASKS, TaskName
from tests.integrations.comfyui.comfy_stand_in import faults_of, run

NODE_OF: dict[TaskName, str] = {
    "stylize": "GramaryeStylize",
    "reconstruct": "GramaryeReconstruct",
    "synthesize": "GramaryeSynthesize",
}


def inputs_of(node: Any) -> dict[str, tuple[Any, dict[str, Any]]]:
    kinds = node.INPUT_TYPES()
    return {**kinds["required"], **kinds["optional"]}


def untouched(node: Any) -> dict[str, Any]:
    """What a node's widgets say when nobody has touched them: those of sockets have no default."""
    return {name: said["default"] for name, (_, said) in inputs_of(node).items() if "default" in said}


def test_every_field_of_a_recipe_is_an_input_where_it_means_something(nodes: dict[str, Any]) -> None:
    every = {field.name for field in fields(Recipe)}
    assert every <= set(inputs_of(nodes["GramaryeStylize"]))
    assert every <= set(inputs_of(nodes["GramaryeRecipe"]))
    for task, name in NODE_OF.items():
        assert every & set(inputs_of(nodes[name])) == set(settings_of(task))


@pytest.mark.parametrize("task", TASKS)
def test_an_input_has_the_fields_default_range_choices_and_words(nodes: dict[str, Any], task: TaskName) -> None:
    inputs = inputs_of(nodes[NODE_OF[task]])
    for name in settings_of(task):
        (kind, said), about = inputs[name], setting(name)
        default = getattr(Recipe.preset(task=task), name)
        assert about.help in said["tooltip"]
        assert about.allowed in said["tooltip"]
        if about.many:
            assert kind == "STRING"
            parts = [part.strip() for part in said["default"].split(",")]
            assert [type(default[0])(part) for part in parts] == list(default)
            continue
        assert said["default"] == default
        if about.choices:
            assert kind == list(about.choices)
        elif isinstance(default, bool):
            assert kind == "BOOLEAN"
        else:
            assert kind == ("INT" if isinstance(default, int) else "FLOAT")
            assert (said["min"], said["max"]) == (about.low, about.high)
            assert type(said["min"]) is type(said["max"]) is type(default)


def test_the_main_settings_are_required_and_the_others_asked_for_on_request(nodes: dict[str, Any]) -> None:
    for task, name in NODE_OF.items():
        kinds = nodes[name].INPUT_TYPES()
        assert list(kinds["required"]) == [*TASKS[task].inputs, "preset", *TASKS[task].main_settings]
        assert {said.get("advanced") for key, (_, said) in kinds["optional"].items() if key in settings_of(task)} == {
            True
        }


def test_the_image_inputs_are_those_of_the_task(nodes: dict[str, Any]) -> None:
    for task, name in NODE_OF.items():
        kinds = {key: kind for key, (kind, _) in inputs_of(nodes[name]).items() if kind in ("IMAGE", "MASK")}
        assert set(kinds) == set(TASKS[task].roles)
        assert {key for key, kind in kinds.items() if kind == "MASK"} == {
            key for key in kinds if key.endswith("mask") or key == "importance"
        }


def test_a_page_that_rounds_to_the_step_changes_no_value_of_a_preset_and_no_end_of_a_range(
    nodes: dict[str, Any],
) -> None:
    for task, node in NODE_OF.items():
        for name, (kind, said) in inputs_of(nodes[node]).items():
            if kind == "FLOAT":
                presets = [getattr(Recipe.preset(preset, task), name) for preset in PRESETS]
                for value in (*presets, said["min"], said["max"]):
                    assert value / said["step"] == pytest.approx(round(value / said["step"]), abs=1e-6), name
                assert all(said["step"] <= value / 100 for value in presets if value)


def test_a_seed_stays_as_it_is_from_one_run_to_the_next(nodes: dict[str, Any]) -> None:
    assert inputs_of(nodes["GramaryeStylize"])["seed"][1]["control_after_generate"] is False


# The recipe that they say


def said_by(nodes: dict[str, Any], task: TaskName, preset: PresetName, **changes: Any) -> Recipe:
    node = nodes["GramaryeRecipe"]
    (text,) = run(node, **(untouched(node) | {"task": task, "preset": preset} | changes))
    return Recipe.from_json(text)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("preset", PRESETS)
def test_widgets_that_nobody_touched_are_the_preset_for_the_task(
    nodes: dict[str, Any], task: TaskName, preset: PresetName
) -> None:
    assert said_by(nodes, task, preset) == Recipe.preset(preset, task)


def test_what_is_changed_is_changed_in_the_preset(nodes: dict[str, Any]) -> None:
    changes: dict[str, Any] = {
        "size": 300,
        "colors": "match",
        "style_blend": "1, 2.5",
        "content_taps": "conv4",
        "upscale": True,
    }
    assert said_by(nodes, "stylize", "fast", **changes) == Recipe.preset("fast", **changes)


def test_inputs_that_are_left_out_are_at_their_default(nodes: dict[str, Any]) -> None:
    (text,) = run(nodes["GramaryeRecipe"], task="stylize", preset="fast")
    assert Recipe.from_json(text) == Recipe.preset("fast")


# What can't be


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"content_taps": "conv99"}, "There is no layer for content_taps 'conv99': choose from conv1, conv2"),
        ({"style_taps": ""}, "There is no layer for style_taps ''"),
        ({"style_blend": "a lot"}, "style_blend is 'a lot': allowed is 1 to 4 numbers from 0 to 1000, not all 0."),
        ({"recipe": "{"}, "The recipe is not JSON"),
        ({"recipe": json.dumps({"strenght": 3})}, "There is no setting 'strenght'"),
    ],
)
def test_text_that_is_no_setting_is_refused_before_anything_runs(
    nodes: dict[str, Any], wrong: dict[str, str], said: str
) -> None:
    node = nodes["GramaryeStylize"]
    images = {"content": None, "style": None}
    (fault,) = faults_of(node, untouched(node) | images | wrong)
    assert fault.startswith(said)


def test_text_that_comes_from_another_node_is_not_asked_for_yet(nodes: dict[str, Any]) -> None:
    assert nodes["GramaryeStylize"].VALIDATE_INPUTS(recipe=None, style_taps=None) is True
