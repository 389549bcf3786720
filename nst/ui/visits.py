"""Whose painting is whose: one at a time for each visitor of a tab, to be stopped or turned away from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import gradio as gr

from ..serving.job import Job

Updates = dict[Any, Any]
"""Component -> its new value, or what `gr.update` gives."""


@dataclass
class Visit:
    """A visitor's painting, from the click on.  instead: what to show when the visitor has turned to something else."""

    job: Job | None = None
    stop_requested: bool = False
    instead: Updates | None = None

    def submitted(self, job: Job) -> None:
        """The job that belongs to it; stopped at once if the visitor was faster."""
        self.job = job
        if self.stop_requested:
            job.stop()

    def stop(self) -> None:
        """Have the painting end soon, or not begin at all."""
        self.stop_requested = True
        if self.job:
            self.job.stop()


class Visits:
    """The visits of one tab, by the session of the browser's page."""

    def __init__(self) -> None:
        self._by_session: dict[str, Visit] = {}

    @contextmanager
    def begin(self, request: gr.Request, visit: Visit | None = None) -> Iterator[Visit]:
        """A new visit, which takes the place of the one before and is forgotten at its end.

        visit: one that goes on after a reload of the page, which has given it another session.
        """
        session, visit = str(request.session_hash), visit or Visit()
        self._by_session[session] = visit
        try:
            yield visit
        finally:
            if self._by_session.get(session) is visit:
                del self._by_session[session]

    def is_under_way(self, request: gr.Request) -> bool:
        """Whether this visitor's painting has begun and is not at its end, nor turned away from."""
        visit = self._by_session.get(str(request.session_hash))
        return visit is not None and visit.instead is None

    def stop(self, request: gr.Request) -> None:
        """Stop this visitor's painting, if there is one."""
        if visit := self._by_session.get(str(request.session_hash)):
            visit.stop()

    def leave(self, request: gr.Request, instead: Updates) -> None:
        """Stop this visitor's painting, if there is one, and have something else shown in its place."""
        if visit := self._by_session.get(str(request.session_hash)):
            visit.instead = instead
            visit.stop()
