"""The engine: one job at a time, in order, stoppable, and what is handed over of a running one."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from nst.serving.engine import MOMENTS, Engine, Job

from nst.errors import BusyError, DivergedError, OutOfMemoryError
from nst.painting.backbone import Backbone
from nst.painting.optimize import Progress
from nst.painting.painting import Run, stylize
from nst.pictures.picture import Picture
from nst.recipe import Recipe

LONG = Recipe(first_steps=10_000, start_size=0, tolerance=0)


@pytest.fixture
def engine(backbone: Backbone) -> Iterator[Engine]:
    engine = Engine(backbone, room=2).start()
    yield engine
    engine.close()


@pytest.fixture
def make(engine: Engine, content: Picture, style: Picture) -> Callable[..., Run]:
    def make(recipe: Recipe = LONG, **changes: object) -> Run:
        return stylize(content, style, recipe.changed(**changes), backbone=engine.backbone)

    return make


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_job_gives_the_same_picture_as_the_run_alone(engine: Engine, make: Callable[..., Run]) -> None:
    recipe = Recipe(first_steps=12, start_size=0, seed=3)
    job = engine.submit(make(recipe))
    assert job.wait(60)
    assert job.state == "done"
    assert job.picture is not None
    assert torch.equal(job.picture.rgb, make(recipe).result().rgb)


def test_snapshots_are_the_run_as_it_was_and_stay_so(engine: Engine, make: Callable[..., Run]) -> None:
    recipe = Recipe(first_steps=6, start_size=0)
    run, seen = make(recipe), []
    steps = run._steps

    def noting() -> Iterator[Progress]:
        for progress in steps:
            seen.append((progress.iteration, progress.image()))
            yield progress

    run._steps = noting()
    job = Job(run, interval=0.0)
    job.compute()
    assert job.snapshot is not None
    assert job.snapshot.progress.iteration == 6
    assert [iteration for iteration, _ in job.losses] == [iteration for iteration, _ in seen] == [1, 2, 3, 4, 5, 6]
    assert torch.equal(job.snapshot.image, seen[-1][1])


def test_between_snapshots_lies_the_interval(engine: Engine, make: Callable[..., Run]) -> None:
    ticks = iter(range(1000))
    job = Job(make(Recipe(first_steps=11, start_size=0)), interval=4.0)
    job.compute(clock=lambda: float(next(ticks)))
    assert [iteration for iteration, _ in job.losses] == [1, 5, 9, 11]  # the first, every fourth second, the last
    assert job.snapshot is not None
    assert job.snapshot.rate == pytest.approx(1.0)


def test_jobs_are_computed_in_their_order_and_never_two_at_once(engine: Engine, make: Callable[..., Run]) -> None:
    inside, most, order = 0, 0, []

    def watched(run: Run, name: str) -> Run:
        steps = run._steps

        def watching() -> Iterator[Progress]:
            nonlocal inside, most
            order.append(name)
            for progress in steps:
                inside += 1
                most = max(most, inside)
                time.sleep(0.002)
                inside -= 1
                yield progress

        run._steps = watching()
        return run

    jobs = [engine.submit(watched(make(first_steps=8), name)) for name in "abc"]
    assert all(job.wait(60) for job in jobs)
    assert order == ["a", "b", "c"]
    assert most == 1


def test_a_job_that_is_stopped_in_a_step_is_over_before_the_next_begins(
    engine: Engine, make: Callable[..., Run]
) -> None:
    in_step, go_on, second_began = threading.Event(), threading.Event(), threading.Event()
    first, second = make(), make(first_steps=3)
    steps, others = first._steps, second._steps

    def slow() -> Iterator[Progress]:
        for progress in steps:
            in_step.set()
            assert go_on.wait(60)
            yield progress

    def noting() -> Iterator[Progress]:
        second_began.set()
        yield from others

    first._steps, second._steps = slow(), noting()
    job = engine.submit(first)
    assert in_step.wait(60)
    job.stop()
    other = engine.submit(second)
    assert not second_began.wait(0.2)  # the first is still inside its step
    assert not job.finished
    go_on.set()
    assert other.wait(60)
    assert (job.state, other.state) == ("stopped", "done")
    assert job.run.latest is not None
    assert job.run.latest.iteration == 1


def test_a_stopped_job_keeps_the_picture_that_it_reached(engine: Engine, make: Callable[..., Run]) -> None:
    job = engine.submit(make())
    until(lambda: job.run.latest is not None and job.run.latest.iteration >= 3)
    job.stop()
    assert job.wait(60)
    assert job.state == "stopped"
    assert job.picture is not None
    assert job.picture.provenance is not None
    reached, planned = job.picture.provenance["iterations"]
    assert 3 <= reached < planned == 10_000


def test_a_waiting_job_that_is_stopped_never_begins(engine: Engine, make: Callable[..., Run]) -> None:
    first, second = engine.submit(make()), engine.submit(make())
    second.stop()
    assert second.finished
    assert (second.state, second.picture, second.run.latest) == ("stopped", None, None)
    first.stop()
    assert first.wait(60)


def test_places_and_load_count_those_before(engine: Engine, make: Callable[..., Run]) -> None:
    jobs = [engine.submit(make()) for _ in range(3)]
    until(lambda: jobs[0].state == "running")
    assert [engine.place(job) for job in jobs] == [0, 1, 2]
    assert engine.load == {"running": 1, "waiting": 2}
    jobs[1].stop()
    assert [engine.place(job) for job in jobs] == [0, 0, 1]
    for job in jobs:
        job.stop()
    until(lambda: engine.load == {"running": 0, "waiting": 0})


def test_a_full_line_says_so_and_takes_more_when_it_has_moved(engine: Engine, make: Callable[..., Run]) -> None:
    jobs = [engine.submit(make()) for _ in range(3)]
    with pytest.raises(BusyError, match="3 jobs are before yours, and no more can wait: try again"):
        engine.submit(make())
    jobs[1].stop()
    engine.submit(make())
    engine.close()


def test_an_error_is_kept_and_the_next_job_goes_on(engine: Engine, make: Callable[..., Run]) -> None:
    bad = engine.submit(make(first_steps=30, optimizer="lbfgs", learning_rate=10.0, style_weight=1e6, tv_weight=1e4))
    good = engine.submit(make(first_steps=2))
    assert bad.wait(60)
    assert good.wait(60)
    assert (bad.state, good.state) == ("failed", "done")
    assert isinstance(bad.error, DivergedError)
    assert bad.picture is None


def test_closing_stops_what_runs_and_what_waits(engine: Engine, make: Callable[..., Run]) -> None:
    jobs = [engine.submit(make()) for _ in range(2)]
    engine.close()
    assert [job.state for job in jobs] == ["stopped", "stopped"]


def test_work_computes_on_the_thread_that_calls_it(backbone: Backbone, content: Picture, style: Picture) -> None:
    engine, seen = Engine(backbone), []
    run = stylize(content, style, Recipe(first_steps=2, start_size=0), backbone=backbone)
    steps = run._steps
    run._steps = (seen.append(threading.current_thread()) or progress for progress in steps)  # type: ignore[func-returns-value]
    job = engine.submit(run, filmed=False)
    threading.Thread(target=lambda: (job.wait(60), engine.close())).start()
    engine.work()
    assert set(seen) == {threading.current_thread()}
    assert job.film is None


def test_a_stop_during_the_targets_ends_the_run_there(backbone: Backbone, content: Picture, style: Picture) -> None:
    run = stylize(content, style, Recipe(first_steps=2, start_size=0), backbone=backbone)
    targets, asked = backbone.targets, []
    original = targets.content

    def stopping(*arguments: object) -> dict[str, torch.Tensor]:
        asked.append("content")
        run.stop()
        return original(*arguments)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(targets, "content", stopping)
        patch.setattr(targets, "style", lambda *arguments: asked.append("style"))
        assert list(run) == []
    assert asked == ["content"]


def test_a_transparent_content_keeps_its_alpha(engine: Engine, style: Picture, tmp_path: Path) -> None:
    alpha = torch.zeros(1, 1, 40, 48)
    alpha[..., :24] = 1
    content = Picture(torch.full((1, 3, 40, 48), 0.5), alpha)
    job = engine.submit(stylize(content, style, Recipe(first_steps=1, start_size=0), backbone=engine.backbone))
    assert job.wait(60)
    assert job.picture is not None
    assert job.picture.alpha is not None
    assert torch.equal(job.picture.alpha, alpha)


def test_nothing_is_held_of_jobs_that_are_over(engine: Engine, make: Callable[..., Run]) -> None:
    blocker = engine.submit(make())
    until(lambda: engine.load["running"] == 1)
    stopped = [engine.submit(make()) for _ in range(2)]
    gone = [weakref.ref(job) for job in stopped]
    for job in stopped:
        job.stop()
    del stopped, job
    assert engine.load == {"running": 1, "waiting": 0}
    assert [ref() for ref in gone] == [None, None]
    held = weakref.ref(blocker)
    blocker.stop()
    assert blocker.wait(60)
    del blocker
    until(lambda: held() is None)


def test_a_stopped_run_lets_go_of_its_tensors(backbone: Backbone, content: Picture, style: Picture) -> None:
    run = stylize(content, style, Recipe(first_steps=5, start_size=0), backbone=backbone)
    next(run)
    run.stop()
    assert list(run) == []
    assert run._steps.gi_frame is None
    assert run.snapshot() is not None


def test_a_failed_job_lets_go_of_what_its_error_saw(engine: Engine, make: Callable[..., Run]) -> None:
    seen = []

    def failing() -> Iterator[Progress]:
        large = torch.zeros(1000)
        seen.append(weakref.ref(large))
        raise MemoryError
        yield

    run = make()
    run._steps = failing()  # type: ignore[assignment]
    job = engine.submit(run)
    assert job.wait(60)
    assert isinstance(job.error, OutOfMemoryError)
    assert seen[0]() is None


def test_what_is_asked_is_done_between_two_steps_and_on_the_engines_thread(
    engine: Engine, make: Callable[..., Run]
) -> None:
    job = engine.submit(make(Recipe(first_steps=2000, start_size=0, tolerance=0)))
    while job.snapshot is None:
        job.wait(0.01)
    assert engine.ask(threading.current_thread).result(10) is not threading.current_thread()
    assert not job.finished
    job.stop()
    assert engine.ask(lambda: "idle").result(10) == "idle"


def test_an_error_of_what_was_asked_reaches_who_asked(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError):
        engine.ask(lambda: 1 // 0).result(10)
    assert engine.ask(lambda: 2).result(10) == 2


def test_too_much_is_not_asked_and_nobody_waits_for_a_closed_engine(backbone: Backbone) -> None:
    idle = Engine(backbone)
    asked = [idle.ask(lambda: None) for _ in range(MOMENTS)]
    with pytest.raises(BusyError, match="32 pictures are to be looked at before yours"):
        idle.ask(lambda: None)
    idle.close()
    assert all(future.cancelled() for future in asked)
