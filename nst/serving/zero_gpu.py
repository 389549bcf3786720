"""Jobs on ZeroGPU, where a GPU is lent for seconds: each is computed in a process that is forked for it.

What crosses that fork is in `nst.serving.order`.  The process that serves the page never computes on CUDA.  Importing
this module puts `spaces` in place, so it comes before all that might start CUDA.
"""

from __future__ import annotations

import contextvars
import math
import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import TypeVar

import spaces
from spaces.config import Config
from spaces.zero.config import get_config

from ..network.device import choose
from ..network.extractor import Extractor
from ..network.model import Model, open_model
from ..painting.backbone import Backbone
from ..painting.painting import Painting
from ..painting.targets import Targets
from .execution import INTERVAL, End
from .job import Job
from .limits import Limits
from .local import LocalWorker
from .machine_memory import SHARE_OF_MEMORY
from .order import Order, PackedReport
from .queue import CAPACITY, Queue
from .speed import Speed

SPEED = Speed(start=10.0, step=0.03, operations=10e12)
"""Assumed, not measured: nobody has run this on ZeroGPU yet.  Meant as an upper bound for half an RTX Pro 6000
Blackwell, which is what ZeroGPU lends (Hugging Face's documentation, August 2026).

A step launches about 300 kernels, each of which takes Python some 20 to 50 microseconds: 6 to 15 ms.  Half the chip
multiplies in bf16 at about 250e12 operations a second and reads its memory at 0.8e12 bytes a second; a network with so
few channels reaches a fraction of that.  A new process starts CUDA before the first step.
"""

SECONDS = 120.0
"""The most that one painting may take: what a visitor without an account has in a day."""

GPU_BYTES = 48e9
"""The memory of what ZeroGPU lends."""

HERE = Limits(seconds=10.0, speed=Speed(start=0.0, step=0.03, operations=2e11), bytes=1e9)
"""What the Space's own processor paints, so that it costs no visitor any seconds of a GPU: about what it has finished
before a GPU would have begun.  The speed is that of two cores that have no bf16.

A filmstrip of the Intuition tab is five such paintings; on GPUs they would ask for a minute, half of a visitor's day.
"""

Paint = Callable[[Order, float], Generator[PackedReport]]
"""Has an order computed where a GPU is lent for so many seconds.  Closing the generator gives the GPU back."""

T = TypeVar("T")


class ZeroGpuWorker:
    """Has each job computed on a GPU that is lent for it; see `nst.serving.worker.Worker`.

    Several are computed at a time, as ZeroGPU has a line of its own.  The seconds that are asked for are what a
    painting is reckoned to take (`SPEED`), as they are what a visitor pays with; one of more than the limit is refused
    before any are spent.  Small ones (`HERE`) and questions are computed in this process, by `work`.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        capacity: int = CAPACITY,
        seconds: float = SECONDS,
        here: Limits = HERE,
        paint: Paint | None = None,
    ) -> None:
        """path: the model file, as for `nst.network.model.open_model`.  capacity: how many jobs may wait beside one.
        seconds: the most that one may take.  here: what is computed in this process.  paint: how the others are;
        default: as ZeroGPU does, for which this must come before the page is launched, on the thread that has
        imported this module.  Raises ModelError.
        """
        model = open_model(path)
        self.limits = Limits(seconds, SPEED, SHARE_OF_MEMORY * GPU_BYTES)
        self._local = LocalWorker(Backbone.of(model, choose("cpu")), capacity=capacity)
        self._here = here
        self._lent = Queue(capacity, self.limits)
        self._paint = paint or lending(model)

    def __str__(self) -> str:
        return f"{self.backbone.model} on {self.where}"

    @property
    def backbone(self) -> Backbone:
        return self._local.backbone

    @property
    def paints_here(self) -> bool:
        return False

    @property
    def where(self) -> str:
        return "ZeroGPU"

    @property
    def failed(self) -> bool:
        return self._local.failed

    def submit(self, painting: Painting, *, interval: float = INTERVAL, filmed: bool = True) -> Job:
        """Call it where Gradio handles a visitor's request: it is that visitor's GPU time."""
        if self._here.fits(painting):
            self._here.check(painting)
            return self._local.submit(painting, interval=interval, filmed=filmed)
        job = Job(painting, interval=interval, filmed=filmed)
        self._lent.add(job, held=True)
        visitor = contextvars.copy_context()
        threading.Thread(target=visitor.run, args=(self._follow, job), name="lent GPU", daemon=True).start()
        return job

    def ask(self, question: Callable[[], T]) -> Future[T]:
        return self._local.ask(question)

    def place(self, job: Job) -> int:
        """0 for a job on a lent GPU: it waits for no other here."""
        return self._local.place(job)

    def load(self) -> dict[str, int]:
        lent = self._lent.load()
        return {state: count + lent[state] for state, count in self._local.load().items()}

    def work(self) -> None:
        self._local.work()

    def close(self) -> None:
        self._lent.close()
        self._local.close()

    def _follow(self, job: Job) -> None:
        """Have a job computed, and keep what is reported of it.

        Of one that is stopped while it waits for a GPU, `spaces` has the pictures until there is one.
        """
        try:
            with closing(self._paint(Order.of(job), self.limits.estimate(job.painting))) as reports:
                for report in reports:
                    if job.stop_requested or not job.begin():
                        break
                    job.take(report.unpack())
        except Exception as error:
            job.fail(error)
        finally:
            job.take(End("stopped"))  # which says nothing to one that is over
            self._lent.let_go(job)


def lending(model: Model) -> Paint:
    """Paint on GPUs that ZeroGPU lends; where there is no ZeroGPU, in this process.

    The weights are put on CUDA now.  On ZeroGPU that is a promise of `spaces`, which keeps them in a file when the page
    is launched and has them on the GPU, the fast way, when a process begins; so each is asked for its device anew.
    """
    promised = choose()
    extractor = Extractor.on(model.weights, promised.device, promised.dtype)

    @cache
    def backbone() -> Backbone:
        lent = choose(precision=promised.precision)
        return Backbone(model, lent, extractor, Targets(extractor, model.digest), "PyTorch")

    def paint(order: Order, _seconds: float) -> Generator[PackedReport]:
        yield from filter(None, order.execute(backbone()))

    lent: Paint = spaces.GPU(paint, duration=declared_seconds)
    return lent


def declared_seconds(_order: Order, seconds: float) -> int:
    """What `spaces` is to be told, whole seconds, for it to ask for so many.

    It takes them for those of the H200 that ZeroGPU lent before, and multiplies them where the GPU is a slower one.
    """
    return math.ceil(seconds / (get_config()["duration_factor"] if Config.zero_gpu else 1))
