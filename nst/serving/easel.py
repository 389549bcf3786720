"""What paints the pictures of a batch: this process, one after another, or a worker, several at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from ..errors import NstError
from ..painting.backbone import Backbone
from ..painting.optimize import LiveProgress
from ..painting.painting import Painting
from ..painting.schedule import Progress
from ..pictures.picture import Picture
from .job import Job
from .limits import Limits
from .tolerated import TOLERATED, let_go
from .worker import Worker

SNAPSHOT_SECONDS = 2.0
"""Between two snapshots of a picture that is painted elsewhere, which nobody sees, but a checkpoint may follow."""

GLANCE = 0.05
"""Seconds between two looks at whether a picture is finished."""

Watch = Callable[[Painting], Iterable[LiveProgress]]


@dataclass(frozen=True)
class Finished:
    """What has become of a painting.  picture, progress: None when it was stopped.  error: why it failed."""

    painting: Painting
    picture: Picture | None = None
    progress: Progress | None = None
    error: NstError | None = None


class Easel(Protocol):
    """Takes paintings as long as it is free, and gives them back in any order."""

    @property
    def is_free(self) -> bool:
        """Whether it takes one more."""

    def begin(self, painting: Painting, watch: Watch) -> None:
        """Take a painting.  watch: what it is iterated through, where that is possible.

        Raises CostError for one that takes more than is allowed.
        """

    def finished(self) -> Finished:
        """Wait for one of those that were taken.  Raises what the others would fail of as well."""

    def stop(self) -> None:
        """Ask all that were taken to end soon, from any thread."""


class LocalEasel:
    """Paints in this process, on the thread that waits.

    limits: what a painting may take.  Targets of a style are computed once as long as they fit `nst.painting.targets`.
    """

    def __init__(self, backbone: Backbone, limits: Limits) -> None:
        self._backbone, self._limits = backbone, limits
        self._begun: tuple[Painting, Watch] | None = None

    @property
    def is_free(self) -> bool:
        return self._begun is None

    def begin(self, painting: Painting, watch: Watch) -> None:
        self._limits.check_beside_kept(painting)
        self._begun = painting, watch

    def finished(self) -> Finished:
        assert self._begun is not None
        painting, watch = self._begun
        try:
            for _ in watch(painting):
                pass
            progress = painting.latest
            if progress is None or progress.iteration != progress.iterations:
                return Finished(painting)
            return Finished(painting, painting.snapshot(), progress.plain())
        except TOLERATED as error:
            let_go(error, self._backbone)
            return Finished(painting, error=error)
        finally:
            self._begun = None

    def stop(self) -> None:
        if begun := self._begun:
            begun[0].stop()


class WorkersEasel:
    """Has a worker paint, several pictures at a time; nobody else sends it any."""

    def __init__(self, worker: Worker, at_once: int) -> None:
        """at_once: how many the worker paints at a time."""
        self._worker, self._at_once = worker, at_once
        self._jobs: list[Job] = []

    @property
    def is_free(self) -> bool:
        return len(self._jobs) < self._at_once

    def begin(self, painting: Painting, watch: Watch) -> None:  # noqa: ARG002  # which is for steps made here
        self._jobs.append(self._worker.submit(painting, interval=SNAPSHOT_SECONDS, filmed=False))

    def finished(self) -> Finished:
        while not (over := [job for job in self._jobs if job.finished]):
            self._jobs[0].wait(GLANCE)
        job = over[0]
        self._jobs.remove(job)
        if isinstance(job.error, TOLERATED):
            return Finished(job.painting, error=job.error)
        if job.error is not None:
            raise job.error
        if job.state != "done" or job.snapshot is None:
            return Finished(job.painting)
        return Finished(job.painting, job.picture, job.snapshot.progress)

    def stop(self) -> None:
        for job in tuple(self._jobs):
            job.stop()
