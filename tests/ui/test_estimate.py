"""How long a painting will take, in words."""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from nst.errors import ClosedError
from nst.locations import EXAMPLES
from nst.recipe import Recipe
from nst.serving.cost import Cost
from nst.serving.limits import Limits
from nst.serving.local import LocalWorker
from nst.serving.speed import Speed
from nst.ui.controls import Controls
from nst.ui.estimate import EstimateLine, Estimates, in_words
from nst.ui.languages import ENGLISH, LANGUAGES, Words
from nst.ui.preparation import prepare

INPUTS: dict[Any, str | None] = {
    "content": str(EXAMPLES / "content" / "colosseum.jpg"), "style": str(EXAMPLES / "style" / "starry_night.jpg"),
}  # fmt: skip


def timed(worker: LocalWorker) -> Any:
    """A worker of a known speed: a second for each 1e10 operations."""
    limits = Limits(None, Speed(0.0, 0.0, 1e10))
    return SimpleNamespace(backbone=worker.backbone, limits=limits, paints_here=True, load=worker.load)


def measured_by(answers: list[Any], *, busy: bool, here: bool = True) -> Any:
    """A worker that nobody has measured, and that answers these one after another.  here: where it paints."""

    def ask(question: Any) -> Future[Any]:
        future: Future[Any] = Future()
        answer = answers.pop(0)
        future.set_exception(answer) if isinstance(answer, Exception) else future.set_result(answer)
        return future

    load = {"running": int(busy), "waiting": 0}
    return SimpleNamespace(backbone=None, limits=None, paints_here=here, load=lambda: load, ask=ask)


def test_the_speed_is_measured_once_by_who_asks_first_and_anew_where_that_failed() -> None:
    speed = Speed(1.0, 2.0, 3.0)
    errors = [ClosedError("closing"), RuntimeError("CUDA error")]
    estimates = Estimates(measured_by([*errors, speed], busy=False))
    assert asyncio.run(estimates.speed()) is None
    assert asyncio.run(estimates.speed()) is None
    assert asyncio.run(estimates.speed()) == speed
    assert asyncio.run(estimates.speed(waits=True)) == speed


def test_a_painting_is_not_disturbed_to_measure_the_speed_unless_somebody_waits() -> None:
    speed = Speed(1.0, 2.0, 3.0)
    estimates = Estimates(measured_by([speed], busy=True))
    assert asyncio.run(estimates.speed()) is None
    assert asyncio.run(estimates.speed(waits=True)) == speed


def test_what_paints_elsewhere_is_not_measured_here() -> None:
    estimates = Estimates(measured_by([], busy=False, here=False))
    assert asyncio.run(estimates.speed(waits=True)) is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s"), (7.6, "8 s"), (33, "35 s"), (89, "90 s"), (100, "2 min"), (3000, "50 min"), (7200, "2 h")],
)
def test_it_is_said_as_exactly_as_it_is_known(seconds: float, words: str) -> None:
    assert in_words(seconds, ENGLISH) == words


def test_it_is_that_of_the_painting_itself_though_no_picture_is_decoded(worker: LocalWorker) -> None:
    recipe = Recipe.preset("fast", size=256)
    operations = Cost.of(prepare(worker, "stylize", recipe, INPUTS)).operations
    assert Estimates(timed(worker)).seconds("stylize", recipe, INPUTS) == pytest.approx(operations / 1e10)


@pytest.mark.parametrize("paths", [{}, {**INPUTS, "style": None}, {**INPUTS, "content": __file__}])
def test_where_a_picture_is_missing_or_none_nothing_is_said(worker: LocalWorker, paths: dict[Any, str | None]) -> None:
    assert Estimates(timed(worker)).seconds("stylize", Recipe(), paths) is None


def test_each_preset_has_its_time(worker: LocalWorker) -> None:
    async def told(size: float, words: Words = ENGLISH) -> str:
        with gr.Blocks(analytics_enabled=False):
            controls = Controls("stylize", Recipe.preset("fast", size=256))
            line = EstimateLine(Estimates(timed(worker)), "stylize", controls)
        values = controls.values(Recipe.preset("fast", size=256))
        values[controls.components.index(controls["size"])] = size
        return await line.text(values, INPUTS, words)

    html = asyncio.run(told(256))
    assert re.search(r"Paint takes about <b>\d+ (s|min)</b> on this machine", html)
    assert html.count("::after") == 3
    assert html.count("{ content: ', about ") == 3
    assert asyncio.run(told(5)) == ""
    chinese = asyncio.run(told(256, LANGUAGES["zh"]))
    assert re.search(r"在这台机器上作画约需 <b>\d+ (秒|分钟)</b>。", chinese)
    assert len(re.findall(r"\{ content: '，约 \d+ (?:秒|分钟)'; \}", chinese)) == 3
