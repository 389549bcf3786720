"""The servers that Gradio makes of a page before it is launched."""

from __future__ import annotations

import asyncio

import gradio as gr
import pytest
from gradio.routes import App

from nst.ui.gradio_gaps import without_an_app


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> list[gr.Blocks]:
    """The pages that Gradio has made a server for, once for each one."""
    pages: list[gr.Blocks] = []
    monkeypatch.setattr(App, "create_app", staticmethod(lambda page, **_: pages.append(page)))
    return pages


async def drawn() -> gr.Blocks:
    """A page with its queue set.  On a running loop, as Gradio opens one for each lock elsewhere, and closes none."""
    page: gr.Blocks
    with gr.Blocks() as page:
        gr.Textbox()
    page.queue()
    return page


def test_gradio_makes_several_servers_of_a_page_before_it_is_launched(servers: list[gr.Blocks]) -> None:
    page = asyncio.run(drawn())
    assert servers == [page] * 3


def test_no_server_is_made_of_a_page_that_is_drawn_without_one(servers: list[gr.Blocks]) -> None:
    with without_an_app():
        asyncio.run(drawn())
    assert servers == []
    page = asyncio.run(drawn())
    assert set(servers) == {page}
