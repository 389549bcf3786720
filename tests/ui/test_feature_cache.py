"""Feature maps are computed once for each picture, by the worker, and the oldest are forgotten."""

from __future__ import annotations

import asyncio
import threading
import weakref
from pathlib import Path
from typing import NoReturn

import pytest

from nst.errors import BusyError, ImageError, OutOfMemoryError
from nst.painting.backbone import Backbone
from nst.pictures.picture import Picture
from nst.pictures.reading import load_image
from nst.pictures.writing import save_image
from nst.serving.local import LocalWorker
from nst.ui.feature_cache import MAX_COMING, FeatureCache
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
    assert not cache.has(str(tmp_path / "gone.png"))
    for nonsense in (b"nothing", b"nothing again"):
        broken.write_bytes(nonsense)
        for _ in range(2):
            with pytest.raises(ImageError, match=r"broken.png is not an image"):
                asyncio.run(cache.get(str(broken), "style"))
    assert cache.used_bytes == 0


def test_what_fails_is_not_kept(
    worker: LocalWorker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_collection: None
) -> None:
    path = str(save_image(smooth_picture(64, 64, seed=1), tmp_path / "a.png"))
    seen: list[weakref.ref[Picture]] = []

    def fails(picture: Picture, backbone: Backbone) -> NoReturn:
        seen.append(weakref.ref(picture))
        raise OutOfMemoryError("There is not enough memory.")

    monkeypatch.setattr("nst.ui.feature_cache.feature_maps", fails)
    cache = FeatureCache(worker)
    for _ in range(2):
        with pytest.raises(OutOfMemoryError):
            asyncio.run(cache.get(path, "content"))
    assert [ref() for ref in seen] == [None, None]


def test_pictures_are_read_apart_from_who_paints(
    worker: LocalWorker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, threads = str(save_image(smooth_picture(64, 64, seed=1), tmp_path / "a.png")), list[str]()

    def noted(path: str) -> Picture:
        threads.append(threading.current_thread().name)
        return load_image(path)

    monkeypatch.setattr("nst.ui.feature_cache.load_upload", noted)
    asyncio.run(FeatureCache(worker).get(path, "content"))
    (thread,) = threads
    assert thread.startswith("reading pictures")


def test_so_many_pictures_at_a_time_and_no_more(backbone: Backbone, tmp_path: Path) -> None:
    idle, picture = LocalWorker(backbone), smooth_picture(64, 64, seed=1)
    paths = [str(save_image(picture, tmp_path / f"{i}.png")) for i in range(MAX_COMING + 1)]

    async def visit() -> None:
        cache = FeatureCache(idle)
        visitors = [asyncio.create_task(cache.get(path, "content")) for path in paths[:-1]]
        await asyncio.sleep(0)
        with pytest.raises(BusyError, match=f"{MAX_COMING} pictures are looked into before yours: try again"):
            await cache.get(paths[-1], "content")
        idle.start()
        await asyncio.gather(*visitors)
        await cache.get(paths[-1], "content")

    asyncio.run(visit())
    idle.close()


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
