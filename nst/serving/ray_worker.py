"""Jobs on a Ray cluster: several at a time, each by a painter in a process of its own, on this machine or elsewhere.

For each painter a thread here takes jobs from the queue, so that no more are on their way than are computed.  What
comes back of a job are its reports and, every few seconds, a checkpoint: when its painter dies, another one goes on
from there.
"""

from __future__ import annotations

import shutil
import socket
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import TypeVar

from ..errors import EngineError
from ..network.device import choose
from ..network.model import Model, open_model
from ..painting.backbone import Backbone
from ..painting.painting import Painting
from ..painting.shortage import release
from .engine import Engine
from .execution import INTERVAL
from .job import Job
from .kept_checkpoint import KeptCheckpoint
from .limits import Limits
from .local import LocalWorker
from .machine_memory import SHARE_OF_MEMORY, memory_of_one
from .queue import CAPACITY, FAILED, Queue
from .ray_cluster import Cluster, open_cluster
from .ray_hand import Cargo, Hand, LostError
from .ray_painter import Introduction, Part
from .shares import Shares, shares_of
from .speed import Speed

START_SECONDS = 300.0
"""How long painters for whom there is room are waited for; those that come later paint as well."""

CHECKPOINT_SECONDS = 5.0
"""Between two checkpoints of a painting, at least."""

MOST_DEATHS = 3
"""Painters that a job may outlive; then it is taken to be what kills them."""

MOST_FAILURES = 3
"""Times in a row that no painter could be had; then none is tried any more in this one's place."""

FAILURE_SECONDS = 5.0
"""Before it is tried again."""

CLOSING_SECONDS = 10.0
"""How long jobs have to end by themselves when all is closed."""

T = TypeVar("T")


