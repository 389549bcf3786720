"""What came, as messages repeat it: short, on one line, and nothing that steers a terminal."""

from __future__ import annotations

import pytest

from nst.errors import SHOWN_CHARACTERS, shown, shown_name


@pytest.mark.parametrize(("value", "written"), [("x", "'x'"), (1.5, "1.5"), (None, "None"), ([1, "a"], "[1, 'a']")])
def test_a_short_value_is_written_as_in_code(value: object, written: str) -> None:
    assert shown(value) == written


def test_a_long_value_is_cut() -> None:
    assert shown("a" * 10_000_000) == "'" + "a" * (SHOWN_CHARACTERS - 1) + "…"
    assert len(shown_name("n" * 1000)) == SHOWN_CHARACTERS + 1


def test_a_value_that_python_can_not_write_is_named_by_its_type() -> None:
    nested: list[object] = []
    for _ in range(100_000):
        nested = [nested]
    assert shown(nested) == "of type list and too large to show"
    assert shown(10**5000) == "of type int and too large to show"
    while nested:  # taken apart here, as to delete it at once would go as deep
        nested = nested.pop()  # type: ignore[assignment]


@pytest.mark.parametrize("char", ["\n", "\r", "\x1b", "\x07", "\x9b", "\u202e", "\u2028", "\u200b", "\udcff", "\0"])
def test_nothing_steers_the_terminal(char: str) -> None:
    assert shown_name(f"a{char}b").isprintable()
    assert shown(f"a{char}b").isprintable()


def test_letters_of_all_scripts_stay() -> None:
    assert shown_name("Größe 海 קובץ 🎨.png") == "Größe 海 קובץ 🎨.png"
