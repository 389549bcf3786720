"""Recipes: validation, presets, JSON."""

import itertools
import json
import math
from typing import Any

import pytest

from nst.errors import RecipeError
from nst.recipe import PRESETS, SETTINGS, PresetName, Recipe, setting
from nst.task import TASKS, TaskName


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"size": 8}, "size is 8: allowed is a whole number, 16 to 8192 px."),
        ({"size": 512.5}, "size is 512.5: allowed is a whole number, 16 to 8192 px."),
        ({"size": "big"}, "size is 'big': allowed is a whole number, 16 to 8192 px."),
        ({"size": True}, "size is True: allowed is a whole number, 16 to 8192 px."),
        ({"size": None}, "size is None: allowed is a whole number, 16 to 8192 px."),
        ({"content_weight": math.nan}, "content_weight is nan: allowed is a number, 0 to 1000000."),
        ({"tv_weight": math.inf}, "tv_weight is inf: allowed is a number, 0 to 10000."),
        ({"average": 1.0}, "average is 1.0: allowed is a number, 0 to 0.999."),
        ({"upscale": 1}, "upscale is 1: allowed is true or false."),
        ({"optimizer": "adamw"}, "There is no optimizer 'adamw': choose from adam, lbfgs. Did you mean 'adam'?"),
        ({"style_taps": ()}, "style_taps is (): allowed is one or more of conv1 to conv13."),
        ({"style_taps": 3}, "style_taps is 3: allowed is one or more of conv1 to conv13."),
        ({"loss": 3}, "There is no loss 3: choose from relative, plain."),
        ({"content_weight": 0, "style_weight": 0}, "both 0: at least one must be more."),
        ({"sise": 512}, "There is no setting 'sise'"),
    ],
)
def test_a_wrong_value_is_refused_in_words(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(RecipeError) as caught:
        Recipe().changed(**changes)
    assert message in str(caught.value)


def test_an_unknown_layer_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(RecipeError, match=r"no layer for style_taps 'relu1'.*conv1, conv2"):
        Recipe(style_taps=("relu1",))


def test_taps_may_be_text_and_come_out_in_the_networks_order() -> None:
    assert Recipe(content_taps="conv7, conv2").content_taps == ("conv2", "conv7")  # type: ignore[arg-type]


def test_whole_numbers_pass_as_floats_and_become_the_fields_type() -> None:
    recipe = Recipe(size=256.0, tv_weight=1)  # type: ignore[arg-type]
    assert (recipe.size, type(recipe.size), type(recipe.tv_weight)) == (256, int, float)


def test_every_setting_says_what_it_is_and_accepts_its_own_bounds() -> None:
    for name in SETTINGS:
        about = setting(name)
        assert about.help
        value: Any
        if math.isfinite(about.high):
            for bound in (about.low, about.high):
                value = (1.0, bound) if about.many else type(getattr(Recipe(), name))(bound)
                assert getattr(Recipe(**{name: value}), name) == value
        for choice in about.choices or ():
            value = (choice,) if about.many else choice
            assert getattr(Recipe(**{name: value}), name) == value


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_survives_json(name: PresetName, task: TaskName) -> None:
    recipe = Recipe.preset(name, task)
    assert Recipe.from_json(json.dumps(recipe.to_json())) == recipe


def test_balanced_is_the_default() -> None:
    assert Recipe.preset() == Recipe.preset("balanced") == Recipe()


def test_the_article_preset_is_the_article() -> None:
    article = Recipe.preset("article")
    assert article.content_taps == ("conv2", "conv4", "conv7")
    assert article.style_taps == ("conv2", "conv4", "conv7", "conv10", "conv13")
    assert (article.loss, article.border, article.init, article.optimizer) == ("plain", "zeros", "random", "lbfgs")
    assert (article.start_size, article.style_falloff, article.tv_weight, article.average) == (0, 1, 0, 0)


def test_the_two_sub_problems_have_one_loss_each_and_start_from_noise() -> None:
    reconstruct, synthesize = (Recipe.preset(task=task) for task in ("reconstruct", "synthesize"))
    assert (reconstruct.style_weight, reconstruct.tv_weight, reconstruct.init) == (0, 0, "random")
    assert (synthesize.content_weight, synthesize.init) == (0, "random")


def test_a_texture_is_a_tile_unless_the_preset_or_somebody_says_otherwise() -> None:
    borders = {name: Recipe.preset(name, "synthesize").border for name in PRESETS}
    assert borders == {"fast": "wrap", "balanced": "wrap", "article": "zeros"}
    assert Recipe.preset("fast", "synthesize", border="replicate").border == "replicate"
    assert {Recipe.preset(task=task).border for task in ("stylize", "reconstruct")} == {"replicate"}


def test_an_unknown_preset_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(RecipeError, match=r"no preset 'balance'.*Did you mean 'balanced'"):
        Recipe.preset("balance")  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["{", "[1]", "3", '{"nope": 1}', '{"size": "x"}'])
