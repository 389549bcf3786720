"""Two folders of pictures and what they were made of."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

NAMES = ("boat-waves.png", "cat-waves.png", "cat-night.png", "plain.png")

RED, BLUE, GREEN, YELLOW = (255, 0, 0), (0, 0, 255), (0, 255, 0), (255, 255, 0)
"""A's, B's, the contents' and the styles' color."""


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """All of A is red and all of B blue; each has a picture that the other lacks."""
    for folder, color, alone in (("a", RED, "only-a.png"), ("b", BLUE, "only-b.png")):
        paint(tmp_path / folder, (*NAMES, alone), color)
    return tmp_path / "a", tmp_path / "b"


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    paint(tmp_path / "examples" / "content", ("boat.jpg", "cat.jpg"), GREEN)
    paint(tmp_path / "examples" / "style", ("waves.jpg",), YELLOW)
    return tmp_path / "examples"


def paint(folder: Path, names: tuple[str, ...], color: tuple[int, int, int]) -> None:
    folder.mkdir(parents=True)
    for name in names:
        Image.new("RGB", (60, 40), color).save(folder / name)
