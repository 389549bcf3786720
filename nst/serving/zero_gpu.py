"""The engine on ZeroGPU, where a GPU is lent for seconds: each job is computed in a worker that is forked for it.

Only pickles cross that fork: an `Order` on the way there, `News` and an `End` on the way back.  The process that
serves the page never touches CUDA.  Importing this module puts `spaces` in place, so it comes before all that might.
"""

from __future__ import annotations

import contextvars
import math
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import spaces
import torch
from PIL import Image

from ..network.device import choose
from ..network.model import open_model
from ..painting.backbone import Backbone
from ..painting.objective import Losses
from ..painting.optimize import Progress
from ..painting.painting import Run, from_inputs
from ..pictures.picture import Picture
from ..recipe import Recipe
from .cost import Limits, Speed
from .engine import INTERVAL, ROOM, Engine, Job, Snapshot

SPEED = Speed(start=10.0, step=0.03, operations=15e12)
"""Assumed, not measured: nobody has run this on ZeroGPU yet.  Meant as an upper bound for half an H200.

A step launches about 300 kernels, each of which takes Python some 20 to 50 microseconds: 6 to 15 ms.  The chip
multiplies in bf16 at about 400e12 operations a second; a network with so few channels reaches a fraction of that.  A
new worker starts CUDA and moves the network there before the first step.
"""

SECONDS = 120.0
"""The most that one run may take: what a visitor without an account has in a day."""

NUMBERS = (
    "scale", "scales", "size", "step", "steps", "iteration", "iterations", "done", "seconds", "seconds_left",
)  # fmt: skip
"""The fields of a `Progress` that are plain numbers."""


class Packed(NamedTuple):
    """A picture in transit.  rgb: 1x3xHxW and alpha: 1x1xHxW, float32 from 0 to 1."""

    rgb: np.ndarray[Any, Any]
    alpha: np.ndarray[Any, Any] | None
    name: str

    @classmethod
    def of(cls, picture: Picture) -> Packed:
        """As it is, so that its digest stays the same."""
        return cls(picture.rgb.numpy(), None if picture.alpha is None else picture.alpha.numpy(), picture.name)

    def picture(self) -> Picture:
        """The inverse of `of`, but for the provenance."""
        alpha = None if self.alpha is None else torch.from_numpy(self.alpha)
        return Picture(torch.from_numpy(self.rgb), alpha, self.name)


@dataclass(frozen=True)
class Order:
    """A run to be computed elsewhere.  seconds: how long a GPU is asked for.  The rest as in `Run` and `Job`."""

    task: str
    recipe: dict[str, Any]
    inputs: dict[str, Packed]
    seconds: float
    interval: float
    filmed: bool

    def news(self, backbone: Backbone) -> Generator[News | End]:
        """Compute it here, and tell of every snapshot; the last item says how it ended."""
        inputs = {role: packed.picture() for role, packed in self.inputs.items()}
        run = from_inputs(self.task, inputs, Recipe.from_json(self.recipe), backbone)
        job, told = Job(run, interval=self.interval, filmed=self.filmed), 0
        for snapshot in filter(None, job.computing()):
            frames = job.film.frames[told:] if job.film else []
            told += len(frames)
            picture = run.snapshot()
            assert picture is not None
            numbers = {name: getattr(snapshot.progress, name) for name in NUMBERS}
            made = np.asarray(picture.to_pil()), picture.name, picture.provenance
            yield News(numbers, snapshot.losses, snapshot.rate, *made, frames)
        yield End(job.state, job.error)


class News(NamedTuple):
    """A snapshot in transit.  numbers: those of `NUMBERS`.  pixels: HxWx3, or HxWx4 with alpha, 8 bits a color.

    frames: of the time-lapse, those that came since the news before.
    """

    numbers: dict[str, Any]
    losses: Losses
    rate: float
    pixels: np.ndarray[Any, Any]
    name: str
    provenance: dict[str, Any] | None
    frames: list[Image.Image]

    def picture(self) -> Picture:
        """What was reached, in the steps of 8 bits in which files hold it."""
        bands = torch.from_numpy(self.pixels.astype(np.float32) / 255).permute(2, 0, 1)[None].contiguous()
        alpha = bands[:, 3:].contiguous() if bands.shape[1] == 4 else None
        return Picture(bands[:, :3].contiguous(), alpha, self.name, self.provenance)


