"""How many paintings one visitor may have in the works, so that the line is not one visitor's alone."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr

from ..errors import BusyError
from .visitor_address import visitor_of

JOBS = 2
"""Running and waiting ones of one visitor, together."""


class VisitorJobs:
    """Counts paintings by visitor.  most: of one visitor at a time."""

    def __init__(self, most: int = JOBS) -> None:
        self._most = most
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def one_more(self, request: gr.Request) -> Iterator[None]:
        """Count a painting as its visitor's while the block lasts; BusyError if there are as many as may be."""
        visitor = visitor_of(request)
        with self._lock:
            if self._counts[visitor] >= self._most:
                raise BusyError(
                    f"You have {self._counts[visitor]} paintings running or waiting, and {self._most} are the most: "
                    "wait for one of them, or stop it."
                )
            self._counts[visitor] += 1
        try:
            yield
        finally:
            with self._lock:
                self._counts[visitor] -= 1
                if not self._counts[visitor]:
                    del self._counts[visitor]
