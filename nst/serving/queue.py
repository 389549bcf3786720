"""What waits for a worker: jobs in the order in which they came, and short questions in between."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from ..errors import BusyError, ClosedError, OutOfMemoryError
from ..painting.shortage import release
from .job import Job
from .limits import Limits
from .memory import picture_bytes

CAPACITY = 8
"""Jobs that may wait."""

PICTURE_BYTES = 1e9
"""What the decoded pictures of all jobs that wait may occupy.  A job that need not wait may have more: what it takes
while it runs is limited by itself (see `nst.serving.memory`)."""

MAX_QUESTIONS = 32
"""Questions that may wait for the next step."""

FAILED = "The studio has failed and has to be started again: try again in a minute."

T = TypeVar("T")


class Queue:
    """Safe to use from any thread.

    capacity: how many jobs may wait.  limits: what one may take, None for all.  max_picture_bytes: what the pictures of
    those that wait may occupy.  at_once: how many are computed at a time, which may change meanwhile.
    """

    def __init__(
        self,
        capacity: int = CAPACITY,
        limits: Limits | None = None,
        max_picture_bytes: float = PICTURE_BYTES,
        at_once: int = 1,
    ) -> None:
        self.capacity = capacity
        self.limits = limits
        self.max_picture_bytes = max_picture_bytes
        self.at_once = at_once
        self._jobs: list[Job] = []
        self._held: set[Job] = set()
        self._taken: set[Job] = set()
        self._questions: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._failed = False

    @property
    def failed(self) -> bool:
        """True when `fail` was called: nothing is computed any more."""
        return self._failed

    def add(self, job: Job, *, held: bool = False) -> None:
        """Put a job at the end of the line.

        held: it counts until it is `let_go`, also where it is over before: somebody still has its pictures.
        Raises CostError for more than the limits allow, BusyError when the line is full or the pictures of those who
        wait take too much memory, ClosedError after `close`.
        """
        if self.limits:
            self.limits.check(job.painting)
        own_bytes = picture_bytes(job.painting.inputs)
        with self._changed:
            self._require_open()
            before = len(self._unfinished())
            if before >= self.capacity + self.at_once:
                raise BusyError(f"{before} jobs are ahead of yours, and no more can wait: try again in a minute.")
            waiting = sum(picture_bytes(other.painting.inputs) for other in self._unfinished()[self.at_once :])
            if before >= self.at_once and waiting + own_bytes > self.max_picture_bytes:
                raise BusyError(
                    "The pictures of those who wait fill the memory that there is for them, and yours take "
                    f"{own_bytes / 1e6:.0f} MB: try again in a minute, or send smaller ones."
                )
            self._jobs.append(job)
            if held:
                self._held.add(job)
            self._changed.notify_all()

    def let_go(self, job: Job) -> None:
        """Nobody has the pictures of a held job any more."""
        with self._changed:
            self._held.discard(job)

    def ask(self, question: Callable[[], T]) -> Future[T]:
        """Have something short answered by the worker's thread: before the next job or between two steps of one.

        Raises BusyError when too much is asked already, ClosedError after `close`.
        """
        future: Future[T] = Future()
        with self._changed:
            self._require_open()
            if len(self._questions) >= MAX_QUESTIONS:
                raise BusyError(f"{len(self._questions)} requests are ahead of yours: try again in a minute.")
            self._questions.append((future, question))
            self._changed.notify()
        return future

    def wait(self) -> bool:
        """Until there is something to do; False when the queue is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._questions or self._unfinished())
            return not self._closed

    def first(self) -> Job | None:
        """The first job in the line, if there is one."""
        with self._changed:
            return next(iter(self._unfinished()), None)

    def take(self) -> Job | None:
        """Wait for the first job that nobody has taken yet, and take it; None when the queue is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._untaken())
            if self._closed:
                return None
            job = self._untaken()[0]
            self._taken.add(job)
            return job

    def put_back(self, job: Job) -> None:
        """Nobody computes a job that was taken; where it is not over, it keeps its place in the line."""
        with self._changed:
            self._taken.discard(job)
            self._changed.notify_all()

    def answer(self) -> bool:
        """Answer what has been asked, on the calling thread; returns whether memory was short for some of it."""
        was_short = False
        while question := self._next_question():
            future, work = question
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(work())
                except Exception as error:
                    del question, work  # this frame is one of the error's too
                    release(error)
                    was_short |= isinstance(error, OutOfMemoryError)
                    future.set_exception(error)
        return was_short

    def place(self, job: Job) -> int:
        """How many jobs are before this one: 0 when its turn has come."""
        with self._changed:
            jobs = self._unfinished()
            return max(0, jobs.index(job) - self.at_once + 1) if job in jobs else 0

    def load(self) -> dict[str, int]:
        """How many jobs are "running" and "waiting"."""
        with self._changed:
            states = [job.state for job in self._unfinished()]
        return {state: states.count(state) for state in ("running", "waiting")}

    def close(self) -> None:
        """Stop all jobs, cancel all questions, and take no more."""
        jobs, questions = self._shut()
        for job in jobs:
            job.stop()
        for future in questions:
            future.cancel()  # runs what others have hung on it, so without the lock

    def fail(self) -> None:
        """The worker can't go on: all jobs and questions end with a sentence that says so, and no more are taken."""
        self._failed = True
        jobs, questions = self._shut()
        for job in jobs:
            job.fail(ClosedError(FAILED))
        for future in questions:
            if future.set_running_or_notify_cancel():
                future.set_exception(ClosedError(FAILED))

    def _shut(self) -> tuple[list[Job], list[Future[Any]]]:
        """Take no more; returns what is still there."""
        with self._changed:
            self._closed = True
            jobs, questions = list(self._unfinished()), [future for future, _ in self._questions]
            self._questions.clear()
            self._changed.notify_all()
        return jobs, questions

    def _next_question(self) -> tuple[Future[Any], Callable[[], Any]] | None:
        with self._changed:
            return self._questions.popleft() if self._questions else None

    def _untaken(self) -> list[Job]:
        """Those that wait for somebody to take them, in their order.  Call it locked."""
        return [job for job in self._unfinished() if job not in self._taken]

    def _unfinished(self) -> list[Job]:
        """Jobs to be computed, being computed or held, in their order; the others are forgotten.  Call it locked."""
        self._jobs = [job for job in self._jobs if not job.finished or job in self._held]
        return self._jobs

    def _require_open(self) -> None:
        if self._failed:
            raise ClosedError(FAILED)
        if self._closed:
            raise ClosedError("The studio is closing: try again when it is open.")
