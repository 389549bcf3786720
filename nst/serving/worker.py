"""What computes paintings for many who wait, wherever that is: on this machine, on ZeroGPU, or on a cluster."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol, TypeVar

from ..painting.backbone import Backbone
from ..painting.painting import Painting
from .execution import INTERVAL
from .job import Job
from .limits import Limits

T = TypeVar("T")


class Worker(Protocol):
    """All that the page and the API know of it.

    `str` gives network and device in words.  `nst.serving.local`, `nst.serving.zero_gpu` and `nst.serving.ray_worker`
    are three of it; another one brings its own way to compute a job, and shares `Queue`, `execute` and `Job` with them,
    and `Order` with those that compute in another process.
    """

    @property
    def backbone(self) -> Backbone:
        """The network in this process: paintings are described with it, and short questions answered by it."""

    @property
    def limits(self) -> Limits | None:
        """What one painting may take; None for all that one wants."""

    @property
    def where(self) -> str:
        """The device in words, for the page."""

    @property
    def paints_here(self) -> bool:
        """True where questions are answered by the device that paints."""

    @property
    def failed(self) -> bool:
        """True when it can't compute any more and has to be started again."""

    def submit(self, painting: Painting, *, interval: float = INTERVAL, filmed: bool = True) -> Job:
        """Have a painting computed; it goes to the end of the line.

        interval: seconds between two snapshots.  filmed: whether frames of a time-lapse are gathered.
        Raises CostError for more than the limits allow, BusyError when the line is full or the pictures in it take too
        much memory, ClosedError after `close`.
        """

    def ask(self, question: Callable[[], T]) -> Future[T]:
        """Have something short done by the thread that computes: a picture's feature maps, say.

        Raises BusyError when too much is asked already, ClosedError after `close`.
        """

    def place(self, job: Job) -> int:
        """How many jobs are before this one: 0 when its turn has come."""

    def load(self) -> dict[str, int]:
        """How many jobs are "running" and "waiting"."""

    def work(self) -> None:
        """Compute on the calling thread, as jobs and questions come, until it is closed."""

    def close(self) -> None:
        """Stop all jobs and let `work` end."""
