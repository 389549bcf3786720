"""How many of the pictures that visitors send are decoded at a time, and whose is next."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from PIL.ImageFile import ImageFile

from nst.pictures.writing import save_image
from nst.serving.local import LocalWorker
from nst.ui.page import build
from nst.ui.readers import READERS, in_turn, read_for
from tests.conftest import smooth_picture

READING = {"check_upload", "_check_init_image", "_load", "_open", "_use"}
"""The events whose only input is what a visitor sent, which they decode."""


class Reading:
    """Work that takes a moment, and knows how much of it was done at a time, and in which order."""

    def __init__(self) -> None:
        self.most = 0
        self.begun: list[str] = []
        self._now = 0
        self._lock = threading.Lock()

    def __call__(self, name: str) -> str:
        with self._lock:
            self.begun.append(name)
            self._now += 1
            self.most = max(self.most, self._now)
        time.sleep(0.02)
        with self._lock:
            self._now -= 1
        return name.upper()


def by(visitor: str) -> gr.Request:
    return gr.Request(session_hash=visitor)


def all_of(work: Reading, *sent: str) -> list[str]:
    """What is read at once, for visitors whose names begin what they send."""

    async def together() -> list[str]:
        return await asyncio.gather(*(read_for(by(name[0]), work, name) for name in sent))

    return asyncio.run(together())


def test_what_many_send_at_once_is_read_two_at_a_time() -> None:
    work = Reading()
    assert all_of(work, *"abcdefghij") == list("ABCDEFGHIJ")
    assert work.most == READERS == 2


def test_what_one_sends_at_once_keeps_nobody_waiting() -> None:
    work = Reading()
    all_of(work, *(f"a{i}" for i in range(40)), "b")
    assert "b" in work.begun[:2]
    work = Reading()
    all_of(work, *(f"a{i}" for i in range(5)))
    assert work.most == 1


def test_a_failure_is_its_senders_and_the_next_is_read() -> None:
    def fail(_: str) -> None:
        raise gr.Error("damaged")

    async def one_after_another() -> str:
        with pytest.raises(gr.Error, match="damaged"):
            await in_turn(fail)("a", by("a"))
        return await read_for(by("a"), str.upper, "a")

    assert in_turn(fail).__name__ == "fail"
    assert asyncio.run(one_after_another()) == "A"


@pytest.fixture
def upload(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    return str(save_image(smooth_picture(40, 32, seed=1), tmp_path / "a.png"))


def test_every_event_that_decodes_an_upload_waits_for_its_turn(
    worker: LocalWorker, upload: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: dict[str, set[str]] = {}
    name = ""
    decode = ImageFile.load

    def noticed(image: ImageFile) -> Any:
        threads[name].add(threading.current_thread().name.rpartition("_")[0])
        return decode(image)

    async def on_page() -> None:
        nonlocal name
        page = build(worker)
        monkeypatch.setattr(ImageFile, "load", noticed)
        for event in page.fns.values():
            name = str(event.name)
            if name in READING:
                threads.setdefault(name, set())
                try:
                    await event.fn([upload] if name == "_use" else upload, by("a"))  # type: ignore[misc]
                except gr.Error:
                    assert name in ("_load", "_use")  # it holds no recipe, and nothing is painted on it

    asyncio.run(on_page())
    assert threads == {name: {"reading pictures"} for name in READING}
