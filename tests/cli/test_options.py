"""Options made from the recipe."""

from __future__ import annotations

import pytest

from nst.cli.main import main
from nst.cli.options import recipe_of, unusual_weights
from nst.cli.parser import parse
from nst.errors import UsageError
from nst.recipe import SETTINGS, Recipe, settings_of
from nst.task import TASKS, TaskName
from tests.cli.support import STYLIZE

INPUTS: dict[TaskName, list[str]] = {"stylize": ["a", "b"], "reconstruct": ["a"], "synthesize": ["a"]}


@pytest.mark.parametrize("task", TASKS)
def test_without_options_the_recipe_is_the_preset_of_the_task(task: TaskName) -> None:
    assert recipe_of(parse([task, *INPUTS[task]])) == Recipe.preset(task=task)
    assert recipe_of(parse([task, *INPUTS[task], "--preset", "fast"])) == Recipe.preset("fast", task)


@pytest.mark.parametrize("task", TASKS)
def test_help_shows_every_setting_of_the_task_and_no_other(task: TaskName, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([task, "--help"])
    told = " ".join(capsys.readouterr().out.split())
    assert caught.value.code == 0
    shown = {name for name in SETTINGS if f"--{name.replace('_', '-')} " in told}
    assert shown == set(settings_of(task))
    assert "16 to 8192 px (default: 512)" in told


def test_each_setting_can_be_written_as_it_is_shown() -> None:
    changed = Recipe(style_blend=(1, 2.5), style_taps=("conv1", "conv4"), size=64, tolerance=1e-3, colors="match")
    options = ["--style-blend", "1,2.5", "--style-taps", "conv4,conv1", "--size", "64.0", "--tolerance", "1e-3"]
    assert recipe_of(parse([*STYLIZE, *options, "--colors", "match"])) == changed


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--content-weight", "1e9", "allowed is a number, 0 to 1000000. The preset balanced has 0.045. (gramarye"),
        ("--size", "99999", "allowed is a whole number, 16 to 8192 px. The preset balanced has 512. (gramarye"),
        ("--colors", "mine", "There is no colors 'mine': choose from style, luminance, match. Did"),
    ],
)
def test_out_of_range_it_says_what_is_allowed_and_usual(option: str, value: str, sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse([*STYLIZE, option, value])
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ([], []),
        (["--content-weight", "40"], []),
        (["--content-weight", "50"], ["content_weight"]),
        (["--style-weight", "1e6", "--tv-weight", "2000"], ["style_weight", "tv_weight"]),
        (["--preset", "article", "--style-weight", "1e5"], []),
        (["--preset", "article", "--tv-weight", "1000"], []),  # the article has none to compare it with
    ],
)
def test_a_weight_a_thousand_times_the_presets_is_unusual(options: list[str], names: list[str]) -> None:
    assert [sentence.split()[0] for sentence in unusual_weights(parse([*STYLIZE, *options]))] == names
