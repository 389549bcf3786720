"""The worker of this process: one job at a time, in order, stoppable, with questions in between."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator

import pytest
import torch

from nst.errors import BusyError, ClosedError, DivergedError
from nst.painting.backbone import Backbone
from nst.serving.local import LocalWorker
from tests.serving.support import LONG, WAIT, WatchedPainting, close_after


@pytest.fixture
def worker(backbone: Backbone) -> Iterator[LocalWorker]:
    worker = LocalWorker(backbone, capacity=2).start()
    yield worker
    worker.close()


def begun(painting: WatchedPainting) -> threading.Event:
    """An event that is set when the painting is computed."""
    event = threading.Event()
    painting.before = event.set
    return event


def test_a_job_gives_the_same_picture_as_the_painting_alone(
    worker: LocalWorker, paint: Callable[..., WatchedPainting]
) -> None:
    job = worker.submit(paint(first_steps=12, seed=3))
    assert job.wait(WAIT)
    assert job.state == "done"
    assert job.picture is not None
    assert torch.equal(job.picture.rgb, paint(first_steps=12, seed=3).result().rgb)
    assert job.time_lapse is not None
    assert len(job.time_lapse.frames) == 12


def test_jobs_are_computed_in_their_order_and_never_two_at_once(
    worker: LocalWorker, paint: Callable[..., WatchedPainting]
) -> None:
    steps: list[tuple[str, threading.Thread]] = []

    def named(name: str) -> WatchedPainting:
        painting = paint(first_steps=4)
        painting.after = lambda _: steps.append((name, threading.current_thread()))
        return painting

    jobs = [worker.submit(named(name)) for name in "abc"]
    assert all(job.wait(WAIT) for job in jobs)
    assert "".join(name for name, _ in steps) == "aaaabbbbcccc"
    assert len({thread for _, thread in steps}) == 1


def test_a_job_that_is_stopped_in_a_step_is_over_before_the_next_begins(
    worker: LocalWorker, paint: Callable[..., WatchedPainting]
) -> None:
    in_step, go_on, states = threading.Event(), threading.Event(), list[str]()
    first, second = paint(**LONG), paint()

    def slow(_: object) -> None:
        in_step.set()
        assert go_on.wait(WAIT)

    first.after = slow
    job = worker.submit(first)
    second.before = lambda: states.append(job.state)
    assert in_step.wait(WAIT)
    job.stop()
    other = worker.submit(second)
    assert worker.load() == {"running": 1, "waiting": 1}  # the first is still inside its step
    go_on.set()
    assert other.wait(WAIT)
    assert set(states) == {"stopped"}
    assert other.state == "done"
    assert first.latest is not None
    assert first.latest.iteration == 1


def test_a_waiting_job_that_is_stopped_never_begins(worker: LocalWorker, paint: Callable[..., WatchedPainting]) -> None:
    running, waiting = paint(**LONG), paint()
    on, never = begun(running), begun(waiting)
    first, second = worker.submit(running), worker.submit(waiting)
    assert on.wait(WAIT)
    second.stop()
    assert second.finished
    first.stop()
    last = worker.submit(paint())
    assert last.wait(WAIT)
    assert not never.is_set()


def test_places_and_load_are_those_of_its_queue(worker: LocalWorker, paint: Callable[..., WatchedPainting]) -> None:
    painting = paint(**LONG)
    running = begun(painting)
    jobs = [worker.submit(painting), worker.submit(paint()), worker.submit(paint())]
    assert running.wait(WAIT)
    assert [worker.place(job) for job in jobs] == [0, 1, 2]
    assert worker.load() == {"running": 1, "waiting": 2}
    with pytest.raises(BusyError):
        worker.submit(paint())
    jobs[0].stop()


def test_an_error_is_kept_and_the_next_job_goes_on(worker: LocalWorker, paint: Callable[..., WatchedPainting]) -> None:
    painting = paint()

    def diverge() -> None:
        raise DivergedError("lower learning_rate")

    painting.before = diverge
    bad, good = worker.submit(painting), worker.submit(paint())
    assert bad.wait(WAIT)
    assert good.wait(WAIT)
    assert (bad.state, bad.picture, good.state) == ("failed", None, "done")
    assert isinstance(bad.error, DivergedError)


def test_closing_stops_what_runs_and_what_waits(worker: LocalWorker, paint: Callable[..., WatchedPainting]) -> None:
    painting = paint(**LONG)
    running = begun(painting)
    jobs = [worker.submit(painting), worker.submit(paint())]
    assert running.wait(WAIT)
    worker.close()
    assert [job.state for job in jobs] == ["stopped", "stopped"]


def test_nobody_waits_for_a_closed_worker(worker: LocalWorker, paint: Callable[..., WatchedPainting]) -> None:
    worker.close()
    with pytest.raises(ClosedError):
        worker.submit(paint())
    with pytest.raises(ClosedError):
        worker.ask(lambda: None)


def test_work_computes_on_the_thread_that_calls_it(backbone: Backbone, paint: Callable[..., WatchedPainting]) -> None:
    worker, threads = LocalWorker(backbone), set[threading.Thread]()
    painting = paint()
    painting.after = lambda _: threads.add(threading.current_thread())
    job = worker.submit(painting, filmed=False)
    close_after(job, worker)
    worker.work()
    assert threads == {threading.current_thread()}
    assert job.state == "done"
    assert job.time_lapse is None


def test_nobody_waits_for_a_job_whose_worker_is_interrupted(
    backbone: Backbone, paint: Callable[..., WatchedPainting]
) -> None:
    worker, painting = LocalWorker(backbone), paint(**LONG)

    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    painting.after = interrupt
    job = worker.submit(painting)
    with pytest.raises(KeyboardInterrupt):
        worker.work()
    assert job.state == "stopped"


def test_what_is_asked_is_done_between_two_steps_and_on_the_workers_thread(
    worker: LocalWorker, paint: Callable[..., WatchedPainting]
) -> None:
    painting = paint(**LONG)
    running = begun(painting)
    threads: list[threading.Thread] = []
    painting.after = lambda _: threads.append(threading.current_thread())
    job = worker.submit(painting)
    assert running.wait(WAIT)
    assert worker.ask(threading.current_thread).result(WAIT) is threads[0]
    assert not job.finished
    job.stop()
    assert job.wait(WAIT)
    assert worker.ask(lambda: "idle").result(WAIT) == "idle"


def test_nothing_is_held_of_a_job_that_is_over(worker: LocalWorker, paint: Callable[..., WatchedPainting]) -> None:
    job = worker.submit(paint())
    assert job.wait(WAIT)
    held, seen = weakref.ref(job), list[object]()
    del job
    painting = paint()
    painting.before = lambda: seen.append(held())
    assert worker.submit(painting).wait(WAIT)
    assert set(seen) == {None}
