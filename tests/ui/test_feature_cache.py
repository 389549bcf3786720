"""Feature maps are computed once for each picture, by the worker, and the oldest are forgotten."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from nst.errors import ImageError
from nst.pictures.writing import save_image
from nst.serving.local import LocalWorker
from nst.ui.feature_cache import FeatureCache
from tests.conftest import smooth_picture
from tests.waiting import SLOW


def test_features_are_computed_once_and_the_oldest_are_forgotten(worker: LocalWorker, tmp_path: Path) -> None:
    paths = [str(save_image(smooth_picture(64, 64, seed=i), tmp_path / f"{i}.png")) for i in range(3)]

    async def visit() -> None:
        cache = FeatureCache(worker, max_bytes=1)
        assert not cache.has(paths[0])
        first, same = await asyncio.gather(cache.get(paths[0], "content"), cache.get(paths[0], "content"))
        assert first is same
        assert cache.has(paths[0])
        await cache.get(paths[1], "content")
        assert not cache.has(paths[0])
        assert cache.used_bytes == first.nbytes

    asyncio.run(visit())


def test_a_file_that_has_changed_is_looked_at_again(worker: LocalWorker, tmp_path: Path) -> None:
    path = str(save_image(smooth_picture(64, 64, seed=1), tmp_path / "a.png"))

    async def visit() -> None:
        cache = FeatureCache(worker)
        before = await cache.get(path, "content")
        save_image(smooth_picture(48, 64, seed=2), path)
        assert (await cache.get(path, "content")).rgb.shape != before.rgb.shape

    asyncio.run(visit())


def test_what_can_not_be_looked_at_is_said_and_tried_again(worker: LocalWorker, tmp_path: Path) -> None:
    cache, broken = FeatureCache(worker), tmp_path / "broken.png"
    with pytest.raises(ImageError, match="There is no style to look at: choose one above"):
        asyncio.run(cache.get(None, "style"))
    with pytest.raises(ImageError, match=r"gone.png is no longer here"):
        asyncio.run(cache.get(str(tmp_path / "gone.png"), "style"))
    for nonsense in (b"nothing", b"nothing again"):
        broken.write_bytes(nonsense)
        for _ in range(2):
            with pytest.raises(ImageError, match=r"broken.png is not an image"):
                asyncio.run(cache.get(str(broken), "style"))
    assert cache.used_bytes == 0


def test_a_visitor_who_vanishes_does_not_spoil_it_for_others(worker: LocalWorker, tmp_path: Path) -> None:
    path = str(save_image(smooth_picture(64, 64, seed=1), tmp_path / "a.png"))

    async def visit() -> None:
        cache, gone = FeatureCache(worker), threading.Event()
        worker.ask(lambda: gone.wait(SLOW))  # nothing is computed before one has left
        one = asyncio.create_task(cache.get(path, "content"))
        other = asyncio.create_task(cache.get(path, "content"))
        await asyncio.sleep(0)
        one.cancel()
        with pytest.raises(asyncio.CancelledError):
            await one
        gone.set()
        assert (await other).rgb.shape == (64, 64, 3)

    asyncio.run(visit())