class RayWorker:
    """Has jobs computed by painters on a cluster; see `nst.serving.worker.Worker`.  Make it with `open`.

    Short questions are answered in this process, by `work`.
    """

    def __init__(
        self,
        cluster: Cluster,
        cargo: Cargo,
        model: Model,
        shares: Shares,
        hands: Sequence[Hand],
        limits: Limits,
        *,
        capacity: int = CAPACITY,
        every: float = CHECKPOINT_SECONDS,
    ) -> None:
        """hands: as many as there are shares; those that have begun have the network too.

        capacity: how many jobs may wait.  every: seconds between two checkpoints, at least.
        """
        self.limits = limits
        self._cluster, self._cargo, self._shares, self._every = cluster, cargo, shares, every
        begun = [hand.introduction for hand in hands if hand.introduction is not None]
        self._devices = sorted({one.device.partition(":")[0] for one in begun})
        self._queue = Queue(capacity, limits, at_once=max(1, len(begun)))
        precision = cargo.precision if self._devices == ["cpu"] else "auto"
        self._local = LocalWorker(Backbone.of(model, choose("cpu", precision)), capacity=capacity)
        self._folder = Path(tempfile.mkdtemp(prefix="gramarye-checkpoints-"))
        self._kept: dict[Job, KeptCheckpoint] = {}
        self._numbers = count(1)
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._at_work: dict[Hand, Job | None] = {}
        self._came = threading.Condition(self._lock)
        self._threads = [
            threading.Thread(target=self._serve, args=(hand,), name=f"painter {number}", daemon=True)
            for number, hand in enumerate(hands, 1)
        ]
        self._places = len(self._threads)
        for thread in self._threads:
            thread.start()
        with self._came:
            self._came.wait_for(lambda: len(self._at_work) >= len(begun), START_SECONDS)

    @classmethod
    def open(
        cls,
        path: Path | None,
        device: str = "auto",
        precision: str = "auto",
        engine: Engine | None = None,
        *,
        capacity: int = CAPACITY,
        seconds: float | None = None,
        refuses: bool = True,
        every: float = CHECKPOINT_SECONDS,
    ) -> RayWorker:
        """Join or start a cluster, hire painters, and wait until those for whom there is room have the network.

        path: the model file, as for `nst.network.model.open_model`.  device, precision: as `choose` has them, for every
        painter.  engine: the cluster's address, and how many painters.  seconds: the most that a painting may take,
        for which the painters are timed.  refuses: as in `Limits`.  capacity, every: as in the constructor.
        Raises ModelError, DeviceError, EngineError.
        """
        engine = engine or Engine("ray")
        model = open_model(path)
        cluster = open_cluster(engine.address, engine.workers, device)
        try:
            shares = shares_of(cluster.machines(), engine.workers, device)
            device = "cuda" if shares.gpus else "mps" if device == "mps" else "cpu"
            hands = [Hand(cluster, shares, device, precision) for _ in range(shares.workers)]
            begun = _begun(cluster, hands, shares.expected)
            one = _common_precision(begun) if precision == "auto" else precision
            cargo = Cargo(model.path, model.digest, cluster.ray.put(model.path.read_bytes()), device, one)
            _load(cluster, begun, cargo)
            speed = _slowest(begun) if seconds else None
            limits = Limits(seconds, speed, _memory(begun, shares), refuses)
            return cls(cluster, cargo, model, shares, hands, limits, capacity=capacity, every=every)
        except BaseException:
            cluster.close()
            raise

    def __str__(self) -> str:
        return f"{self.backbone.model} on {self.where}"

    @property
    def backbone(self) -> Backbone:
        return self._local.backbone

    @property
    def workers(self) -> int:
        """How many jobs are computed at a time, when all painters are there."""
        return self._shares.workers

    @property
    def painters(self) -> int:
        """How many painters are there now."""
        with self._lock:
            return len(self._at_work)

    def resumes_at(self, job: Job) -> int:
        """After which iteration a job would go on if its painter died now; 0 when that is at its start."""
        with self._lock:
            return self._kept[job].iteration if job in self._kept else 0

    def painter_of(self, job: Job | None) -> Introduction | None:
        """Who computes a job now; of None, somebody who waits for one."""
        with self._lock:
            return next((hand.introduction for hand, theirs in self._at_work.items() if theirs is job), None)

    @property
    def paints_here(self) -> bool:
        return False

    @property
    def where(self) -> str:
        workers = "1 worker" if self.workers == 1 else f"{self.workers} workers"
        threads = "1 thread" if self._shares.cores == 1 else f"{self._shares.cores} threads"
        on_cores = "" if self._shares.gpus else f", {threads} each"
        return f"{workers} on Ray ({', '.join(self._devices)} in {self._cargo.precision}{on_cores})"

    @property
    def failed(self) -> bool:
        return self._queue.failed or self._local.failed

    def submit(self, painting: Painting, *, interval: float = INTERVAL, filmed: bool = True) -> Job:
        job = Job(painting, interval=interval, filmed=filmed)
        self._queue.add(job)
        return job

    def ask(self, question: Callable[[], T]) -> Future[T]:
        return self._local.ask(question)

    def place(self, job: Job) -> int:
        return self._queue.place(job)

    def load(self) -> dict[str, int]:
        return self._queue.load()

    def work(self) -> None:
        self._local.work()
        if self._queue.failed:
            raise EngineError(FAILED)

    def close(self) -> None:
        """Stop all jobs, dismiss the painters, and end the cluster where it was started here."""
        self._closing.set()
        self._local.close()
        self._queue.close()
        ends_at = time.monotonic() + CLOSING_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, ends_at - time.monotonic()))
        self._cluster.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _serve(self, hand: Hand | None) -> None:
        """Have jobs computed by one painter after another, each as long as it lives, until all is closed."""
        failures = 0
        while failures < MOST_FAILURES and not self._closing.is_set():
            try:
                hand = hand or Hand(self._cluster, self._shares, self._cargo.device, self._cargo.precision)
                if self._is_ready(hand):
                    failures = 0
                    self._follow(hand)
            except LostError:
                pass
            except Exception:
                failures += 1
                self._closing.wait(FAILURE_SECONDS)
            if hand is not None:
                with suppress(Exception):  # it is gone, or the cluster is
                    hand.dismiss()
            hand = None
        with self._lock:
            self._places -= 1
            nobody_is_left = not self._places
        if nobody_is_left and not self._closing.is_set():
            self._queue.fail()
            self._local.close()

    def _is_ready(self, hand: Hand) -> bool:
        """Wait until a painter has the network; False when all is closed before."""
        while not hand.has_begun(0.5):
            if self._closing.is_set():
                return False
        if hand.loaded is None:
            hand.load(self._cargo)
        while not hand.has_loaded(0.5):
            if self._closing.is_set():
                return False
        return True

    def _follow(self, hand: Hand) -> None:
        """Give a painter one job after another.  Raises LostError when it is gone."""
        self._note(hand, None)
        try:
            while job := self._queue.take():
                self._note(hand, job)
                try:
                    if job.begin():
                        self._compute(hand, job)
                finally:
                    self._let_go(job)
                self._note(hand, None)
                del job  # and its pictures with it, while nobody waits
        finally:
            with self._lock:
                self._at_work.pop(hand)
                self._queue.at_once = max(1, len(self._at_work))

    def _note(self, hand: Hand, job: Job | None) -> None:
        """What a painter is at, None for nothing."""
        with self._came:
            self._at_work[hand] = job
            self._queue.at_once = len(self._at_work)
            self._came.notify_all()

    def _compute(self, hand: Hand, job: Job) -> None:
        with self._lock:
            number = next(self._numbers)
            kept = self._kept.setdefault(job, KeptCheckpoint(self._folder / f"{number}.checkpoint"))
        try:
            for news in hand.paint(job, number, kept, self._every):
                if isinstance(news, Part):
                    iteration = job.snapshot.progress.iteration if job.snapshot else 0
                    frames = len(job.time_lapse.frames) if job.time_lapse else 0
                    kept.add(news.data, is_last=news.is_last, iteration=iteration, frames=frames)
                else:
                    job.take(news.unpack())
        except LostError as error:
            kept.begin()
            kept.deaths += 1
            if kept.deaths >= MOST_DEATHS and not job.stop_requested:
                job.fail(_deadly(kept.deaths, str(error)))
            job.wait_again(kept.iteration, kept.frames)
            raise
        except Exception as error:
            release(error)
            job.fail(error)

    def _let_go(self, job: Job) -> None:
        """Nobody computes it any more.  What is kept of jobs that are over goes, also of those that waited."""
        with self._lock:
            for finished in [one for one in self._kept if one.finished]:
                self._kept.pop(finished).remove()
        self._queue.put_back(job)


