"""A working folder for every command."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nst.pictures.picture import Picture
from nst.pictures.writing import save_image
from tests.cli.support import end_all


@pytest.fixture(autouse=True)
def _no_process_is_left() -> Iterator[None]:
    yield
    end_all()


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
