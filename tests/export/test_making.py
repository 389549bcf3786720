"""All of them, or those that are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from export.making import make_named
from nst.errors import ModelError


class Maker:
    def __init__(self) -> None:
        self.made: list[str] = []

    def __call__(self, name: str) -> Path:
        if name == "broken":
            raise ModelError("There is no model.")
        if name == "endless":
            raise KeyboardInterrupt
        self.made.append(name)
        return Path("folder") / name


@pytest.mark.parametrize(
    ("arguments", "expected"), [([], ["a", "b", "c"]), (["b"], ["b"]), (["c", "a"], ["c", "a"]), (["b", "b"], ["b"])]
)
def test_what_is_named_is_made_once_and_printed(
    arguments: list[str], expected: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    maker = Maker()
    assert make_named("About.", ("a", "b", "c"), maker, arguments) == 0
    assert maker.made == expected
    assert capsys.readouterr().out.split() == [str(Path("folder") / name) for name in expected]


def test_a_name_that_is_not_known_is_an_error_before_anything_is_made(capsys: pytest.CaptureFixture[str]) -> None:
    maker = Maker()
    with pytest.raises(SystemExit) as caught:
        make_named("About.", ("a", "b"), maker, ["a", "x"])
    assert caught.value.code == 2
    assert "there is no x: choose from a, b" in capsys.readouterr().err
    assert maker.made == []


@pytest.mark.parametrize(
    ("name", "code", "sentence"),
    [
        ("broken", 2, "error: There is no model.\n"),
        ("endless", 130, "Interrupted: the files printed above are complete.\n"),
    ],
)
def test_a_failure_is_one_sentence(name: str, code: int, sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert make_named("About.", ("a", name), Maker(), []) == code
    assert capsys.readouterr() == (f"{Path('folder') / 'a'}\n", sentence)
