"""Jobs computed in this process: one at a time on its device, in the order in which they came.

A single thread does all the work, so two jobs can't ever compute at the same time, whatever becomes of those
who asked for them.  What a visitor sees of a job is handed over in snapshots, from which the painting itself can
go on.

That thread is best the program's main one, and no other should run PyTorch operations on whole images: once a
second thread has used OpenMP, the waiting in all of them becomes slow, and a step at 128 px takes half as long
again.

What takes a moment alone, such as a picture's feature maps, is asked of that thread with `ask`: it is done
between two steps of the job that is being computed, so that it never waits for a whole one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

import torch

from ..errors import OutOfMemoryError
from ..painting.backbone import Backbone
from ..painting.painting import Painting
from .execution import INTERVAL, End, execute
from .job import Job
from .limits import Limits
from .queue import CAPACITY, Queue

T = TypeVar("T")


class LocalWorker:
    """Computes jobs on one backbone's device; see `nst.serving.worker.Worker`.

    capacity: how many jobs may wait.  limits: what one may take, None for all.
    Call `work` on the thread that is to compute, or `start` to have one made.
    """

    def __init__(self, backbone: Backbone, *, capacity: int = CAPACITY, limits: Limits | None = None) -> None:
        self.backbone = backbone
        self.limits = limits
        self._queue = Queue(capacity, limits)
        self._thread: threading.Thread | None = None

    def __str__(self) -> str:
        return str(self.backbone)

    @property
    def paints_here(self) -> bool:
        return True

    @property
    def where(self) -> str:
        return str(self.backbone.compute)

    def submit(self, painting: Painting, *, interval: float = INTERVAL, filmed: bool = True) -> Job:
        job = Job(painting, interval=interval, filmed=filmed)
        self._queue.add(job)
        return job

    def ask(self, question: Callable[[], T]) -> Future[T]:
        return self._queue.ask(question)

    def place(self, job: Job) -> int:
        return self._queue.place(job)

    def load(self) -> dict[str, int]:
        return self._queue.load()

    @property
    def failed(self) -> bool:
        return self._queue.failed

    def work(self) -> None:
        try:
            while self._queue.wait():
                self._answer()
                if job := self._queue.first():
                    self._compute(job)
                del job  # and its pictures with it, while nobody waits
        except KeyboardInterrupt:
            raise
        except BaseException:
            self._queue.fail()
            raise

    def start(self) -> LocalWorker:
        """`work` on a thread of its own."""
        self._thread = threading.Thread(target=self.work, name="worker", daemon=True)
        self._thread.start()
        return self

    def close(self) -> None:
        self._queue.close()
        if self._thread:
            self._thread.join()

    def _compute(self, job: Job) -> None:
        if not job.begin():
            return
        try:
            for report in execute(job.painting, interval=job.interval, filmed=job.time_lapse is not None):
                if report is not None:
                    job.take(report)
                self._answer()
        except KeyboardInterrupt:
            job.take(End("stopped"))
            raise
        if isinstance(job.error, OutOfMemoryError):
            self._make_room()

    def _answer(self) -> None:
        if self._queue.answer():
            self._make_room()

    def _make_room(self) -> None:
        """Give back what is kept for speed alone, as what comes next may need it."""
        self.backbone.targets.forget()
        if self.backbone.compute.device.type == "cuda":
            torch.cuda.empty_cache()