def _begun(cluster: Cluster, hands: Sequence[Hand], expected: int) -> list[Hand]:
    """Those that have begun in time.  Raises what `Hand.has_begun` does, EngineError when none has."""
    cluster.count_there([hand.begun for hand in hands[:expected]], START_SECONDS)
    begun = [hand for hand in hands if hand.has_begun(0)]
    if not begun:
        raise EngineError(
            f"No worker has begun on the cluster in {START_SECONDS:.0f} s, though there is room for {expected}: see "
            "what `ray status` says there, or ask for fewer with --workers."
        )
    return begun


def _common_precision(hands: Sequence[Hand]) -> str:
    """The one that all machines have in hardware, so that each can go on with what another one began."""
    precisions = {hand.introduction.precision for hand in hands if hand.introduction}
    return precisions.pop() if len(precisions) == 1 else "fp32"


def _load(cluster: Cluster, hands: Sequence[Hand], cargo: Cargo) -> None:
    for hand in hands:
        hand.load(cargo)
    cluster.count_there([hand.loaded for hand in hands], START_SECONDS)
    loaded = [hand for hand in hands if hand.has_loaded(0)]
    if not loaded:
        raise EngineError(f"No worker could load the network in {START_SECONDS:.0f} s: see the logs of the cluster.")


def _slowest(hands: Sequence[Hand]) -> Speed:
    """The worst of what all measure at the same time, as they share what their machines have."""
    speeds = [hand.speed(measured) for hand, measured in [(hand, hand.measured()) for hand in hands]]
    return Speed(
        max(speed.start for speed in speeds),
        max(speed.step for speed in speeds),
        min(speed.operations for speed in speeds),
    )


def _memory(hands: Sequence[Hand], shares: Shares) -> float:
    """Bytes that a painting may take wherever it is computed."""
    introductions = [hand.introduction for hand in hands if hand.introduction]
    if shares.gpus:
        return SHARE_OF_MEMORY * min(one.memory for one in introductions)
    here, workers = socket.gethostname(), Counter(one.host for one in introductions)
    return min(memory_of_one(one.memory, workers[one.host], beside_server=one.host == here) for one in introductions)


def _deadly(deaths: int, reason: str) -> EngineError:
    return EngineError(
        f"This painting was given up, as {deaths} workers have died of it ({reason.rstrip('.')}): most likely their "
        "memory was short, so use a smaller size, fewer workers, or machines with more."
    )
