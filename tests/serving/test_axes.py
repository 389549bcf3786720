"""What a series varies: from text to axes, and from axes to cells."""

from __future__ import annotations

from typing import Any

import pytest

from nst.errors import ImageError, RecipeError
from nst.recipe import Recipe
from nst.serving.axes import Axis, axes_of, parse_axis, plan_series


@pytest.mark.parametrize(
    ("text", "name", "values", "labels"),
    [
        ("strength=20,40.5,60", "strength", (20.0, 40.5, 60.0), ("strength 20", "strength 40.5", "strength 60")),
        ("size = 128, 256", "size", (128, 256), ("size 128", "size 256")),
        ("style-scale=0.5,1,0.5", "style_scale", (0.5, 1.0), ("style scale 0.5", "style scale 1")),
        ("colors=style;luminance", "colors", ("style", "luminance"), ("colors style", "colors luminance")),
        ("auto_focus=false,true", "auto_focus", (False, True), ("auto focus false", "auto focus true")),
        (
            "style_taps=conv1,conv2;conv5",
            "style_taps",
            (("conv1", "conv2"), ("conv5",)),
            ("style taps conv1,conv2", "style taps conv5"),
        ),
    ],
)
def test_an_axis_is_read_from_text(text: str, name: str, values: tuple[Any, ...], labels: tuple[str, ...]) -> None:
    assert parse_axis(text) == Axis(name, values, labels)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("strenght=20", r"There is no setting that can be varied 'strenght'.*Did you mean 'strength'\?"),
        ("style_blend=1,2", "There is no setting that can be varied 'style_blend'"),
        ("strength", "There are no values of strength: write them as strength=20,40,60."),
        ("strength=", "There are no values of strength"),
        ("strength=20,,40", "strength is '': allowed is a number, 0 to 100."),
        ("strength=20,101", "strength is 101: allowed is a number, 0 to 100."),
        ("size=100.5", "size is 100.5: allowed is a whole number, 16 to 8192 px."),
        ("colors=red", "There is no colors 'red': choose from style, luminance, match."),
        ("auto_focus=maybe", "auto_focus is 'maybe': allowed is true or false."),
    ],
)
def test_what_is_wrong_with_an_axis_is_said_by_the_recipes_own_checks(text: str, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        parse_axis(text)


@pytest.mark.parametrize(
    "given",
    [
        ["strength=20,40", "seed=1,2"],
        ("strength=20,40", "seed=1,2"),
        {"strength": [20, 40.0], "seed": [1, 2, 1]},
    ],
)
def test_programs_give_texts_or_an_object(given: Any) -> None:
    assert axes_of(given) == [parse_axis("strength=20,40"), parse_axis("seed=1,2")]


def test_one_text_is_one_axis_and_nothing_is_none() -> None:
    assert axes_of("strength=20") == [parse_axis("strength=20")]
    assert axes_of(None) == axes_of([]) == axes_of({}) == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (7, "vary is 7: give it as"),
        ([["strength=20"]], "vary is .*: give it as"),
        ({"strength": 20}, "strength is to be varied over 20: give a list of values."),
        ({"strength": []}, "give a list of values"),
        ({"strength": ["20"]}, "strength is '20': allowed is a number"),
        ({"nothing": [1]}, "There is no setting that can be varied 'nothing'"),
    ],
)
def test_what_no_program_may_ask_for(given: Any, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        axes_of(given)


def places(styles: list[str], *varied: str) -> list[tuple[int, int, int, str]]:
    plan = plan_series(styles, [parse_axis(text) for text in varied], Recipe(size=64))
    return [(cell.row, cell.column, cell.style, cell.label) for cell in plan.cells]


def test_two_settings_go_across_and_down() -> None:
    assert places(["a"], "strength=20,40", "seed=1,2") == [
        (0, 0, 0, "seed 1, strength 20"),
        (0, 1, 0, "seed 1, strength 40"),
        (1, 0, 0, "seed 2, strength 20"),
        (1, 1, 0, "seed 2, strength 40"),
    ]


def test_styles_are_the_rows_so_that_those_of_one_are_behind_one_another() -> None:
    assert places(["a", "b"], "strength=20,40") == [
        (0, 0, 0, "a, strength 20"),
        (0, 1, 0, "a, strength 40"),
        (1, 0, 1, "b, strength 20"),
        (1, 1, 1, "b, strength 40"),
    ]


@pytest.mark.parametrize(("cells", "rows"), [(5, [5]), (6, [3, 3]), (7, [4, 3]), (11, [4, 4, 3])])
def test_one_axis_goes_on_in_the_next_row(cells: int, rows: list[int]) -> None:
    placed = places(["a"], "seed=" + ",".join(map(str, range(cells))))
    assert [[row for row, *_ in placed].count(number) for number in range(len(rows))] == rows


def test_a_cell_is_the_recipe_with_its_values() -> None:
    plan = plan_series(["a"], [parse_axis("strength=20,40"), parse_axis("size=32,48")], Recipe(size=64, seed=7))
    assert plan.cells[3].recipe == Recipe(size=48, seed=7, strength=40)
    assert dict(plan.cells[3].changes) == {"size": 48, "strength": 40.0}
    assert (plan.rows, plan.columns) == (2, 2)


def test_what_is_the_same_in_all_is_said() -> None:
    recipe = Recipe(size=64, seed=7, strength=30)
    one = plan_series(["waves.jpg"], [parse_axis("strength=20,40")], recipe)
    assert one.in_all("cat.jpg") == "The same in all: cat.jpg in the style of waves.jpg; size 64, seed 7."
    several = plan_series(["a", "b"], [parse_axis("size=32,48")], Recipe())
    assert several.in_all("cat.jpg") == "The same in all: cat.jpg."
    fast = plan_series(["a", "b"], [], Recipe.preset("fast", size=64, seed=7))
    assert fast.in_all("cat.jpg") == "The same in all: cat.jpg; preset fast, size 64, seed 7."


@pytest.mark.parametrize(
    ("styles", "varied", "error", "message"),
    [
        ([], ["strength=20"], ImageError, "There is no style image yet"),
        (["a"], [], RecipeError, "There is nothing to vary yet: give several styles, or a setting with values"),
        (["a"], ["seed=1", "seed=2"], RecipeError, "seed is to be varied twice"),
        (["a", "b"], ["seed=1", "strength=2"], RecipeError, "seed, strength, style are to be varied, but .* two"),
        (["a"], ["seed=1,2,3,4,5,6", "strength=1,2,3,4,5"], RecipeError, "6 x 5 = 30 pictures are too many .* 25"),
        (["a"] * 26, [], RecipeError, "26 pictures are too many for one series: 25 are the most"),
        (["a"], ["init=content,image"], RecipeError, "init is image, but a series has none to start from"),
        (["a"], ["style_weight=0,1"], RecipeError, "content_weight and style_weight are both 0"),
    ],
)
def test_what_is_no_series_is_told(styles: list[str], varied: list[str], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        plan_series(styles, [parse_axis(text) for text in varied], Recipe(content_weight=0))


def test_25_cells_are_allowed() -> None:
    assert len(places(["a"], "seed=1,2,3,4,5", "strength=1,2,3,4,5")) == 25


def test_a_style_is_called_as_its_file_without_what_nobody_reads() -> None:
    assert [label for *_, label in places(["starry_night.jpg", "_.png", "my cat"])] == [
        "starry night",
        "_.png",
        "my cat",
    ]


def test_a_strangers_name_steers_nothing() -> None:
    plan = plan_series(["\x1b[2J\u202e.png", "b"], [], Recipe())
    assert plan.cells[0].label == "\\x1b[2J\\u202e"
