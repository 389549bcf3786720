"""A picture made again from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nst.cli.main import main
from nst.pictures.reading import load_image
from nst.pictures.writing import save_image
from tests.cli.support import QUICK, STYLIZE
from tests.conftest import smooth_picture
from tests.strangers_texts import TEXT, steers


@pytest.fixture(autouse=True)
def _a_picture(folder: Path) -> None:
    """out.png, made of three pictures."""
    save_image(smooth_picture(40, 40, seed=3), "other.png")
    assert main([*STYLIZE, "other.png", "--style-blend", "1,2", *QUICK, "--quiet"]) == 0


def test_it_is_the_same_bit_for_bit(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", "out.png", "--quiet"]) == 0
    assert capsys.readouterr().err.splitlines()[-1] == "again.png and out.png are the same, bit for bit."


def test_a_missing_input_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", "out.png", "content.png", "--quiet"]) == 2
    assert "error: The style image of out.png was 'style.png'" in capsys.readouterr().err


@pytest.mark.parametrize("inputs", [[], ["."], ["content.png", "style.png", "other.png"]])
@pytest.mark.parametrize("output", ["out.png", "content.png", "other.png"])
def test_neither_the_picture_nor_what_it_was_made_of_is_replaced(
    capsys: pytest.CaptureFixture[str], inputs: list[str], output: str
) -> None:
    before = Path(output).read_bytes()
    assert main(["replay", "out.png", *inputs, "-o", output, "--quiet"]) == 2
    assert f"error: '{output}' is an input" in capsys.readouterr().err
    assert Path(output).read_bytes() == before


def test_a_preview_takes_no_files_place(capsys: pytest.CaptureFixture[str]) -> None:
    Path("again.preview.png").write_text("mine")
    assert main(["replay", "out.png", "--preview-every", "1", "--quiet"]) == 2
    assert "'again.preview.png' would take the place of a file" in capsys.readouterr().err
    assert Path("again.preview.png").read_text() == "mine"


@pytest.mark.parametrize(
    "place",
    ["program", "device", "precision", "torch", "backbone digest", "inputs style name", "recipe colors"],
)
def test_the_words_of_a_stranger_in_a_picture_do_not_steer_the_terminal(
    capsys: pytest.CaptureFixture[str], place: str
) -> None:
    picture = load_image("out.png")
    part: Any = picture.provenance
    *ways, last = place.split()
    for way in ways:
        part = part[way]
    part[last] = TEXT
    save_image(picture, "theirs.png")
    capsys.readouterr()
    code = main(["replay", "theirs.png"])
    told = capsys.readouterr()
    assert code in (0, 2)
    assert "img src=x" in told.err
    assert steers(told.err + told.out) == set()
