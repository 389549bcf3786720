"""Buttons that only a Space has."""

from __future__ import annotations

import asyncio

import gradio as gr
import pytest

from nst.ui.languages import said
from nst.ui.space_parts import draw_duplicate, post_button, post_js


def drawn() -> list[str]:
    """What the buttons say; inside an event loop, as Gradio else leaves one open."""

    async def in_a_page() -> list[str]:
        with gr.Blocks(analytics_enabled=False) as page:
            draw_duplicate()
            post_button()
        return [str(block.value) for block in page.blocks.values() if isinstance(block, gr.Button)]

    return asyncio.run(in_a_page())


def test_elsewhere_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPACE_ID", raising=False)
    assert drawn() == []


def test_on_a_space_there_are_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPACE_ID", "somebody/gramarye")
    assert drawn() == [said("space.duplicate"), said("space.post")]
    assert '"https://huggingface.co/spaces/somebody/gramarye/discussions/new"' in post_js()


@pytest.mark.parametrize("name", ["", "nobody", "a/b/c", 'a/b"; alert(1)'])
def test_a_name_that_no_space_has_gives_none(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPACE_ID", name)
    assert drawn() == []
