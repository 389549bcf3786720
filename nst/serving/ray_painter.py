"""What runs in a process of a Ray cluster: a painter, which is sent orders and is asked for news of them.

One of its threads paints, another one answers meanwhile.  It is asked, and does not call back: so it can be reached
through any connection, and nothing piles up of which nobody wants to hear.  Knows nothing of Ray itself.
"""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue

import torch

from ..errors import ModelError, OutOfMemoryError, OutputError
from ..network.device import choose
from ..network.model import Model, open_model
from ..painting.backbone import Backbone
from ..painting.painting import Painting
from ..painting.shortage import release
from ..version import VERSION
from .execution import End
from .kept_checkpoint import PART_BYTES
from .machine_memory import machine_memory
from .order import Order, PackedEnd, PackedReport, PackedSnapshot, pack
from .speed import Speed

LISTENING = 0.25
"""Seconds for which a question for news waits for some.  A wish to stop a job comes with the next question."""

NEWS = 4
"""Pieces of news that may wait to be asked for; then the painting waits."""

THREADS = {"painting": ("introduce", "load", "measure", "paint"), "talking": ("receive", "news", "leave")}
"""The threads of a painter, and what each does."""

SHARE_OF_TIME = 0.02
"""What checkpoints may take of the time of a painting."""


@dataclass(frozen=True)
class Introduction:
    """What is known of a painter before it has the network.

    host: the name of its machine.  device, precision: what "auto" means there.  memory: bytes, of its GPU where it has
    one, else of the machine.
    """

    version: str
    pid: int
    host: str
    device: str
    precision: str
    memory: float


@dataclass(frozen=True)
class Part:
    """A part of a checkpoint, which is of the snapshot before its first part."""

    data: bytes
    is_last: bool


News = PackedReport | Part


class Painter:
    """Paints one order at a time, on two `THREADS`."""

    def __init__(self, threads: int) -> None:
        """threads: with which it computes."""
        self._threads = threads
        self._folder = Path(tempfile.mkdtemp(prefix="gramarye-painter-"))
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._backbone: Backbone | None = None
        self._outboxes: dict[int, Queue[News]] = {}
        self._paintings: dict[int, Painting] = {}
        self._stopped: set[int] = set()
        self._lock = threading.Lock()

    def introduce(self, device: str, precision: str) -> Introduction:
        """Who it is.  device, precision: those that were asked for.  Raises DeviceError when they are not here."""
        compute = choose(device, precision)
        on_gpu = compute.device.type == "cuda"
        memory = torch.cuda.get_device_properties(compute.device).total_memory if on_gpu else machine_memory()
        where = str(compute.device), compute.precision
        return Introduction(VERSION, os.getpid(), socket.gethostname(), *where, float(memory))

    def load(self, path: Path, digest: str, fetch: Callable[[], bytes], device: str, precision: str) -> str:
        """Make the network ready, and return it in words.

        path: of a file that may be here; where it is not, or not of that digest, one is made of what `fetch` gives.
        Raises ModelError, DeviceError.
        """
        torch.set_num_threads(self._threads)
        self._backbone = Backbone.of(self._model(path, digest, fetch), choose(device, precision))
        (self._folder / "model.onnx").unlink(missing_ok=True)
        return str(self._backbone)

    def measure(self) -> Speed:
        """How fast it is, in some seconds."""
        return Speed.measured(self._ready)

    def receive(self, number: int, data: bytes) -> None:
        """A part of the checkpoint from which a job is to go on."""
        with self._resumed(number).open("ab") as file:
            file.write(data)

    def paint(self, number: int, order: Order, frames: int, every: float) -> None:
        """Paint, and lay out the news of it, of which the last is a `PackedEnd`, whatever happens.

        number: of the job.  frames: how many its time-lapse has already where it goes on.  every: seconds between two
        checkpoints, more where they would take more than a `SHARE_OF_TIME`.
        """
        outbox, is_over = self._outbox(number), False
        try:
            for news in self._news_of(number, order, frames, every):
                is_over = isinstance(news, PackedEnd)
                outbox.put(news)
        except Exception as error:
            release(error)
            if not is_over:
                outbox.put(pack(End("failed", error=error)))
        finally:
            self._paintings.pop(number, None)
            self._resumed(number).unlink(missing_ok=True)

    def news(self, number: int, *, stop: bool = False) -> list[News]:
        """What there is to tell of a job since this was asked last.  stop: end the job soon."""
        outbox, news = self._outbox(number), list[News]()
        if stop:
            self._stopped.add(number)
            if painting := self._paintings.get(number):
                painting.stop()
        with suppress(Empty):
            news.append(outbox.get(timeout=LISTENING))
            while len(news) < NEWS:
                news.append(outbox.get_nowait())
        if news and isinstance(news[-1], PackedEnd):
            self._outboxes.pop(number)
            self._stopped.discard(number)
        return news

    def leave(self) -> None:
        """Its process is about to be ended: nothing of it stays on the disk."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _news_of(self, number: int, order: Order, frames: int, every: float) -> Iterator[News]:
        """A checkpoint always follows a snapshot, so that no frame lies between what is known of both."""
        painting = order.painting(self._ready)
        if self._resumed(number).exists():
            painting.resume(self._resumed(number))
        self._paintings[number] = painting
        if number in self._stopped:
            painting.stop()
        due = time.monotonic() + every
        for report in order.reports(painting, frames):
            if report is None:
                continue
            yield report
            if isinstance(report, PackedSnapshot) and time.monotonic() >= due:
                began = time.monotonic()
                yield from self._checkpoint(painting)
                ended = time.monotonic()
                due = ended + max(every, (ended - began) / SHARE_OF_TIME)
            if isinstance(report, PackedEnd) and isinstance(report.error, OutOfMemoryError):
                self._make_room()

    def _checkpoint(self, painting: Painting) -> Iterator[Part]:
        """The painting's checkpoint in parts; none where there is none to be had, or no place for it."""
        path = self._folder / "checkpoint"
        try:
            if not painting.save_checkpoint(path, lasting=False):
                return
            with path.open("rb") as file:
                path.unlink()
                data = file.read(PART_BYTES)
                while data:
                    rest = file.read(PART_BYTES)
                    yield Part(data, is_last=not rest)
                    data = rest
        except (OutputError, OSError):  # the painting goes on without it
            return

    def _model(self, path: Path, digest: str, fetch: Callable[[], bytes]) -> Model:
        with suppress(ModelError):
            model = open_model(path)
            if model.digest == digest:
                return model
        sent = self._folder / "model.onnx"
        sent.write_bytes(fetch())
        model = open_model(sent)
        if model.digest != digest:
            raise ModelError(f"The model that was sent here is {model.digest[:12]}, but {digest[:12]} was meant.")
        return model

    def _make_room(self) -> None:
        self._ready.targets.forget()
        if self._ready.compute.device.type == "cuda":
            torch.cuda.empty_cache()

    def _outbox(self, number: int) -> Queue[News]:
        with self._lock:
            return self._outboxes.setdefault(number, Queue(NEWS))

    def _resumed(self, number: int) -> Path:
        return self._folder / f"resumed-{number}"

    @property
    def _ready(self) -> Backbone:
        assert self._backbone is not None, "a painter is given the network first"
        return self._backbone