def test_what_is_no_recipe_is_refused(text: str) -> None:
    with pytest.raises(RecipeError):
        Recipe.from_json(text)


def test_steps_lie_on_a_geometric_line() -> None:
    assert Recipe(first_steps=200, last_steps=50).scale_steps(3) == [200, 100, 50]
    assert Recipe(first_steps=200, last_steps=50).scale_steps(1) == [200]


def test_a_recipe_cannot_be_changed_in_place() -> None:
    with pytest.raises(AttributeError):
        Recipe().size = 3  # type: ignore[misc]


def test_a_number_too_large_for_any_float_is_out_of_range() -> None:
    for name in ("size", "tv_weight"):
        with pytest.raises(RecipeError, match=f"{name} is 10+…: allowed is"):
            Recipe(**{name: 10**400})  # type: ignore[arg-type]


def test_strength_moves_the_content_weight_on_a_log_scale() -> None:
    recipe = Recipe(content_weight=0.5)
    assert recipe.at_size(512).content_weight == 0.5
    assert recipe.changed(strength=0).at_size(512).content_weight == pytest.approx(50)
    weights = [recipe.changed(strength=s).at_size(512).content_weight for s in range(0, 101, 25)]
    ratios = [a / b for a, b in itertools.pairwise(weights)]
    assert ratios == pytest.approx([100 ** (1 / 3)] * 4)


def test_the_content_counts_more_in_a_larger_picture_if_losses_are_relative() -> None:
    recipe = Recipe(content_weight=0.1)
    assert recipe.at_size(384).content_weight == pytest.approx(0.1 * 0.75**1.7)
    assert recipe.at_size(256).content_weight == pytest.approx(0.1 * 0.5**1.7)
    assert recipe.at_size(64).content_weight == pytest.approx(0.1 * 0.5**1.7 * 0.25**0.65)
    assert recipe.at_size(1024).content_weight == pytest.approx(0.1 * 2**0.8)
    assert recipe.changed(loss="plain").at_size(1024).content_weight == pytest.approx(0.1)
    assert recipe.changed(content_weight=1e6, strength=0).at_size(4096).content_weight == 1e6


def test_a_misspelt_choice_is_seen_by_the_type_checker_too() -> None:
    """The type checker says so where an ignored error is none."""
    with pytest.raises(RecipeError, match=r"There is no colors 'luminence'.*Did you mean 'luminance'"):
        Recipe(colors="luminence")  # type: ignore[arg-type]
    with pytest.raises(RecipeError, match=r"There is no preset 'fats'.*Did you mean 'fast'"):
        Recipe.preset("fats")  # type: ignore[arg-type]
    with pytest.raises(RecipeError, match=r"There is no task 'stylise'.*Did you mean 'stylize'"):
        Recipe.preset("fast", "stylise")  # type: ignore[arg-type]


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


HOSTILE = {
    "huge": 10**400,
    "huge below 0": -(10**400),
    "too long to write": 10**5000,
    "nan": float("nan"),
    "infinity": float("inf"),
    "nested": nested(900),
    "list of lists": [[1.0]],
    "object": {"1": 1},
    "text": "x" * 1_000_000,
    "huge in a list": [10**400],
    "true in a list": [True, 1.0],
    "nan in a list": [float("nan")],
    "null": None,
    "empty": [],
}


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_what_json_can_carry_and_a_setting_can_not_is_told_in_one_sentence(name: str, value: object) -> None:
    with pytest.raises(RecipeError) as caught:
        Recipe.from_json({name: value})
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 700


@pytest.mark.parametrize("name", ["self", "cls", "", "__class__", "size ", "x" * 1_000_000, 7, None, ("a",)])
def test_a_key_that_is_no_setting_is_told(name: object) -> None:
    with pytest.raises(RecipeError, match="There is no setting"):
        Recipe.from_json({name: 1})  # type: ignore[dict-item]


@pytest.mark.parametrize("text", ['{"size": ' + "9" * 5000 + "}", '{"size": ' + "[" * 100_000 + "]" * 100_000 + "}"])
def test_json_that_python_can_not_read_is_told(text: str) -> None:
    with pytest.raises(RecipeError, match="too long for any setting"):
        Recipe.from_json(text)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, 1.0),
        ({"optimizer": "adam"}, 0.02),
        ({"optimizer": "adam", "learning_rate": 0.5}, 0.5),
        ({"optimizer": "lbfgs", "learning_rate": 0.1}, 0.1),
        ({"optimizer": "lbfgs", "learning_rate": 1.0}, 1.0),  # as pictures hold it that were made before
        ({"optimizer": "adam", "learning_rate": 1.0}, 1.0),
    ],
)
def test_a_step_is_as_long_as_it_suits_the_optimizer_unless_it_is_said(values: dict[str, Any], expected: float) -> None:
    assert Recipe.from_json(values).step_length == expected
    assert Recipe.from_json(Recipe.from_json(values).to_json()).step_length == expected
