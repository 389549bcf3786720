"""What is put away when a painting begins, or another picture is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from nst.ui.languages import ENGLISH
from nst.ui.result_panel import ResultPanel
from nst.ui.visits import Updates

WAITING: Any = SimpleNamespace(state="waiting", snapshot=None)
WORKER: Any = SimpleNamespace(place=lambda job: 0)


def shown(show: Callable[[ResultPanel], Updates]) -> dict[str, Any]:
    """What a panel is told to show, by the names of its parts; inside an event loop, as Gradio else leaves one open."""

    async def in_a_page() -> dict[str, Any]:
        with gr.Blocks(analytics_enabled=False):
            panel = ResultPanel(WORKER, None, lambda words: "Nothing yet.")
        updates = show(panel)
        assert set(updates) <= set(panel.components)
        return {
            name: updates[part] for name, part in vars(panel).items() if part in panel.components and part in updates
        }

    return asyncio.run(in_a_page())


@pytest.mark.parametrize(
    "show",
    [lambda panel: panel.show_start(WAITING, ENGLISH), lambda panel: panel.show_opening(ENGLISH)],
    ids=["start", "opening"],
)
def test_nothing_is_left_of_the_losses_of_another_painting(show: Callable[[ResultPanel], Updates]) -> None:
    updates = shown(show)
    assert updates["plot"] == updates["shares"] == ""
    assert updates["shares_box"]["visible"] is False


def test_a_start_is_said_and_its_words_are_taken_back_with_the_painting() -> None:
    assert shown(lambda panel: panel.show_start(WAITING, ENGLISH))["spoken"] == "The painting waits for its turn."
    assert shown(lambda panel: panel.show_opening(ENGLISH))["spoken"] == ""
