"""What a worker on Ray does with jobs, painters and checkpoints, with painters in threads of this process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from nst.errors import ClosedError, CostError, EngineError, ModelError
from nst.painting.backbone import Backbone
from nst.painting.painting import Painting, stylize
from nst.pictures.picture import Picture
from nst.recipe import Recipe
from nst.serving import ray_hand, ray_painter, ray_worker
from nst.serving.engine import Engine
from nst.serving.job import Job
from nst.serving.queue import FAILED
from nst.serving.ray_worker import MOST_DEATHS, RayWorker
from nst.serving.speed import Speed
from tests.serving.ray_stand_in import Actor, ClusterStandIn
from tests.serving.support import LONG, WAIT
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("one_thread")

Open = Callable[..., RayWorker]
Paint = Callable[..., Painting]


@pytest.fixture
def cluster() -> ClusterStandIn:
    return ClusterStandIn()


@pytest.fixture
def opened(
    cluster: ClusterStandIn, random_model: Path, backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Open]:
    """Opens workers on the stand-in, which make a checkpoint after each snapshot; all share one network."""
    workers: list[RayWorker] = []
    for module in (ray_painter, ray_worker):
        monkeypatch.setattr(module, "Backbone", SimpleNamespace(of=lambda *_: backbone))
    monkeypatch.setattr(ray_worker, "open_cluster", lambda *_: cluster)
    monkeypatch.setattr(ray_worker, "FAILURE_SECONDS", 0.0)
    monkeypatch.setattr(ray_hand, "_fetched", _fetched)

    def opened(workers_wanted: int = 1, path: Path = random_model, **options: Any) -> RayWorker:
        worker = RayWorker.open(path, "cpu", "fp32", Engine("ray", workers=workers_wanted), every=0.0, **options)
        workers.append(worker)
        return worker

    yield opened
    for worker in workers:
        worker.close()


def _fetched(stored: list[bytes]) -> bytes:
    return stored[0]


@pytest.fixture
def paint(content: Picture, style: Picture) -> Paint:
    """Makes a painting for a worker, of 48x40 px at one scale, three steps long."""

    def paint(worker: RayWorker, **changes: Any) -> Painting:
        return stylize(
            content, style, Recipe(**{"start_size": 0, "first_steps": 3, **changes}), backbone=worker.backbone
        )

    return paint


def actor_of(cluster: ClusterStandIn, worker: RayWorker, job: Job) -> Actor:
    """Who computes it, as soon as somebody does."""
    number: list[Actor] = []

    def found() -> bool:
        number[:] = [actor for actor in cluster.actors if not actor._is_dead and actor.painter._paintings]
        return bool(number) and job.state == "running"

    until(found)
    return number[-1]


def test_a_job_is_the_one_made_here(opened: Open, paint: Paint) -> None:
    worker = opened()
    job = worker.submit(paint(worker), interval=0)
    assert job.wait(WAIT)
    assert (job.state, job.error) == ("done", None)
    assert [iteration for iteration, _ in job.losses] == [1, 2, 3]
    assert job.picture is not None
    assert np.array_equal(np.asarray(job.picture.to_pil()), np.asarray(paint(worker).result().to_pil()))


def test_a_job_whose_painter_dies_goes_on_from_its_checkpoint_and_nothing_comes_twice(
    opened: Open, cluster: ClusterStandIn, paint: Paint
) -> None:
    worker = opened()
    changes = {"first_steps": 24, "tolerance": 0}
    job = worker.submit(paint(worker, **changes), interval=0)
    until(lambda: worker.resumes_at(job) >= 5)
    actor_of(cluster, worker, job).kill()
    assert job.wait(WAIT)
    assert (job.state, job.error) == ("done", None)
    (after,) = job.resumed_after
    assert after >= 5
    assert [iteration for iteration, _ in job.losses] == list(range(1, 25))
    assert job.picture is not None
    assert np.array_equal(np.asarray(job.picture.to_pil()), np.asarray(paint(worker, **changes).result().to_pil()))
    whole = worker.submit(paint(worker, **changes), interval=0)
    assert whole.wait(WAIT)
    frames = [[frame.tobytes() for frame in one.time_lapse.frames] for one in (job, whole) if one.time_lapse]
    assert frames[0] == frames[1]
    until(lambda: not any(worker._folder.iterdir()))


def test_a_job_that_kills_whoever_computes_it_is_given_up_and_the_next_is_computed(
    opened: Open, cluster: ClusterStandIn, paint: Paint
) -> None:
    worker = opened()
    deadly, other = worker.submit(paint(worker, **LONG)), worker.submit(paint(worker))
    for deaths in range(1, MOST_DEATHS + 1):
        actor_of(cluster, worker, deadly).kill()
        until(lambda deaths=deaths: deadly.finished or len(deadly.resumed_after) == deaths)  # type: ignore[misc]
    assert deadly.wait(WAIT)
    assert isinstance(deadly.error, EngineError)
    assert str(deadly.error).startswith(f"This painting was given up, as {MOST_DEATHS} workers have died of it (")
    assert other.wait(WAIT)
    assert (other.state, other.resumed_after) == ("done", [])
    assert len(cluster.actors) == 1 + MOST_DEATHS


def test_a_job_that_is_stopped_while_nobody_computes_it_is_over_at_once(
    opened: Open, cluster: ClusterStandIn, paint: Paint
) -> None:
    worker = opened()
    cluster._hires = 0
    job = worker.submit(paint(worker, **LONG), interval=0)
    until(lambda: job.snapshot)
    actor_of(cluster, worker, job).kill()
    until(lambda: job.state == "waiting" or job.finished)
    job.stop()
    assert job.finished
    assert job.picture is not None


def test_when_no_painter_can_be_had_any_more_everybody_is_told(
    opened: Open, cluster: ClusterStandIn, paint: Paint
) -> None:
    worker = opened()
    cluster._hires = 0
    job, other = worker.submit(paint(worker, **LONG)), worker.submit(paint(worker))
    threading.Thread(target=lambda: actor_of(cluster, worker, job).kill()).start()
    with pytest.raises(EngineError, match="has failed and has to be started again"):
        worker.work()
    assert worker.failed
    assert [(one.state, str(one.error)) for one in (job, other)] == [("failed", FAILED)] * 2
    with pytest.raises(ClosedError):
        worker.submit(paint(worker))


def test_a_job_that_is_stopped_before_its_first_step_never_shows_anything(
    opened: Open, cluster: ClusterStandIn, paint: Paint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wish to stop comes before the painting is there."""
    worker, go_on = opened(), threading.Event()
    (actor,) = cluster.actors
    news_of = actor.painter._news_of

    def late(*arguments: Any) -> Iterator[ray_painter.News]:
        assert go_on.wait(WAIT)
        yield from news_of(*arguments)

    monkeypatch.setattr(actor.painter, "_news_of", late)
    job = worker.submit(paint(worker, **LONG))
    until(lambda: job.state == "running")
    job.stop()
    until(lambda: actor.painter._stopped)
    go_on.set()
    assert job.wait(WAIT)
    assert (job.state, job.picture) == ("stopped", None)


