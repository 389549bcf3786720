"""A painting whose visitor's connection has broken: held for a while, so that a reload of the page finds it again.

A tab of a browser is known by a secret of 128 bits that it makes up itself, sends with its paintings and keeps as long
as it is open.  Whoever names no secret, as programs do, has nothing held: what they leave is stopped at once.
"""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

import gradio as gr

from ..errors import BusyError
from ..serving.job import Job
from ..serving.memory import picture_bytes
from ..task import TaskName
from .visitor_jobs import VisitorJobs
from .visits import Visit

HOLD_SECONDS = 60.0
"""How long a painting goes on without its visitor where nobody else waits for the device."""

GIVE_WAY_SECONDS = 10.0
"""The same where somebody does: time enough for a reload."""

RESULT_SECONDS = 600.0
"""How long a finished one can be found again."""

MOST_RESULTS = 16
RESULT_BYTES = 400e6
"""What the pictures of finished ones may occupy; beyond that, and beyond `MOST_RESULTS`, the oldest go first."""

CLAIM_SECONDS = 5.0
"""How long whoever comes back waits until the broken connection is noticed: that takes a second."""

TEND_SECONDS = 0.25

_SECRET = re.compile(r"[0-9a-f]{32}")

Key = tuple[TaskName, str]
"""The task of a tab of the page, and the secret of a tab of a browser."""


class Line(Protocol):
    """As much of a worker as tells whether others wait."""

    def load(self) -> dict[str, int]: ...


@dataclass(eq=False)
class Run:
    """A painting that may be held.

    values: what stood in all inputs when it was begun.  count: what is closed when it counts as its visitor's no more.
    identity: of the painting, for those who hear of it twice.  session: that of the page which shows it or showed it
    last.  since: when it was left or has ended.
    """

    visit: Visit
    job: Job
    values: tuple[Any, ...]
    count: ExitStack
    identity: str = field(default_factory=lambda: uuid.uuid4().hex)
    session: str = ""
    is_watched: bool = False
    since: float = 0.0

    @property
    def bytes(self) -> int:
        """What its pictures occupy: what it was made of, the result and the last snapshot, and the film."""
        job = self.job
        shown = job.snapshot.picture if job.snapshot else None
        pictures = [each for each in (job.picture, shown) if each is not None]
        film = sum(3 * frame.width * frame.height for frame in job.time_lapse.frames) if job.time_lapse else 0
        return picture_bytes(job.painting.inputs) + sum(picture_bytes({"content": each}) for each in pictures) + film

    def settle(self) -> None:
        """It has ended: it counts as its visitor's no more, and its device keeps nothing of it."""
        self.count.close()
        self.job.painting.let_go()


class Returns:
    """The paintings of a page's visitors by the secrets of their tabs.  For the thread of the page's event loop alone.

    line: the worker.  jobs: the page's count of what its visitors have painted.  clock: seconds.
    """

    def __init__(self, line: Line, jobs: VisitorJobs, clock: Callable[[], float] = time.monotonic) -> None:
        self._line = line
        self._jobs = jobs
        self._clock = clock
        self._runs: dict[Key, Run] = {}
        self._tending: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        """How many runs can be found again."""
        return len(self._runs)

    @contextmanager
    def watched(self, run: Run, task: TaskName, secret: object, request: gr.Request) -> Iterator[None]:
        """While a page shows a run.  Afterwards it is held if it has a secret and its visitor did not turn from it.

        A secret under which another page has a run just now holds nothing: a tab that was duplicated has the same one.
        """
        key = _key(task, secret)
        before = self._runs.get(key) if key else None
        if key and before is not run:
            if before is not None and before.is_watched:
                key = None
            else:
                self._drop(key)
                self._runs[key] = run
        run.session, run.is_watched = str(request.session_hash), True
        has_failed = False
        try:
            yield
        except Exception:  # which the visitor is told now
            has_failed = True
            raise
        finally:
            run.is_watched, run.since = False, self._clock()
            if key is None or has_failed or run.visit.instead is not None:
                self._end(run, key)
            else:
                self.tend()
                self._keep_tending()

    async def claimed(self, task: TaskName, secret: object, request: gr.Request) -> Run | None:
        """The run of a tab that has come back, once no other page shows it; None where there is none."""
        key, ends_at = _key(task, secret), self._clock() + CLAIM_SECONDS
        if key is None:
            return None
        while (run := self._runs.get(key)) is not None and run.is_watched:
            if self._clock() > ends_at:
                return None
            await asyncio.sleep(TEND_SECONDS / 5)
        if run is not None and not run.job.finished:
            self._count_anew(run, request)
        return run

    def forget(self, task: TaskName, request: gr.Request) -> None:
        """The visitor has turned to something else: nothing that this page has shown of the task is to come back."""
        for key, run in list(self._runs.items()):
            if key[0] == task and run.session == str(request.session_hash) and not run.is_watched:
                self._drop(key)

    def tend(self) -> None:
        """Stop what nobody comes back to, and forget what has been there for long or is too much."""
        now = self._clock()
        for key, run in list(self._runs.items()):
            if run.is_watched:
                continue
            age = now - run.since
            if not run.job.finished:
                if age > (GIVE_WAY_SECONDS if self._others_wait_for(run) else HOLD_SECONDS):
                    self._drop(key)
            else:
                run.settle()
                if age > RESULT_SECONDS:
                    self._drop(key)
        self._make_room()

    def _others_wait_for(self, run: Run) -> bool:
        return self._line.load()["waiting"] > (run.job.state == "waiting")

    def _make_room(self) -> None:
        ended = {key: run for key, run in self._runs.items() if run.job.finished and not run.is_watched}
        occupied = sum(run.bytes for run in ended.values())
        for key in sorted(ended, key=lambda key: ended[key].since):
            if len(ended) <= MOST_RESULTS and occupied <= RESULT_BYTES:
                return
            occupied -= ended.pop(key).bytes
            self._drop(key)

    def _count_anew(self, run: Run, request: gr.Request) -> None:
        """As one of whoever came back, who may have another address or session now."""
        count = ExitStack()
        with suppress(BusyError):  # then it still counts as before
            count.enter_context(self._jobs.one_more(request))
            run.count.close()
            run.count = count

    def _drop(self, key: Key) -> None:
        if run := self._runs.pop(key, None):
            run.job.stop()
            run.count.close()

    def _end(self, run: Run, key: Key | None) -> None:
        run.job.stop()
        run.count.close()
        if key and self._runs.get(key) is run:
            del self._runs[key]

    def _keep_tending(self) -> None:
        if self._tending is None or self._tending.done():
            self._tending = asyncio.get_running_loop().create_task(self._tend_while_needed())

    async def _tend_while_needed(self) -> None:
        while any(not run.is_watched for run in self._runs.values()):
            await asyncio.sleep(TEND_SECONDS)
            self.tend()


def _key(task: TaskName, secret: object) -> Key | None:
    return (task, secret) if isinstance(secret, str) and _SECRET.fullmatch(secret) else None
