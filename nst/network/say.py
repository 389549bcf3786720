"""How a long step reports what it is doing: it calls a function with one line of text."""

from __future__ import annotations

from collections.abc import Callable

Say = Callable[[str], None]
"""`print`, a log, a list's `append`: it takes one line, without the line break."""
