"""Options that are typed out of habit."""

from __future__ import annotations

import re

import pytest

from nst.cli.habits import BATCH_HABITS, PAINTING_HABITS, SERVING_HABITS, foreign_option, nearest_option
from nst.cli.main import main
from nst.cli.parser import parse

OWN = ["-h", "--help", "-o", "--output", "--style-weight", "--style-scale", "--size", "--seed"]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["a", "b", "--iterations", "500"], "--iterations"),
        (["--num_iterations=500"], "--num_iterations"),
        (["-image_size", "512"], "-image_size"),
        (["-output_image", "out.png"], "-output_image"),
        (["-GPU", "0"], "-GPU"),
    ],
)
def test_an_option_of_another_program_is_known_in_every_spelling(arguments: list[str], named: str) -> None:
    sentence = foreign_option(arguments, OWN, PAINTING_HABITS)
    assert sentence is not None
    assert sentence.startswith(f"there is no option {named} here: use ")


@pytest.mark.parametrize(
    "arguments", [["--size", "64"], ["content", "gpu"], ["--", "--iterations"], ["--style-weight", "1e5"], ["-o", "x"]]
)
def test_our_own_options_and_files_are_not_foreign(arguments: list[str]) -> None:
    assert foreign_option(arguments, OWN, PAINTING_HABITS) is None


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["--style_weight", "3"], "--style-weight"),
        (["3", "--styel-weight=3"], "--style-weight"),
        (["--Size"], "--size"),
        (["--sizes"], "--size"),
        (["--nothing-like-it"], None),
        (["sizes"], None),
    ],
)
def test_a_slip_is_recognized(arguments: list[str], meant: str | None) -> None:
    assert nearest_option(arguments, OWN) == meant


@pytest.mark.parametrize(
    ("command", "habits"), [("stylize", PAINTING_HABITS), ("batch", BATCH_HABITS), ("serve", SERVING_HABITS)]
)
def test_what_is_advised_exists_and_is_never_shadowed(
    command: str, habits: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse([command, "--help"])
    own = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", capsys.readouterr().out))
    assert set(re.findall(r"--[a-z-]+", " ".join(habits.values()))) <= own
    for habit in habits:  # which argparse would understand
        assert habit not in own
        assert len([option for option in own if option.startswith(habit)]) != 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["stylize", "a", "b", "--iterations", "500"], "use --first-steps at the coarsest scale and --last-steps at"),
        (["stylize", "--content", "a", "--style", "b"], "there is no option --content here: use the first file"),
        (["stylize", "a", "b", "--style_weight", "3"], "arguments: --style_weight 3; did you mean --style-weight?"),
        (["stylize", "a", "b", "--save-iter", "50"], "use --keep-every, or --preview-every"),
        (["stylize", "a", "b", "--content-dir", "c"], "use gramarye batch, which takes folders"),
        (["batch", "--content-dir", "a", "--style", "b"], "there is no option --content-dir here: use --content"),
        (["batch", "--content", "a", "--style", "b", "--output_dir", "c"], "no option --output_dir here: use --out"),
        (["serve", "--server-port", "80"], "there is no option --server-port here: use --port"),
    ],
)
def test_the_command_line_gives_the_hint(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    told = capsys.readouterr().err
    assert sentence in told
    assert told.count("\n") == 1
