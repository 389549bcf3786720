"""Where runs are computed for many visitors: one at a time on a device, in the order in which they came.

A single thread does all the work, so two runs can't ever compute at the same time, whatever becomes of those
who asked for them.  What a visitor sees of a run is handed over in `Snapshot`s, from which the run itself can
go on.

That thread is best the program's main one, and no other should run PyTorch operations on whole images: as soon
as a second thread has used OpenMP, the waiting in all of them becomes slow, and a step at 128 px takes half as
long again.

What takes a moment alone, such as a picture's feature maps, is asked of that thread with `Engine.ask`: it is done
between two steps of the run that is being computed, so that it never waits for a whole one.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from torch import Tensor

from ..errors import BusyError
from ..painting.backbone import Backbone
from ..painting.objective import Losses
from ..painting.optimize import Progress
from ..painting.painting import Run
from ..pictures.picture import Picture
from ..pictures.time_lapse import TimeLapse
from .cost import Limits

ROOM = 8
"""Jobs that may wait: each holds its decoded pictures in memory."""

MOMENTS = 32
"""Things asked for that may wait for the next step."""

INTERVAL = 0.6
"""Seconds between two snapshots of a running job."""

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A run as it was after one step, read from the device.

    image: 1x3xHxW float32 on the CPU, 0 to 1.  rate: steps per second since the snapshot before.
    """

    progress: Progress
    losses: Losses
    image: Tensor
    rate: float


class Job:
    """A run on its way through an engine.  Reading it is safe from any thread.

    state: "waiting", "running", then "done", "stopped" or "failed".
    snapshot: the latest one, None before the first step.  losses: (iteration, losses) of every snapshot so far.
    film: frames for a time-lapse.  picture: the result, or what was reached when it was stopped; None when that
    was before the first step.  error: why it failed.
    """

    def __init__(self, run: Run, *, interval: float = INTERVAL, filmed: bool = True) -> None:
        """interval: seconds between two snapshots; filmed: whether frames are gathered."""
        self.run = run
        self.interval = interval
        self.state = "waiting"
        self.snapshot: Snapshot | None = None
        self.losses: list[tuple[int, Losses]] = []
        self.film = TimeLapse(run.size) if filmed else None
        self.picture: Picture | None = None
        self.error: Exception | None = None
        self._finished = threading.Event()

    @property
    def finished(self) -> bool:
        """True when nothing more is computed for it."""
        return self._finished.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is finished, at most so many seconds; returns `finished`."""
        return self._finished.wait(timeout)

    def stop(self) -> None:
        """Ask it to end soon; a waiting one never begins.  The picture reached so far remains."""
        self.run.stop()
        if self.state == "waiting":
            self._finish("stopped")

    def compute(self, clock: Callable[[], float] = time.perf_counter) -> None:
        """Do the work, on the engine's thread; an error is kept for whoever waits for the result."""
        for _ in self.computing(clock):
            pass

    def computing(self, clock: Callable[[], float] = time.perf_counter) -> Iterator[Snapshot | None]:
        """`compute` as an iterator, which gives something after each step: the snapshot if one was taken."""
        if self.finished:
            return
        self.state = "running"
        shown, counted = clock(), 0
        try:
            for progress in self.run:
                if self.film and self.film.is_due(progress.iteration, progress.iterations):
                    self.film.add(progress.image())
                now = clock()
                if now - shown >= self.interval or progress.iteration in (1, progress.iterations):
                    rate = (progress.iteration - counted) / max(now - shown, 1e-9)
                    shown, counted = now, progress.iteration
                    losses = progress.losses()
                    self.losses.append((progress.iteration, losses))
                    self.snapshot = Snapshot(progress, losses, progress.image(), rate)
                    yield self.snapshot
                else:
                    yield None
            self.picture = self.run.snapshot()
        except Exception as error:
            _forget(error)
            self.error = error
            self._finish("failed")
        else:
            latest = self.run.latest
            complete = latest is not None and latest.iteration == latest.iterations
            self._finish("done" if complete else "stopped")

    def _finish(self, state: str) -> None:
        self.state = state
        self._finished.set()

    def __repr__(self) -> str:
        return f"Job({self.run.task}, {self.state})"


