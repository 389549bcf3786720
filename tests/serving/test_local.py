"""The worker of this process: one job at a time, in order, stoppable, with questions in between."""

from __future__ import annotations

import shutil
import threading
import weakref
from collections.abc import Callable, Collection, Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

import pytest
import torch
from torch import Tensor

from nst.errors import BusyError, ClosedError, DivergedError, OutOfMemoryError
from nst.network.extractor import Extractor
from nst.painting.backbone import Backbone
from nst.painting.painting import stylize
from nst.painting.targets import Targets
from nst.pictures.picture import Picture
from nst.recipe import Border, Pooling, Recipe
from nst.serving.job import Job
from nst.serving.local import LocalWorker
from nst.serving.queue import FAILED
from tests.serving.support import LONG, WAIT, WatchedPainting, close_after, watched


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


def in_progress(worker: LocalWorker, painting: WatchedPainting) -> Job:
    """A job of this painting whose first step has begun."""
    event = begun(painting)
    job = worker.submit(painting)
    assert event.wait(WAIT)
    return job


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
    waiting = paint()
    never = begun(waiting)
    first, second = in_progress(worker, paint(**LONG)), worker.submit(waiting)
    second.stop()
    assert second.finished
    first.stop()
    last = worker.submit(paint())
    assert last.wait(WAIT)
    assert not never.is_set()


def test_places_and_load_are_those_of_its_queue(worker: LocalWorker, paint: Callable[..., WatchedPainting]) -> None:
    jobs = [in_progress(worker, paint(**LONG)), worker.submit(paint()), worker.submit(paint())]
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
    jobs = [in_progress(worker, paint(**LONG)), worker.submit(paint())]
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
    painting, threads = paint(**LONG), list[threading.Thread]()
    painting.after = lambda _: threads.append(threading.current_thread())
    job = in_progress(worker, painting)
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


@dataclass(frozen=True, eq=False)
class ShortExtractor(Extractor):
    """As on a GPU that has no memory left in one step; of what that step held, `held` is told."""

    failing: Iterator[bool]
    held: list[weakref.ref[Tensor]]

    def walk(
        self, image: Tensor, taps: Collection[str], border: Border = "zeros", pooling: Pooling = "max"
    ) -> Generator[tuple[str, Tensor], Tensor | None]:
        fails = next(self.failing)
        for tap, features in super().walk(image, taps, border, pooling):
            self.held.append(weakref.ref(features))
            if fails:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has ...")
            yield tap, features


def test_a_lack_of_memory_is_a_sentence_and_the_next_job_is_computed(
    backbone: Backbone, content: Picture, style: Picture, no_collection: None
) -> None:
    failing = ShortExtractor(**vars(backbone.extractor), failing=iter([False, True, *[False] * 9]), held=[])
    targets = Targets(backbone.extractor, backbone.model.digest)
    short = replace(backbone, extractor=failing, targets=targets)
    worker = LocalWorker(short).start()
    recipe = Recipe(start_size=0, first_steps=3)
    bad = worker.submit(watched(content, style, recipe, short))
    assert bad.wait(WAIT)
    assert worker.ask(lambda: targets.used_bytes).result(WAIT) == 0  # what is kept for speed alone makes room
    assert (bad.state, bad.picture is None) == ("failed", False)  # the first step's picture remains
    assert isinstance(bad.error, OutOfMemoryError)
    assert str(bad.error).startswith("There is not enough memory for this picture: use a smaller size")
    assert [ref() for ref in failing.held if ref() is not None] == []
    good = worker.submit(watched(content, style, recipe, short))
    assert good.wait(WAIT)
    assert good.state == "done"
    worker.close()


def test_a_question_that_lacks_memory_makes_room_too(backbone: Backbone, content: Picture, style: Picture) -> None:
    def fails() -> NoReturn:
        raise OutOfMemoryError("There is not enough memory.")

    targets = Targets(backbone.extractor, backbone.model.digest)
    own = replace(backbone, targets=targets)
    watched(content, style, Recipe(start_size=0, first_steps=1), own).result()
    assert targets.used_bytes > 0
    worker = LocalWorker(own)
    worker.ask(fails).add_done_callback(lambda _: worker.close())
    worker.work()
    assert targets.used_bytes == 0


def test_a_worker_whose_thread_dies_says_so_to_everybody(
    backbone: Backbone, paint: Callable[..., WatchedPainting]
) -> None:
    worker, painting = LocalWorker(backbone), paint(**LONG)

    def die(_: object) -> None:
        raise SystemExit

    painting.after = die
    jobs = [worker.submit(painting), worker.submit(paint())]
    with pytest.raises(SystemExit):
        worker.work()
    assert [(job.state, str(job.error)) for job in jobs] == [("failed", FAILED)] * 2
    assert worker.failed
    with pytest.raises(ClosedError, match="has failed and has to be started again"):
        worker.submit(paint())
    worker.close()


def test_a_waiting_job_that_is_given_up_holds_nothing(
    backbone: Backbone, paint: Callable[..., WatchedPainting], no_collection: None
) -> None:
    worker = LocalWorker(backbone)
    jobs = [worker.submit(paint()) for _ in range(3)]
    held = [weakref.ref(part) for job in jobs for part in (job, job.painting, *job.painting.inputs.values())]
    for job in jobs:
        job.stop()
    worker.load()
    jobs.clear()
    del job
    fixtures = 2 * 3  # the two pictures are the tests' own
    assert len([ref for ref in held if ref() is not None]) == fixtures


@pytest.mark.parametrize("changes", [{}, {"optimizer": "adam", "learning_rate": 0.02}, {"colors": "luminance"}])
def test_a_job_that_has_been_computed_holds_nothing_afterwards(
    worker: LocalWorker, paint: Callable[..., WatchedPainting], changes: dict[str, str], no_collection: None
) -> None:
    for steps in (3, 10_000):
        job = worker.submit(paint(first_steps=steps, **changes))
        while steps > 3 and job.snapshot is None:
            job.wait(0.01)
        job.stop() if steps > 3 else job.wait(WAIT)
        assert job.wait(WAIT)
        worker.ask(lambda: None).result(WAIT)  # by now the worker is through with it
        held = [weakref.ref(part) for part in (job, job.painting, job.picture)]
        del job
        assert [ref() for ref in held] == [None] * 3


def test_a_model_file_that_is_damaged_and_removed_while_it_runs_changes_nothing(
    random_model: Path, tmp_path: Path, content: Picture, style: Picture
) -> None:
    path = Path(shutil.copy(random_model, tmp_path / "model.onnx"))
    recipe = Recipe(start_size=32, first_steps=3, last_steps=3)
    opened = Backbone.open(path, "cpu", "fp32")
    path.write_bytes(path.read_bytes()[:1000])
    damaged = stylize(content, style, recipe, backbone=opened).result()
    path.unlink()
    removed = stylize(content, style, recipe.changed(seed=1), backbone=opened).result()
    whole = stylize(content, style, recipe, backbone=Backbone.open(random_model, "cpu", "fp32")).result()
    assert torch.equal(damaged.rgb, whole.rgb)
    assert torch.equal(removed.rgb, whole.rgb)  # the seed matters for noise alone
