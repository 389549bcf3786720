"""What is said is one line that steers no terminal."""

from __future__ import annotations

import io
import os

import pytest

from nst.cli.terminal import say
from nst.errors import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, größer, 写真 and 🎨", "plain, größer, 写真 and 🎨"),
        ("a\u202fb", "a\u202fb"),  # the narrow space in the names of macOS's screenshots
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("two\nlines\r", "two\\nlines\\r"),
        ("\x9b1m", "\\x9b1m"),
        ("gpj.\u202eexe", "gpj.\\u202eexe"),
        ("\u2028", "\\u2028"),
        (os.fsdecode(b"\xff.png"), "\\udcff.png"),
    ],
)
def test_what_would_steer_a_terminal_is_written_out(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_lines_go_to_stderr_or_where_they_are_sent(capsys: pytest.CaptureFixture[str]) -> None:
    elsewhere = io.StringIO()
    say("one")
    say("t\two", elsewhere)
    assert (capsys.readouterr().err, elsewhere.getvalue()) == ("one\n", "t\\two\n")


def test_a_terminal_that_is_gone_is_no_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w") as gone:
        say("nobody reads this", gone)
        os.dup2(os.open(os.devnull, os.O_WRONLY), writer)  # what is left in the buffer goes there when it is closed