def test_an_error_there_is_the_error_here_and_the_next_job_is_computed(
    opened: Open, cluster: ClusterStandIn, paint: Paint, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = opened()
    (actor,) = cluster.actors
    with monkeypatch.context() as broken:
        broken.setattr(actor.painter, "_news_of", lambda *_: (_ for _ in ()).throw(ModelError("It is gone.")))
        bad = worker.submit(paint(worker))
        assert bad.wait(WAIT)
    assert (bad.state, str(bad.error), type(bad.error)) == ("failed", "It is gone.", ModelError)
    good = worker.submit(paint(worker))
    assert good.wait(WAIT)
    assert good.state == "done"


def test_what_takes_too_long_for_the_slowest_is_refused(
    opened: Open, paint: Paint, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = iter([Speed(1, 0.1, 1e12), Speed(2, 0.05, 1e11)])
    monkeypatch.setattr(ray_painter, "Speed", SimpleNamespace(measured=lambda _: next(measured)))
    worker = opened(2, seconds=100.0)
    assert worker.limits.speed == Speed(2, 0.1, 1e11)
    with pytest.raises(CostError, match="the limit here is 100 s"):
        worker.submit(paint(worker, **LONG))


def test_the_memory_of_a_machine_is_shared_by_its_painters(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 16 GB the server takes 3, and of the 6.5 GB of each of two a painting has four fifths but for a gigabyte."""
    monkeypatch.setattr(ray_painter, "machine_memory", lambda: 16e9)
    assert opened(2).limits.bytes == pytest.approx(0.8 * 6.5e9 - 1e9)


def test_a_model_that_is_not_there_is_sent(opened: Open, paint: Paint, random_model: Path, tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(random_model.read_bytes())
    worker = opened(path=path)
    path.unlink()
    (hand,) = worker._at_work
    hand.dismiss()
    job = worker.submit(paint(worker))
    assert job.wait(WAIT)
    assert job.state == "done"


def test_another_version_on_a_node_is_told(
    opened: Open, cluster: ClusterStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ray_painter, "VERSION", "0.1")
    with pytest.raises(EngineError, match=r"has Gramarye 0\.1, but this is .*: install the same version on every node"):
        opened()
    assert cluster.is_closed


def test_questions_are_answered_by_the_thread_that_works(opened: Open) -> None:
    worker = opened()
    asked = worker.ask(threading.current_thread)
    asked.add_done_callback(lambda _: worker.close())
    worker.work()
    assert asked.result(0) is threading.current_thread()
    with pytest.raises(ClosedError):
        worker.ask(lambda: None)