J = TypeVar("J", bound=Job)


def _forget(error: BaseException | None) -> None:
    """Let go of what the frames of an error hold: after a lack of memory, that is all there was."""
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


class Engine:
    """Computes jobs on one backbone's device, one at a time.

    backbone: the network on its device.  room: how many jobs may wait.  limits: what one run may take, None for all.
    Call `work` on the thread that is to compute, or `start` to have one made.
    """

    def __init__(self, backbone: Backbone, *, room: int = ROOM, limits: Limits | None = None) -> None:
        self.backbone = backbone
        self.room = room
        self.limits = limits
        self._jobs: list[Job] = []
        self._asked: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._thread: threading.Thread | None = None

    def work(self) -> None:
        """Compute jobs on the calling thread, as they come, until the engine is closed."""
        while self._wait():
            self._answer()
            if job := self._first():
                self._compute(job)
            del job  # and its pictures with it, while the engine is idle

    def _compute(self, job: Job) -> None:
        for _ in job.computing():
            self._answer()

    def _wait(self) -> bool:
        """Until there is something to do; False when the engine is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._asked or self._unfinished())
            return not self._closed

    def _first(self) -> Job | None:
        """The first job in the line, if there is one."""
        with self._changed:
            return next(iter(self._unfinished()), None)

    def _answer(self) -> None:
        """Do what has been asked for."""
        while self._asked:
            future, work = self._asked.popleft()
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(work())
                except Exception as error:
                    future.set_exception(error)

    def _unfinished(self) -> list[Job]:
        """Jobs still to be computed or being computed, in their order; the others are forgotten.  Call it locked."""
        self._jobs = [job for job in self._jobs if not job.finished]
        return self._jobs

    def start(self) -> Engine:
        """`work` on a thread of its own."""
        self._thread = threading.Thread(target=self.work, name="engine", daemon=True)
        self._thread.start()
        return self

    def __str__(self) -> str:
        return str(self.backbone)

    @property
    def where(self) -> str:
        """The device in words, for the page."""
        return str(self.backbone.compute)

    def submit(self, run: Run, *, interval: float = INTERVAL, filmed: bool = True) -> Job:
        """Put a run at the end of the line, as a `Job`.

        Raises CostError for more than the limits allow, BusyError when the line is full.
        """
        return self._admit(Job(run, interval=interval, filmed=filmed))

    def _admit(self, job: J) -> J:
        """The job at the end of the line, if its run and the line allow it."""
        if self.limits:
            self.limits.check(job.run)
        with self._changed:
            before = len(self._unfinished())
            if before > self.room:
                raise BusyError(f"{before} jobs are before yours, and no more can wait: try again in a minute.")
            self._jobs.append(job)
            self._changed.notify()
        return job

    def ask(self, work: Callable[[], T]) -> Future[T]:
        """Have something short done by the engine's thread, soon: before the next job or between two steps of one.

        Raises BusyError when too much is asked already.
        """
        future: Future[T] = Future()
        with self._changed:
            if len(self._asked) >= MOMENTS:
                raise BusyError(f"{len(self._asked)} pictures are to be looked at before yours: try again in a minute.")
            self._asked.append((future, work))
            self._changed.notify()
        return future

    def place(self, job: Job) -> int:
        """How many jobs are before this one: 0 when its turn has come."""
        with self._changed:
            jobs = self._unfinished()
            return jobs.index(job) if job in jobs else 0

    @property
    def load(self) -> dict[str, int]:
        """How many jobs are "running" and "waiting"."""
        with self._changed:
            states = [job.state for job in self._unfinished()]
        return {state: states.count(state) for state in ("running", "waiting")}

    def close(self) -> None:
        """Stop all jobs and let `work` end."""
        with self._changed:
            self._closed = True
            for job in self._jobs:
                job.stop()
            for future, _ in self._asked:
                future.cancel()
            self._changed.notify()
        if self._thread:
            self._thread.join()
