"""How long a painting will take, in words."""

from __future__ import annotations

import asyncio
import re
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

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
    return SimpleNamespace(backbone=worker.backbone, limits=Limits(None, Speed(0.0, 0.0, 1e10)))


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