class End(NamedTuple):
    """How a job ended there.  error: what made it fail; without what caused it, which stays behind."""

    state: str
    error: Exception | None


Paint = Callable[[Order], Generator["News | End"]]


class ZeroJob(Job):
    """A job that is computed in a worker, and followed here on a thread of its own."""

    def __init__(self, run: Run, paint: Paint, seconds: float, *, interval: float, filmed: bool) -> None:
        """paint: computes an order elsewhere.  seconds: how long a GPU is asked for."""
        super().__init__(run, interval=interval, filmed=filmed)
        self._paint = paint
        self._seconds = seconds
        self._left = False

    def stop(self) -> None:
        """As `Job.stop`; the worker ends at its next snapshot."""
        self._left = True
        super().stop()

    def follow(self) -> None:
        """Have the work done, and keep what is told of it."""
        run = self.run
        inputs = {role: Packed.of(picture) for role, picture in run.inputs.items()}
        order = Order(run.task, run.recipe.to_json(), inputs, self._seconds, self.interval, self.film is not None)
        told, state = self._paint(order), "stopped"
        try:
            for item in told:
                if self._left:
                    break
                if isinstance(item, News):
                    self.state = "running"
                    self._take(item)
                elif item.error is not None:
                    raise item.error
                else:
                    state = item.state
        except Exception as error:
            self.error, state = error, "failed"
        finally:
            told.close()
        self._finish(state)

    def _take(self, news: News) -> None:
        self.picture = news.picture()
        terms, parts = news.losses.written()
        at = Progress(
            **news.numbers, _terms=terms, _parts=parts, _average=None, _develop=None  # type: ignore[arg-type]
        )  # fmt: skip
        self.losses.append((at.iteration, news.losses))
        if self.film:
            self.film.frames += news.frames
        self.snapshot = Snapshot(at, news.losses, self.picture.rgb, news.rate)


class ZeroEngine(Engine):
    """Has each job computed on a GPU that ZeroGPU lends for it; several at a time, as ZeroGPU has a line of its own.

    The seconds that are asked for are what the run is reckoned to take (`SPEED`), as they are what a visitor pays with;
    a run of more than `SECONDS` is refused before any are spent.  room: how many may be on their way beside one.
    """

    def __init__(self, path: Path | None = None, *, room: int = ROOM, seconds: float = SECONDS) -> None:
        """path: the model file, as for `nst.network.model.open_model`.  Raises ModelError."""
        model = open_model(path)
        self._limits = Limits(seconds, SPEED)
        super().__init__(Backbone.of(model, choose("cpu")), room=room, limits=self._limits)
        there = cache(lambda: Backbone.of(model, choose()))

        def paint(order: Order) -> Generator[News | End]:
            yield from order.news(there())

        self._paint: Paint = spaces.GPU(paint, duration=asked_seconds)

    def __str__(self) -> str:
        return f"{self.backbone.model} on {self.where}"

    @property
    def where(self) -> str:
        """The device in words, for the page."""
        return "ZeroGPU"

    def submit(self, run: Run, *, interval: float = INTERVAL, filmed: bool = True) -> Job:
        """As `Engine.submit`.  Call it where Gradio handles a visitor's request: it is that visitor's GPU time."""
        seconds = self._limits.estimate(run)
        job = self._admit(ZeroJob(run, self._paint, seconds, interval=interval, filmed=filmed))
        visitor = contextvars.copy_context()
        threading.Thread(target=visitor.run, args=(job.follow,), name="zero", daemon=True).start()
        return job

    def place(self, job: Job) -> int:  # noqa: ARG002
        """Always 0: nobody waits for another here."""
        return 0

    def work(self) -> None:
        """Do what is asked for until the engine is closed: runs are computed elsewhere."""
        while self._wait():
            self._answer()

    def _wait(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._asked)
            return not self._closed


def asked_seconds(order: Order) -> int:
    """How long ZeroGPU is to lend a GPU for an order: whole seconds."""
    return math.ceil(order.seconds)
