"""Pairs of pictures, shuffled so that nothing tells which folder is which."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")

Side = Literal["left", "right", "none"]
SIDES: tuple[Side, ...] = get_args(Side)
Place = Literal["left", "right"]
PLACES: tuple[Place, ...] = get_args(Place)
Kind = Literal["content", "style"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Folder = Literal["a", "b"]
Choice = Literal["a", "b", "none"]


@dataclass(frozen=True)
class Trial:
    """Two pictures to choose between.

    number: from 1, in the order in which they are shown.  name: of both files.  left: whose picture is there.
    """

    number: int
    name: str
    a: Path
    b: Path
    left: Folder

    @property
    def right(self) -> Folder:
        """Whose picture is on the right."""
        return "b" if self.left == "a" else "a"

    def picture(self, place: Place) -> Path:
        """The file that is shown there."""
        return self.a if self.chosen(place) == "a" else self.b

    def chosen(self, side: Side) -> Choice:
        """Whose picture a vote for a side is for."""
        return "none" if side == "none" else self.left if side == "left" else self.right

    def original(self, kind: Kind, examples: Path | None) -> Path | None:
        """What a picture named CONTENT-STYLE was made of, where it lies in examples/content and examples/style."""
        parts = Path(self.name).stem.split("-")
        if examples is None or len(parts) < 2:
            return None
        path = examples / kind / f"{parts[0] if kind == 'content' else parts[1]}.jpg"
        return path if path.is_file() else None


def shuffled(a: Path, b: Path, seed: int) -> list[Trial]:
    """The pictures that are in both folders, in random order, each folder as often on the left as on the right.

    The same seed and names give the same order.  Raises SystemExit where a folder is missing or no name is in both.
    """
    names = sorted(_names(a) & _names(b))
    if not names:
        raise SystemExit(f"{a} and {b} have no pictures of the same name: give two folders of pictures to compare.")
    generator = random.Random(seed)
    generator.shuffle(names)
    lefts: list[Folder] = ["a" if i % 2 else "b" for i in range(len(names))]
    generator.shuffle(lefts)
    pairs = enumerate(zip(names, lefts, strict=True), 1)
    return [Trial(number, name, a / name, b / name, left) for number, (name, left) in pairs]


def _names(folder: Path) -> set[str]:
    if not folder.is_dir():
        raise SystemExit(f"{folder} is no folder.")
    return {path.name for path in folder.iterdir() if path.suffix.lower() in SUFFIXES}
