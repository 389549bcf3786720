"""What the commands say: every line of theirs goes through `say`."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TextIO

from ..errors import printable


def say(line: str, stream: TextIO | None = None) -> None:
    """One line on stderr, or on another stream, in which nothing steers the terminal.

    A terminal that is gone is no error: the picture is still to be saved.
    """
    with suppress(OSError):
        print(printable(line), file=stream or sys.stderr, flush=True)
