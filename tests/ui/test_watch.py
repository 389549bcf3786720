"""What is held of a job once nobody watches it any more: nothing, without any collection of garbage."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from typing import Any

import gradio as gr
import pytest
from gradio.context import LocalContext

from nst.errors import DivergedError
from nst.painting.backbone import Backbone
from nst.recipe import Recipe
from nst.serving.job import Job
from nst.serving.local import LocalWorker
from nst.ui.watch import watch
from tests.conftest import smooth_picture
from tests.serving.support import WAIT, WatchedPainting, watched

JOBS = 3


@pytest.fixture
def backlog(backbone: Backbone) -> LocalWorker:
    """A worker that never comes to what it is given."""
    return LocalWorker(backbone)


@pytest.fixture
def request_of_a_visitor() -> gr.Request:
    return gr.Request(session_hash="a")


@contextmanager
def in_a_page() -> Iterator[None]:
    """As handlers run; to be entered inside an event loop, as Gradio otherwise makes one and leaves it open."""
    with gr.Blocks(analytics_enabled=False) as page:
        token = LocalContext.blocks.set(page)
        yield
        LocalContext.blocks.reset(token)


def painting(backbone: Backbone) -> WatchedPainting:
    """Of pictures that only it has."""
    recipe = Recipe(start_size=0, first_steps=3)
    return watched(smooth_picture(48, 40, seed=1), smooth_picture(40, 44, seed=2), recipe, backbone)


def parts_of(job: Job) -> list[weakref.ref[Any]]:
    return [weakref.ref(part) for part in (job, job.painting, *job.painting.inputs.values())]


def held(parts: list[weakref.ref[Any]]) -> list[Any]:
    return [part() for part in parts if part() is not None]


@pytest.mark.usefixtures("no_collection")
def test_nothing_is_held_of_waiting_jobs_whose_visitors_left(
    backlog: LocalWorker, request_of_a_visitor: gr.Request
) -> None:
    async def come_and_go() -> list[weakref.ref[Any]]:
        job = backlog.submit(painting(backlog.backbone))
        with in_a_page():
            async with aclosing(watch(backlog, job, request_of_a_visitor)) as watching:
                assert await anext(watching) is False
        assert job.state == "stopped"
        return parts_of(job)

    parts = [part for _ in range(JOBS) for part in asyncio.run(come_and_go())]
    assert backlog.load() == {"running": 0, "waiting": 0}
    assert len(parts) == JOBS * 4
    assert held(parts) == []


@pytest.mark.usefixtures("no_collection")
def test_nothing_is_held_of_a_job_whose_error_a_visitor_was_told(
    worker: LocalWorker, request_of_a_visitor: gr.Request
) -> None:
    told: list[str] = []

    def diverge() -> None:
        raise DivergedError("lower learning_rate")

    async def wait() -> list[weakref.ref[Any]]:
        failing = painting(worker.backbone)
        failing.before = diverge
        job = worker.submit(failing)
        try:
            with in_a_page():
                async with aclosing(watch(worker, job, request_of_a_visitor)) as watching:
                    async for _ in watching:
                        pass
        except DivergedError as error:
            told.append(str(error))
        return parts_of(job)

    parts = asyncio.run(wait())
    assert told == ["lower learning_rate"]
    worker.ask(lambda: None).result(WAIT)  # by now the worker is through with it
    assert held(parts) == []
