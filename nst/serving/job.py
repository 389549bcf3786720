"""A painting on its way through a worker, as those who wait for it see it."""

from __future__ import annotations

import threading
from typing import Literal

from ..painting.objective import Losses
from ..painting.painting import Painting
from ..pictures.picture import Picture
from ..pictures.time_lapse import TimeLapse
from .execution import INTERVAL, End, EndState, Report, Snapshot

JobState = Literal["waiting", "running"] | EndState


class Job:
    """A painting on its way through a worker.  Reading it is safe from any thread; the worker alone writes it.

    state: "waiting", "running", then "done", "stopped" or "failed".
    snapshot: the latest one, None before the first step.  losses: (iteration, losses) of every snapshot so far.
    time_lapse: frames so far, None if none are gathered.  picture: the result, or what was reached when it was
    stopped; None when that was before the first step.  error: why it failed.  resumed_after: the iterations after which
    it had to go on elsewhere.
    """

    def __init__(self, painting: Painting, *, interval: float = INTERVAL, filmed: bool = True) -> None:
        """interval: seconds between two snapshots; filmed: whether frames are gathered."""
        self.painting = painting
        self.interval = interval
        self.state: JobState = "waiting"
        self.snapshot: Snapshot | None = None
        self.losses: list[tuple[int, Losses]] = []
        self.time_lapse = TimeLapse(painting.size) if filmed else None
        self.picture: Picture | None = None
        self.error: Exception | None = None
        self.stop_requested = False
        self.resumed_after: list[int] = []
        self._finished = threading.Event()
        self._lock = threading.Lock()

    @property
    def finished(self) -> bool:
        """True when nothing more is computed for it."""
        return self._finished.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is finished, at most so many seconds; returns `finished`."""
        return self._finished.wait(timeout)

    def stop(self) -> None:
        """Ask it to end soon; a waiting one never begins.  The picture reached so far remains."""
        self.stop_requested = True
        self.painting.stop()
        with self._lock:
            if self.state == "waiting":
                self._end(End("stopped"))

    def begin(self) -> bool:
        """Its turn has come; false if it is over already, as it was stopped before."""
        with self._lock:
            if self.state == "waiting":
                self.state = "running"
            return self.state == "running"

    def take(self, report: Report) -> None:
        """Keep what the worker reports; after an `End`, nothing more."""
        with self._lock:
            if self.finished:
                return
            if self.time_lapse:
                self.time_lapse.frames += report.frames
            if isinstance(report, End):
                self._end(report)
                return
            self.losses.append((report.progress.iteration, report.losses))
            self.picture = report.picture
            self.snapshot = report

    def wait_again(self, iteration: int, frames: int) -> None:
        """It waits for its turn again, as whoever computed it is gone.

        iteration, frames: the steps and the frames that it has when it goes on, 0 when that is at the start.
        What was reported after that will come again; the latest snapshot stays meanwhile.
        """
        with self._lock:
            if self.finished:
                return
            self.resumed_after.append(iteration)
            self.losses = [entry for entry in self.losses if entry[0] <= iteration]
            if self.time_lapse:
                del self.time_lapse.frames[frames:]
            if self.stop_requested:
                self._end(End("stopped"))
            else:
                self.state = "waiting"

    def fail(self, error: Exception) -> None:
        """It can't be computed at all."""
        self.take(End("failed", error=error))

    def _end(self, end: End) -> None:
        self.picture = end.picture or self.picture
        self.error = end.error
        self.state = end.state
        self._finished.set()

    def __repr__(self) -> str:
        return f"Job({self.painting.task}, {self.state})"
