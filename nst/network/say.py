"""How a step that takes long tells what it is doing: it calls a function with one line of text."""

from __future__ import annotations

from collections.abc import Callable

Say = Callable[[str], None]
"""`print`, a log, a list's `append`: takes one line without its line break."""
