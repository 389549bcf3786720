"""ZeroGPU: the seconds that are asked for, jobs on lent GPUs, and the real `spaces` package at work."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nst.errors import BusyError, ClosedError, CostError, DivergedError
from nst.learn.filmstrips import KINDS, Kind, filmstrip_paintings
from nst.painting.backbone import Backbone
from nst.painting.painting import stylize
from nst.pictures.picture import Picture
from nst.recipe import Recipe
from nst.serving.cost import Cost
from nst.serving.job import Job
from nst.serving.limits import Limits
from nst.serving.order import Order, PackedReport
from nst.serving.zero_gpu import HERE, SECONDS, SPEED, Paint, ZeroGpuWorker, declared_seconds
from tests.serving.forked_paintings import LENT_STEPS, LOCAL_STEPS, STOPPED_STEPS
from tests.serving.support import LONG, WAIT, UnsoundExtractor, WatchedPainting, close_after, noise
from tests.serving.zero_stand_in import ZeroStandIn, environment

ROOT = Path(__file__).parent.parent.parent

NOTHING = Limits(0, SPEED)
"""As `here`: all that is submitted goes to a GPU."""


class Lender:
    """Lends what computes in this process, to and from which everything goes as it does through a fork.

    asked: the seconds that each job asked for.  returned: how many have given back what was lent.
    """

    def __init__(self, backbone: Backbone) -> None:
        self.asked: list[float] = []
        self.returned = 0
        self._backbone = backbone

    def __call__(self, order: Order, seconds: float) -> Generator[PackedReport]:
        self.asked.append(seconds)
        crossed: Order = pickle.loads(pickle.dumps(order))
        try:
            for report in filter(None, crossed.execute(self._backbone)):
                yield pickle.loads(pickle.dumps(report))
        finally:
            self.returned += 1


@pytest.fixture
def lender(backbone: Backbone) -> Lender:
    return Lender(backbone)


@pytest.fixture
def opened(random_model: Path) -> Iterator[Callable[..., ZeroGpuWorker]]:
    """Opens workers with room for one that waits."""
    workers: list[ZeroGpuWorker] = []

    def opened(paint: Paint | None = None, here: Limits = NOTHING) -> ZeroGpuWorker:
        workers.append(ZeroGpuWorker(random_model, capacity=1, here=here, paint=paint))
        return workers[-1]

    yield opened
    for worker in workers:
        worker.close()


Open = Callable[..., ZeroGpuWorker]
MakePainting = Callable[..., WatchedPainting]


def refusing(order: Order, seconds: float) -> Generator[PackedReport]:
    """What lends nothing: for tests in which nothing is to be asked for."""
    raise AssertionError(f"{seconds} s were asked for")
    yield


def test_a_job_on_a_lent_gpu_is_the_job_made_here(opened: Open, lender: Lender, paint: MakePainting) -> None:
    job = opened(lender).submit(paint(), interval=0)
    assert job.wait(WAIT)
    assert (job.state, job.error) == ("done", None)
    assert [iteration for iteration, _ in job.losses] == [1, 2, 3]
    assert job.time_lapse is not None
    assert len(job.time_lapse.frames) == 3
    assert job.picture is not None
    assert np.array_equal(np.asarray(job.picture.to_pil()), np.asarray(paint().result().to_pil()))


def test_the_seconds_asked_for_are_those_of_start_steps_and_operations(
    opened: Open, lender: Lender, paint: MakePainting
) -> None:
    painting = paint(first_steps=5)
    assert opened(lender).submit(painting).wait(WAIT)
    reckoned = SPEED.start + 5 * SPEED.step + Cost.of(painting).operations / SPEED.operations
    assert lender.asked == [reckoned]
    assert declared_seconds(Order.of(Job(painting)), reckoned) == 11  # 10 + 5 * 0.03, and a little for the pixels


def test_what_cannot_fit_is_refused_before_a_second_is_spent(opened: Open, paint: MakePainting) -> None:
    worker = opened(refusing)
    # 10 s to start and 10 000 steps of 0.03 s are 310 s, and two for the pixels; 3500 steps are what fits
    with pytest.raises(CostError, match=r"would take about 312 s; the limit here is 120 s: first_steps 3500 and"):
        worker.submit(paint(first_steps=10_000))
    assert worker.load() == {"running": 0, "waiting": 0}


def test_what_the_lent_memory_cannot_hold_is_refused(opened: Open, backbone: Backbone) -> None:
    """48 GB are lent, 38.4 of which may be needed; to sort the features of the largest picture takes more."""
    recipe = Recipe(size=8192, start_size=0, first_steps=1, upscale=True, style_statistic="wasserstein")
    large = stylize(noise(64, 64), noise(64, 64), recipe, backbone=backbone)
    with pytest.raises(CostError, match=r"GB of memory; the limit here is 38\.4 GB"):
        opened(refusing).submit(large)


def test_an_error_there_is_the_error_here(opened: Open, paint: MakePainting, backbone: Backbone) -> None:
    unsound = UnsoundExtractor(**vars(backbone.extractor), sound=repeat(False))
    job = opened(Lender(replace(backbone, extractor=unsound))).submit(paint(first_steps=60, tolerance=0.0))
    assert job.wait(WAIT)
    assert job.state == "failed"
    assert isinstance(job.error, DivergedError)
    assert "lower learning_rate" in str(job.error)


def test_a_visitor_who_is_lent_nothing_is_told_why(opened: Open, paint: MakePainting) -> None:
    job = opened(refusing).submit(paint())
    assert job.wait(WAIT)
    assert job.state == "failed"
    assert str(job.error).endswith("s were asked for")


def test_a_lender_that_fails_before_it_lends_leaves_no_job_waiting(opened: Open, paint: MakePainting) -> None:
    def broken(order: Order, seconds: float) -> Generator[PackedReport]:
        raise RuntimeError("no lender")

    worker = opened(broken)
    job = worker.submit(paint())
    assert job.wait(WAIT)
    assert (job.state, str(job.error)) == ("failed", "no lender")
    assert worker.load() == {"running": 0, "waiting": 0}


def test_a_job_that_is_stopped_gives_its_gpu_back_and_keeps_its_picture(
    opened: Open, lender: Lender, paint: MakePainting
) -> None:
    reported, stopped = threading.Event(), threading.Event()

    def slow(order: Order, seconds: float) -> Generator[PackedReport]:
        reports = lender(order, seconds)
        yield next(reports)
        reported.set()
        assert stopped.wait(WAIT)
        yield from reports

    job = opened(slow).submit(paint(first_steps=3000), interval=0)
    assert reported.wait(WAIT)
    job.stop()
    assert not job.finished
    stopped.set()
    assert job.wait(WAIT)
    assert job.state == "stopped"
    assert lender.returned == 1
    assert job.snapshot is not None
    assert job.snapshot.progress.iteration == 1
    assert job.picture is job.snapshot.picture


def test_a_job_that_is_stopped_before_a_gpu_is_there_never_shows_anything(
    opened: Open, lender: Lender, paint: MakePainting
) -> None:
    free, returned = threading.Event(), threading.Event()

    def late(order: Order, seconds: float) -> Generator[PackedReport]:
        assert free.wait(WAIT)
        try:
            yield from lender(order, seconds)
        finally:
            returned.set()

    worker = opened(late)
    job = worker.submit(paint(), interval=0)
    assert worker.load() == {"running": 0, "waiting": 1}
    job.stop()
    assert job.finished
    free.set()
    assert returned.wait(WAIT)
    assert lender.returned == 1
    assert (job.state, job.snapshot, job.picture) == ("stopped", None, None)


def test_a_job_that_is_stopped_counts_as_long_as_its_pictures_wait_for_a_gpu(
    opened: Open, lender: Lender, paint: MakePainting
) -> None:
    free = threading.Event()

    def late(order: Order, seconds: float) -> Generator[PackedReport]:
        assert free.wait(WAIT)
        yield from lender(order, seconds)

    worker = opened(late)
    for _ in range(2):
        worker.submit(paint()).stop()
    assert worker.load() == {"running": 0, "waiting": 0}
    with pytest.raises(BusyError, match="2 jobs are ahead of yours"):
        worker.submit(paint())
    free.set()
    for thread in threading.enumerate():
        if thread.name == "lent GPU":
            thread.join(WAIT)
    assert worker.submit(paint()).wait(WAIT)


def test_several_jobs_are_on_their_way_at_once_but_no_more_than_may(
    opened: Open, lender: Lender, paint: MakePainting
) -> None:
    running = threading.Barrier(3)

    def together(order: Order, seconds: float) -> Generator[PackedReport]:
        reports = lender(order, seconds)
        yield next(reports)
        running.wait(WAIT)  # until the other job, and the test, have come as far
        yield from reports

    worker = opened(together)
    jobs = [worker.submit(paint()) for _ in range(2)]
    with pytest.raises(BusyError):
        worker.submit(paint())
    assert [worker.place(job) for job in jobs] == [0, 0]
    running.wait(WAIT)
    assert all(job.wait(WAIT) for job in jobs)
    assert [job.state for job in jobs] == ["done", "done"]


def test_small_paintings_and_questions_are_for_the_thread_that_works(opened: Open, paint: MakePainting) -> None:
    worker, threads = opened(refusing, HERE), set[threading.Thread]()
    painting = paint()
    painting.after = lambda _: threads.add(threading.current_thread())
    job, other = worker.submit(painting), worker.submit(paint())
    assert worker.load() == {"running": 0, "waiting": 2}
    assert worker.place(other) == 1
    asked = worker.ask(threading.current_thread)
    close_after(other, worker)
    worker.work()
    assert (job.state, other.state) == ("done", "done")
    assert threads == {asked.result(0)} == {threading.current_thread()}


@pytest.mark.parametrize("kind", KINDS)
def test_a_filmstrip_costs_no_visitor_any_seconds(kind: Kind, backbone: Backbone) -> None:
    """As the Intuition tab computes it: 60 steps at 128 px, for the picture with the most pixels, a square one."""
    strip = list(filmstrip_paintings(kind, noise(128, 128), size=128, steps=60, backbone=backbone))
    assert len(strip) == 5
    assert all(HERE.fits(part.painting) for part in strip)
    assert sum(SPEED.seconds(Cost.of(part.painting)) for part in strip) > 0.49 * SECONDS  # what GPUs would cost


def test_what_is_not_small_is_for_a_gpu(paint: MakePainting, backbone: Backbone) -> None:
    picture = noise(512, 384)
    assert not HERE.fits(stylize(picture, picture, Recipe.preset("fast"), backbone=backbone))
    assert not HERE.fits(paint(**LONG))


def test_nobody_waits_for_a_closed_worker(opened: Open, paint: MakePainting) -> None:
    for here in (NOTHING, HERE):
        worker = opened(refusing, here)
        worker.close()
        with pytest.raises(ClosedError):
            worker.submit(paint())
        with pytest.raises(ClosedError):
            worker.ask(lambda: None)


def test_where_there_is_no_zero_gpu_jobs_are_computed_in_this_process(
    opened: Open, paint: MakePainting, content: Picture
) -> None:
    job = opened().submit(paint())
    assert job.wait(WAIT)
    assert (job.state, job.error) == ("done", None)
    assert job.picture is not None
    assert job.picture.provenance is not None
    assert job.picture.provenance["device"] == str(torch.device("cuda" if torch.cuda.is_available() else "cpu"))


@pytest.fixture(scope="module")
def zero() -> Iterator[ZeroStandIn]:
    zero = ZeroStandIn()
    yield zero
    zero.close()


def test_a_forked_process_paints_with_the_weights_that_were_promised_to_it(
    zero: ZeroStandIn, random_model: Path, backbone: Backbone, tmp_path: Path
) -> None:
    variables = os.environ | environment(zero, tmp_path) | {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-m", "tests.serving.forked_paintings", str(random_model)]
    result = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    outcome: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    assert outcome["errors"] == []
    assert outcome["states"] == ["done", "stopped", "done"]
    lent, stopped, local = outcome["iterations"]
    assert (lent, local) == (LENT_STEPS, LOCAL_STEPS)
    assert stopped < STOPPED_STEPS
    assert outcome["same"]
    # kernels forward and backward in bf16, biases once
    weights = backbone.model.weights.values()
    numbers = sum(weight.numel() * (2 if weight.dim() == 4 else 1) for weight in weights)
    assert outcome["promised"] == pytest.approx(2 * numbers, rel=1e-4)
    # 10 s to start and 20 steps are 10.6 s; `spaces` is told 8, of which it makes 12.  The small one asks for nothing
    assert [asked["durationSeconds"] for asked in zero.asked["/schedule"]][:1] == ["12"]
    assert len(zero.asked["/schedule"]) == len(zero.asked["/release"]) == 2
