"""Shared fixtures: a model of seeded random weights for most tests, the real one for those marked `weights`."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if workers := os.environ.get("PYTEST_XDIST_WORKER_COUNT"):
    # Each worker and what it starts computes on its share of the cores: read when PyTorch is loaded.
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // int(workers))))

import pytest
import torch

from nst.network.build import ensure_model, export_model
from nst.network.weights import random_weights
from nst.painting.backbone import Backbone
from nst.pictures.picture import Picture
from nst.pictures.writing import save_image
from tests.ui.visitor import CHROMIUM
from tests.waiting import SLOW

if TYPE_CHECKING:
    from playwright.sync_api import Browser

for number in (signal.SIGINT, signal.SIGHUP):
    # Shells start what runs in the background with Ctrl-C ignored, and all that it starts inherits that: the tests of
    # signals are to see the same wherever they run.
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.default_int_handler)


@pytest.fixture(scope="session")
def random_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model file of seeded random weights."""
    return export_model(tmp_path_factory.mktemp("models") / "random.onnx", random_weights(0)).path


@pytest.fixture(scope="session")
def backbone(random_model: Path) -> Backbone:
    """Random weights on the CPU in fp32."""
    return Backbone.open(random_model, "cpu", "fp32")


@pytest.fixture(scope="session")
def real_backbone() -> Backbone:
    """The pretrained weights on the best device; exported first where they are not here yet."""
    return Backbone.open(ensure_model())


@pytest.fixture
def content() -> Picture:
    """A seeded 48x40 picture: smooth, so that resizing it means something."""
    return smooth_picture(48, 40, seed=1)


@pytest.fixture
def style() -> Picture:
    """A seeded 40x44 picture."""
    return smooth_picture(40, 44, seed=2)


@pytest.fixture
def no_collection() -> Iterator[None]:
    """What is freed meanwhile is freed at once: nothing holds itself in a circle."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture
def folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, random_model: Path, content: Picture, style: Picture
) -> Path:
    """An empty working folder with two images in it, and a model of random weights."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NST_MODEL", str(random_model))
    save_image(content, "content.png")
    save_image(style, "style.png")
    return tmp_path


def smooth_picture(width: int, height: int, seed: int) -> Picture:
    """Seeded noise, enlarged four times."""
    noise = torch.rand(1, 3, height // 4, width // 4, generator=torch.Generator().manual_seed(seed))
    rgb = torch.nn.functional.interpolate(noise, (height, width), mode="bilinear")
    return Picture(rgb, name=f"picture {seed}")


def unset(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Take variables out of the environment for a test, after which they are as before, whoever has set them meanwhile.

    Of a variable that is not there `delenv` remembers nothing, so it is set first.
    """
    for name in names:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window: one for all tests of a process, as Playwright starts once in it."""
    playwright = pytest.importorskip("playwright.sync_api")
    playwright.expect.set_options(timeout=SLOW * 1000)
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()
