"""English sentences that are known by their templates."""

from __future__ import annotations

import pytest

from nst.ui.languages.sentences import Sentences

GERMAN = Sentences(
    {
        "{} is {}: allowed is {}.": "{} ist {}: erlaubt ist {}.",
        "{#} to {#} px": "{} bis {} px",
        "{} needs {}: {}": "{1} fehlt {0}: {2}",
        "It is closed.": "Es ist zu.",
        "Size": "Größe",
    }
)


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("It is closed.", "Es ist zu."),
        ("Size is '7': allowed is 16 to 64 px.", "Größe ist '7': erlaubt ist 16 bis 64 px."),
        ("A needs B: It is closed.", "B fehlt A: Es ist zu."),
        (" is : allowed is .", " ist : erlaubt ist ."),
        ("Nothing is known of this.", "Nothing is known of this."),
        ("it is closed.", "it is closed."),
        ("Size is 1: 2: allowed is {}.", "Größe ist 1: 2: erlaubt ist {}."),
        ("1.5 to 2 px", "1.5 bis 2 px"),
        ("from 1 to 2 px", "from 1 to 2 px"),
    ],
)
def test_a_sentence_is_put_into_another_language_part_by_part(english: str, german: str) -> None:
    assert GERMAN(english) == german


def test_what_a_stranger_wrote_to_be_slow_is_looked_at_once() -> None:
    """Where every place of a literal were tried with every place of the next, this would take hours."""
    sentence = "is " * 10_000 + ": allowed is " * 10_000
    assert GERMAN(sentence) == sentence
