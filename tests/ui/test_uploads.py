"""What visitors have uploaded, and what is said where it is gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from nst.errors import ImageError
from nst.learn.filmstrips import KINDS
from nst.pictures.writing import save_image
from nst.serving.local import LocalWorker
from nst.ui.dot_panel import DotPanel
from nst.ui.feature_cache import FeatureCache
from nst.ui.filmstrips_panel import FilmstripsPanel
from nst.ui.gram_panel import GramPanel
from nst.ui.image_input import check_upload
from nst.ui.preparation import recipe_of
from nst.ui.uploads import load_upload
from nst.ui.visitor_jobs import VisitorJobs
from tests.conftest import smooth_picture

GONE = r"^'?gone\.png is no longer here, as uploads are deleted after some hours: choose it again\.'?$"


def test_a_file_is_read_as_it_is(tmp_path: Path) -> None:
    picture = smooth_picture(40, 32, seed=1)
    assert load_upload(save_image(picture, tmp_path / "a.png")).name == "a.png"
    (tmp_path / "b.png").write_bytes(b"no image")
    with pytest.raises(ImageError, match=r"b\.png is not an image"):
        load_upload(tmp_path / "b.png")


@pytest.mark.parametrize("read", [load_upload, lambda path: recipe_of(path, "stylize")])
def test_a_file_that_is_gone_is_said_without_its_path(read: Callable[[str], Any], tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=GONE):
        read(str(tmp_path / "gone.png"))


def test_a_name_that_steers_a_terminal_is_written_out(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"^\\x1b\[2J is no longer here"):
        load_upload(tmp_path / "\x1b[2J")


async def all_of(shown: AsyncGenerator[Any]) -> list[Any]:
    async with aclosing(shown):
        return [answer async for answer in shown]


def test_every_part_of_the_page_says_so(worker: LocalWorker, tmp_path: Path) -> None:
    path = str(tmp_path / "gone.png")
    request: Any = SimpleNamespace(request=None, session_hash="a")

    async def visit() -> None:
        with gr.Blocks():
            images = {role: gr.Image() for role in ("content", "style", "result")}
            cache = FeatureCache(worker)
            dot, gram = DotPanel(cache, images), GramPanel(cache, images)
            strips = FilmstripsPanel(worker, {role: images[role] for role in KINDS}, VisitorJobs())
        calls: list[Callable[[], Awaitable[Any]]] = [
            lambda: all_of(dot.show(request, "content", "places", "conv1", *[1] * 6, path, None, None)),
            lambda: all_of(gram.show(request, "conv1", "content", path, None, None)),
            lambda: strips.show(request, path, None),
            lambda: all_of(strips._computing("content")(path, request)),
            lambda: asyncio.to_thread(check_upload, path),
        ]
        for call in calls:
            with pytest.raises(gr.Error, match=GONE):
                await call()

    asyncio.run(visit())
