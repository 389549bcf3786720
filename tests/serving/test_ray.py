"""Ray, really started: several paint at once, and one that is killed loses only the steps since its checkpoint."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nst.errors import BusyError, CostError
from nst.painting.painting import Painting, stylize
from nst.pictures.picture import Picture
from nst.recipe import Recipe
from nst.serving.engine import Engine
from nst.serving.job import Job
from nst.serving.ray_painter import Introduction
from nst.serving.ray_worker import RayWorker
from tests.ray_processes import MARK, Marked, needs_ray
from tests.serving.support import LONG, WAIT, noise
from tests.waiting import until

pytestmark = needs_ray

CAPACITY = 2


@pytest.fixture(scope="module")
def worker(random_model: Path) -> Iterator[RayWorker]:
    """Two painters of a thread each, on this machine, of whom nothing is left at the end."""
    marked = Marked()
    os.environ.update(marked.variables)
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    worker = RayWorker.open(random_model, "cpu", "fp32", Engine("ray", workers=2), capacity=CAPACITY, every=0.1)
    monkeypatch.undo()
    del os.environ[MARK]
    assert len(marked.alive()) > 2
    yield worker
    worker.close()
    until(lambda: not marked.alive(), marked.alive)


Paint = Callable[..., Painting]


@pytest.fixture
def paint(worker: RayWorker, content: Picture, style: Picture) -> Paint:
    """Makes a painting of 48x40 px at one scale, three steps long; keywords: settings that are to be others."""

    def paint(**changes: Any) -> Painting:
        recipe = Recipe(**{"start_size": 0, "first_steps": 3, **changes})
        return stylize(content, style, recipe, backbone=worker.backbone)

    return paint


def pixels(picture: Picture | None) -> np.ndarray[Any, Any]:
    """As its file holds it."""
    assert picture is not None
    return np.asarray(picture.to_pil())


def painter_of(worker: RayWorker, job: Job) -> Introduction:
    """Who computes it, as soon as somebody does."""
    until(lambda: worker.painter_of(job) or job.finished)
    painter = worker.painter_of(job)
    assert painter is not None, job
    return painter


def until_all_are_there(worker: RayWorker) -> None:
    until(lambda: worker.painters == 2)


def test_jobs_are_computed_at_once_in_other_processes_and_as_here(
    worker: RayWorker, paint: Paint, one_thread: None
) -> None:
    until_all_are_there(worker)
    long = [worker.submit(paint(**LONG, seed=seed)) for seed in range(2)]
    waiting = [worker.submit(paint(first_steps=12, seed=seed), interval=0) for seed in (3, 4)]
    painters = [painter_of(worker, job).pid for job in long]
    assert len({os.getpid(), *painters}) == 3
    assert [worker.place(job) for job in (*long, *waiting)] == [0, 0, 1, 2]
    assert worker.load() == {"running": 2, "waiting": 2}
    with pytest.raises(BusyError, match="4 jobs are ahead of yours"):
        worker.submit(paint())
    for job in long:
        job.stop()
    assert all(job.wait(WAIT) for job in (*long, *waiting))
    assert [job.state for job in (*long, *waiting)] == ["stopped", "stopped", "done", "done"]
    for job, seed in zip(waiting, (3, 4), strict=True):
        assert np.array_equal(pixels(job.picture), pixels(paint(first_steps=12, seed=seed).result()))
        assert [iteration for iteration, _ in job.losses] == list(range(1, 13))
        assert job.time_lapse is not None
        assert len(job.time_lapse.frames) == 12
    until(lambda: worker.load() == {"running": 0, "waiting": 0})


def test_a_painter_that_is_killed_is_replaced_and_its_job_goes_on_from_a_checkpoint(
    worker: RayWorker, paint: Paint, one_thread: None
) -> None:
    """On a machine so fast that it is done before it could be killed, a longer one is."""
    until_all_are_there(worker)
    for steps in (60, 240, 960, 3840):
        jobs = [worker.submit(paint(first_steps=steps, tolerance=0), interval=0) for _ in range(2)]
        killed = painter_of(worker, jobs[0])
        until(lambda job=jobs[0]: job.finished or worker.resumes_at(job))  # type: ignore[misc]
        os.kill(killed.pid, signal.SIGKILL)
        assert all(job.wait(WAIT) for job in jobs)
        if jobs[0].resumed_after:
            break
        until_all_are_there(worker)
    assert [(job.state, job.error) for job in jobs] == [("done", None)] * 2
    assert jobs[1].resumed_after == []
    (after,) = jobs[0].resumed_after
    assert 0 < after < steps
    expected = pixels(paint(first_steps=steps, tolerance=0).result())
    for job in jobs:
        assert np.array_equal(pixels(job.picture), expected)
        assert [iteration for iteration, _ in job.losses] == list(range(1, steps + 1))
    first, second = ([frame.tobytes() for frame in job.time_lapse.frames] for job in jobs if job.time_lapse)
    assert first == second
    assert len(first) == min(steps, 48)


def test_a_job_that_is_stopped_frees_its_painter_and_keeps_its_picture(worker: RayWorker, paint: Paint) -> None:
    job = worker.submit(paint(**LONG), interval=0)
    until(lambda: job.snapshot)
    job.stop()
    assert job.wait(WAIT)
    assert (job.state, job.picture is not None) == ("stopped", True)
    assert job.losses[-1][0] < LONG["first_steps"]
    last = worker.submit(paint())
    assert last.wait(WAIT)
    assert last.state == "done"


def test_what_can_not_fit_is_refused(worker: RayWorker) -> None:
    recipe = Recipe(size=8192, start_size=0, first_steps=1, upscale=True, style_statistic="wasserstein")
    large = stylize(noise(64, 64), noise(64, 64), recipe, backbone=worker.backbone)
    with pytest.raises(CostError, match="GB of memory; the limit here is"):
        worker.submit(large)
