"""Which painting is held for a visitor whose connection broke, how long, and for whom."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import ExitStack, suppress
from types import SimpleNamespace
from typing import Any

import pytest

from nst.errors import BusyError
from nst.painting.backbone import Backbone
from nst.painting.painting import stylize
from nst.recipe import Recipe
from nst.serving.execution import End
from nst.serving.job import Job
from nst.ui.returning import GIVE_WAY_SECONDS, HOLD_SECONDS, MOST_RESULTS, RESULT_SECONDS, Returns, Run
from nst.ui.visitor_jobs import VisitorJobs
from nst.ui.visits import Visit
from tests.conftest import smooth_picture

SECRET, OTHER_SECRET = "0123456789abcdef" * 2, "f" * 32


class Stand:
    """A page with a clock that a test turns, and a line of which a test says how many wait."""

    def __init__(self, backbone: Backbone) -> None:
        self.now, self.waiting, self.jobs = 100.0, 0, VisitorJobs(most=1)
        self.returns = Returns(self, self.jobs, clock=lambda: self.now)
        self._backbone = backbone

    def load(self) -> dict[str, int]:
        return {"running": 1, "waiting": self.waiting}

    def run(self, session: str) -> Run:
        """One that is computed."""
        picture = smooth_picture(32, 32, seed=1)
        job = Job(stylize(picture, picture, Recipe(size=32), backbone=self._backbone))
        job.begin()
        with ExitStack() as count:
            count.enter_context(self.jobs.one_more(of(session)))
            return Run(Visit(job), job, ("inputs",), count.pop_all())
        raise AssertionError

    def leave(self, run: Run, session: str = "a", secret: object = SECRET) -> None:
        """Its stream breaks, as when Gradio closes its generator."""
        with suppress(GeneratorExit), self.returns.watched(run, "stylize", secret, of(session)):
            raise GeneratorExit

    def counts(self, session: str) -> bool:
        try:
            with self.jobs.one_more(of(session)):
                return False
        except BusyError:
            return True


def of(session: str) -> Any:
    return SimpleNamespace(request=None, session_hash=session)


@pytest.fixture
def stand(backbone: Backbone) -> Stand:
    return Stand(backbone)


def in_a_loop(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(test())


@pytest.mark.parametrize(("waiting", "seconds"), [(0, HOLD_SECONDS), (1, GIVE_WAY_SECONDS)])
def test_who_leaves_is_held_for_a_while_that_is_shorter_where_others_wait(
    stand: Stand, waiting: int, seconds: float
) -> None:
    async def test() -> None:
        run = stand.run("a")
        stand.leave(run)
        stand.waiting = waiting
        stand.now += seconds - 0.1
        stand.returns.tend()
        assert not run.job.stop_requested
        assert stand.counts("a")
        stand.now += 0.2
        stand.returns.tend()
        assert run.job.stop_requested
        assert not stand.counts("a")
        assert len(stand.returns) == 0

    in_a_loop(test)


@pytest.mark.parametrize("secret", [None, "", "0123", SECRET.upper(), f"{SECRET}\n", 7, [SECRET]])
def test_without_a_secret_a_broken_connection_stops_it_at_once(stand: Stand, secret: object) -> None:
    run = stand.run("a")
    stand.leave(run, secret=secret)
    assert run.job.stop_requested
    assert not stand.counts("a")
    assert len(stand.returns) == 0


def test_it_is_found_by_its_secret_and_task_alone_and_counts_as_one_of_whoever_came_back(stand: Stand) -> None:
    async def test() -> None:
        run = stand.run("a")
        stand.leave(run)
        assert await stand.returns.claimed("stylize", OTHER_SECRET, of("b")) is None
        assert await stand.returns.claimed("synthesize", SECRET, of("b")) is None
        assert await stand.returns.claimed("stylize", SECRET, of("b")) is run
        assert (stand.counts("a"), stand.counts("b")) == (False, True)

    in_a_loop(test)


def test_who_turned_away_finds_nothing_again(stand: Stand) -> None:
    async def test() -> None:
        run = stand.run("a")
        run.visit.instead = {"panel": "opening"}
        stand.leave(run)
        assert run.job.stop_requested
        assert await stand.returns.claimed("stylize", SECRET, of("b")) is None
        ended = stand.run("a")
        ended.job.take(End("stopped"))
        stand.leave(ended)
        stand.returns.forget("stylize", of("b"))
        assert len(stand.returns) == 1
        stand.returns.forget("stylize", of("a"))
        assert len(stand.returns) == 0

    in_a_loop(test)


def test_a_second_tab_with_the_same_secret_takes_nothing_from_the_first(stand: Stand) -> None:
    async def test() -> None:
        first, second = stand.run("a"), stand.run("b")
        with stand.returns.watched(first, "stylize", SECRET, of("a")):
            stand.leave(second, "b")
            assert second.job.stop_requested
            assert not first.job.stop_requested
        assert await stand.returns.claimed("stylize", SECRET, of("b")) is first

    in_a_loop(test)


def test_what_has_ended_counts_no_more_and_is_kept_within_bounds(stand: Stand) -> None:
    async def test() -> None:
        for i in range(MOST_RESULTS + 3):
            run = stand.run("a")  # which would be refused if one before still counted
            next(run.job.painting)
            run.job.take(End("stopped"))
            stand.leave(run, secret=f"{i:032x}")
            stand.now += 1
            assert run.job.painting.latest is None  # so that its device keeps nothing of it
        assert len(stand.returns) == MOST_RESULTS
        assert await stand.returns.claimed("stylize", f"{2:032x}", of("a")) is None
        assert await stand.returns.claimed("stylize", f"{3:032x}", of("a")) is not None
        stand.now += RESULT_SECONDS + 1
        stand.returns.tend()
        assert len(stand.returns) == 0

    in_a_loop(test)


def test_a_failed_one_is_told_once(stand: Stand) -> None:
    run = stand.run("a")
    with pytest.raises(ZeroDivisionError), stand.returns.watched(run, "stylize", SECRET, of("a")):
        raise ZeroDivisionError
    assert len(stand.returns) == 0
    assert not stand.counts("a")
