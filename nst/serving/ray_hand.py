"""One painter on a Ray cluster, as the process that sends it orders knows it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ..errors import EngineError
from ..painting.shortage import release
from ..version import VERSION
from .job import Job
from .kept_checkpoint import KeptCheckpoint
from .order import Order, PackedEnd
from .ray_cluster import Cluster
from .ray_painter import Introduction, News
from .shares import Shares
from .speed import Speed

LEAVING_SECONDS = 2.0
"""How long a painter has to tidy up."""


@dataclass(frozen=True)
class Cargo:
    """What every painter needs: the model file, by its path and as an object of the cluster, and where it runs."""

    path: Path
    digest: str
    stored: Any
    device: str
    precision: str


class LostError(Exception):
    """A painter, or the way to it, is gone."""


class Hand:
    """A painter at work elsewhere.  Each question raises LostError when there is no one any more to answer it.

    introduction: None as long as it has not begun.
    """

    def __init__(self, cluster: Cluster, shares: Shares, device: str, precision: str) -> None:
        """Have one hired.  device, precision: those that were asked for."""
        self._cluster = cluster
        self._actor = cluster.hire(shares)
        self._begun = self._called("introduce", device, precision)
        self._loaded: Any = None
        self.introduction: Introduction | None = None

    @property
    def begun(self) -> Any:
        """What is there as soon as it has begun."""
        return self._begun

    @property
    def loaded(self) -> Any:
        """What is there as soon as it has the network."""
        return self._loaded

    def has_begun(self, seconds: float) -> bool:
        """Wait until it is at work, at most so many seconds.

        Raises EngineError when it can't be, or is of another version, DeviceError when its machine lacks the device.
        """
        if self.introduction is None and self._cluster.is_there(self._begun, seconds):
            try:
                self.introduction = self._answer(self._begun)
            except LostError as error:
                raise EngineError(
                    f"A worker can't begin on the cluster ({error}): each node needs Gramarye {VERSION} with what it "
                    "depends on, for the same Python."
                ) from None
            if self.introduction.version != VERSION:
                raise EngineError(
                    f"{self.introduction.host} has Gramarye {self.introduction.version}, but this is {VERSION}: "
                    "install the same version on every node."
                )
        return self.introduction is not None

    def load(self, cargo: Cargo) -> None:
        """Have it load the network; `has_loaded` tells when that is done."""
        fetch = partial(_fetched, [cargo.stored])
        self._loaded = self._called("load", cargo.path, cargo.digest, fetch, cargo.device, cargo.precision)

    def has_loaded(self, seconds: float) -> bool:
        """Wait until it has the network, at most so many seconds.  Raises EngineError, ModelError, DeviceError."""
        if not self._cluster.is_there(self._loaded, seconds):
            return False
        try:
            self._answer(self._loaded)
        except LostError as error:
            raise EngineError(f"A worker has died while it loaded the network: {error}") from None
        return True

    def measured(self) -> Any:
        """The speed that it is about to measure, for `speed`."""
        return self._called("measure")

    def speed(self, measured: Any) -> Speed:
        """What it has measured."""
        speed: Speed = self._answer(measured)
        return speed

    def paint(self, job: Job, number: int, kept: KeptCheckpoint, every: float) -> Iterator[News]:
        """Have a job computed from where it was, and give what is told of it, at last a `PackedEnd`.

        It is ended soon when it is stopped.  number: of the job.  every: seconds between two checkpoints.
        """
        for data in kept.parts():
            self._answer(self._called("receive", number, data))
        painted = self._called("paint", number, Order.of(job), kept.frames, every)
        while True:
            stop = job.stop_requested
            news: list[News] = self._answer(self._called("news", number, stop=stop))
            yield from news
            if news and isinstance(news[-1], PackedEnd):
                return
            if not news and self._cluster.is_there(painted, 0):
                self._answer(painted)  # raises why it could not begin

    def dismiss(self) -> None:
        """End its process."""
        if self.introduction is not None:
            with suppress(LostError):
                self._cluster.is_there(self._called("leave"), LEAVING_SECONDS)
        self._cluster.ray.kill(self._actor)

    def _called(self, method: str, *arguments: Any, **options: Any) -> Any:
        """The answer to come."""
        try:
            return getattr(self._actor, method).remote(*arguments, **options)
        except Exception as error:
            raise LostError(_told(error)) from None

    def _answer(self, answer: Any) -> Any:
        """Raises what the painter raised, LostError when it will not answer."""
        errors = self._cluster.ray.exceptions
        try:
            return self._cluster.ray.get(answer)
        except errors.RayTaskError as error:
            cause = error.cause if isinstance(error.cause, Exception) else error
            release(error)
            raise cause from None
        except Exception as error:
            raise LostError(_told(error)) from None


def _fetched(stored: list[Any]) -> bytes:
    """An object of the cluster; runs where the painter does."""
    import ray

    data: bytes = ray.get(stored[0])
    return data


def _told(error: Exception) -> str:
    """Why, in a line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[-1] if lines else type(error).__name__)[:300]
