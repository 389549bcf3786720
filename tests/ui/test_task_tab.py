"""The words of a tab that are made from the table of tasks."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from gradio.context import LocalContext

from nst.recipe import Recipe
from nst.serving.local import LocalWorker
from nst.task import TASKS, TaskName
from nst.ui.languages import ENGLISH
from nst.ui.page import OPENING
from nst.ui.task_images import OPTIONAL_ROWS, optional_title
from nst.ui.task_tab import TaskTab
from tests.serving.support import LONG


@pytest.mark.parametrize(
    ("task", "title"),
    [
        ("stylize", "More styles, masks, importance, init image"),
        ("reconstruct", "Init image"),
        ("synthesize", "More styles, masks, init image"),
    ],
)
def test_what_may_be_given_as_well_is_named(task: TaskName, title: str) -> None:
    assert optional_title(TASKS[task].optional_inputs, ENGLISH) == title


def test_every_optional_image_has_its_place() -> None:
    placed = [role for row in OPTIONAL_ROWS for role in row]
    assert len(placed) == len(set(placed))
    assert set(placed) == {role for task in TASKS.values() for role in task.optional_inputs}


@pytest.mark.parametrize("is_closing", [True, False])
def test_at_the_closing_there_is_the_picture_and_a_sentence_and_no_time_lapse(
    worker: LocalWorker, is_closing: bool
) -> None:
    """A visitor's own stop has one."""

    async def visit() -> None:
        with gr.Blocks(analytics_enabled=False) as page:
            tab = TaskTab(worker, "stylize", OPENING)
        LocalContext.blocks.set(page)
        asked = SimpleNamespace(scope={}, base_url="http://here", cookies={}, headers={})
        request: Any = SimpleNamespace(session_hash="a", username=None, request=asked)
        images = [image.value["path"] for image in tab.images.needed.values()]
        settings = tab.controls.values(Recipe(size=32, **LONG))
        shown: set[Any] = set()
        with pytest.raises(gr.Error, match="The studio is closing") if is_closing else nullcontext():
            async for updates in tab._paint(request, *images, *[None] * len(tab.images.optional), *settings):
                shown |= updates.keys()
                if tab.panel.preview in shown:
                    worker.close() if is_closing else tab._stop(request)
        assert tab.panel.download in shown
        assert (tab.panel.time_lapse in shown) != is_closing

    asyncio.run(visit())
