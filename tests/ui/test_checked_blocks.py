"""What events are sent, before a handler sees it; what Gradio does without it is in test_gradio_gaps.py."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from nst.ui.checked_blocks import FETCHING_CALLS, CheckedBlocks
from nst.ui.image_input import image_input
from nst.ui.sent_image import MAX_FETCHED
from nst.ui.web_address import Fetcher

PATIENCE = 60
"""Seconds after which what should happen at once is taken never to happen."""

URL = "http://example.com/a.png"


@dataclass(frozen=True)
class HeldFetcher(Fetcher):
    """Fetches nothing until it is let go."""

    go: threading.Event = field(default_factory=threading.Event)

    def fetch(self, url: str) -> tuple[str, bytes]:
        assert self.go.wait(PATIENCE)
        return "a.png", b"picture"


Receive = Callable[[Any], Coroutine[Any, Any, Any]]


def with_page(fetcher: Fetcher, visit: Callable[[Receive], Awaitable[None]]) -> None:
    """A visit to a page with one event; what that receives for a value is to be awaited.

    Inside an event loop: outside of one, Gradio makes its own and leaves it open.
    """

    async def inside() -> None:
        with CheckedBlocks(analytics_enabled=False) as page:
            gr.Button().click(lambda image: None, image_input("Content"), None)
        page.fetcher = fetcher

        async def receive(value: Any) -> Any:
            (received,) = await page.preprocess_data(page.fns[0], [value], None)
            return received

        await visit(receive)

    asyncio.run(inside())


@pytest.fixture(autouse=True)
def uploads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    monkeypatch.setenv("GRADIO_ANALYTICS_ENABLED", "False")


def test_slow_sites_hold_up_nobody_else() -> None:
    fetcher = HeldFetcher()

    async def visit(receive: Receive) -> None:
        slow = [asyncio.create_task(receive(URL)) for _ in range(FETCHING_CALLS)]
        await asyncio.sleep(0)
        others = [asyncio.wait_for(receive(None), PATIENCE) for _ in range(FETCHING_CALLS)]
        assert await asyncio.gather(*others) == [None] * FETCHING_CALLS
        with pytest.raises(gr.Error, match=f"Pictures are fetched for {FETCHING_CALLS} others: try again"):
            await receive(URL)
        fetcher.go.set()
        for path in await asyncio.gather(*slow):
            assert Path(path).read_bytes() == b"picture"
        assert await receive(URL)

    with_page(fetcher, visit)


def test_a_call_has_as_many_pictures_fetched_as_a_task_can_be_given() -> None:
    async def visit(receive: Receive) -> None:
        file = {"path": URL, "meta": [{"url": URL}] * MAX_FETCHED}
        with pytest.raises(gr.Error, match=rf"{MAX_FETCHED + 1} images are given .* {MAX_FETCHED} are the most"):
            await receive(file)

    with_page(HeldFetcher(), visit)
