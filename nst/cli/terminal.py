"""What the commands say: every line of theirs goes through `say`."""

from __future__ import annotations

import sys
import unicodedata
from contextlib import suppress
from typing import TextIO

_UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Unicode's categories of what steers a terminal or turns text around: controls, formats, surrogates, line breaks."""


def say(line: str, stream: TextIO | None = None) -> None:
    """One line on stderr, or on another stream, in which nothing steers the terminal.

    A terminal that is gone is no error: the picture is still to be saved.
    """
    with suppress(OSError):
        print(printable(line), file=stream or sys.stderr, flush=True)


def printable(text: str) -> str:
    """The text with what would steer a terminal written out, as ``\\x1b``: names of files may hold anything."""
    return "".join(_escaped(char) if unicodedata.category(char) in _UNSEEN else char for char in text)


def _escaped(char: str) -> str:
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")
