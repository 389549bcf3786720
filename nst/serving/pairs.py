"""Which content is painted in which style, and what each picture is called; loads nothing heavy."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Literal, get_args

from ..errors import OutputError, RecipeError, UsageError, shown
from ..recipe import Recipe

PairMode = Literal["all", "zip"]
PAIR_MODES: tuple[PairMode, ...] = get_args(PairMode)

STEM_BYTES = 100
"""How much of an input's name the name of a picture has, so that no file system finds it too long."""

DIGITS = 12
"""Hexadecimal digits of a digest in the name of a picture."""


@dataclass(frozen=True)
class Pair:
    """A content, the style that it is painted in, and the file that the picture goes to."""

    content: Path
    style: Path
    output: Path

    @property
    def name(self) -> str:
        """What it is called where people read it: "cat-waves"."""
        return self.output.stem


def pair_up(contents: Sequence[Path], styles: Sequence[Path], folder: Path, mode: PairMode = "all") -> list[Pair]:
    """The pairs of a batch, those of a style behind one another, each only once.

    mode: "all": each content in each style; "zip": the first content in the first style, the second in the second.
    folder: where the pictures go, as CONTENT-STYLE.png by the names of the inputs.  Where those of several pairs would
    be the same, upper and lower case aside, each of them gets a digest of its inputs; no name depends on the order.
    Raises UsageError when there are not as many contents as styles for "zip", OutputError for an input in the folder.
    """
    for path in (*contents, *styles):
        if os.path.realpath(path.parent) == os.path.realpath(folder):
            raise OutputError(
                f"The input {shown(str(path))} lies where the pictures go, which would be among the inputs of the next "
                "run: name another folder with --out."
            )
    if mode == "zip" and len(contents) != len(styles):
        raise UsageError(
            f"With --pairs zip there must be as many contents as styles, but there are {len(contents)} and "
            f"{len(styles)}: leave some out, or use --pairs all."
        )
    given = zip(contents, styles, strict=True) if mode == "zip" else product(contents, styles)
    by_place = {tuple(map(os.path.abspath, pair)): pair for pair in given}
    names = _names(list(by_place.values()))
    pairs = [Pair(*inputs, folder / f"{name}.png") for inputs, name in names.items()]
    order = {style: i for i, style in enumerate(in_order(pair.style for pair in pairs))}
    return sorted(pairs, key=lambda pair: order[pair.style])


def require_no_start(recipe: Recipe) -> None:
    """RecipeError for a recipe that wants an image to start from, of which a batch has none."""
    if recipe.init == "image":
        raise RecipeError("init is image, but a batch has none to start from: use another init.")


Inputs = tuple[Path, Path]


def _names(pairs: Sequence[Inputs]) -> dict[Inputs, str]:
    """A name for each: the inputs' stems; if that is not enough, with a digest of the files; if not, of their paths."""
    names: dict[Inputs, str] = {}
    for name in (_plain_name, _name_by_content, _name_by_path):
        names |= {pair: name(pair) for pair in pairs if pair not in names}
        taken = Counter(map(_folded, names.values()))
        names = {pair: text for pair, text in names.items() if taken[_folded(text)] == 1}
    return {pair: names[pair] for pair in pairs}


def _folded(name: str) -> str:
    """The same for names that some file system takes for one."""
    return unicodedata.normalize("NFC", name).casefold()


def _plain_name(pair: Inputs) -> str:
    if any(len(os.fsencode(path.stem)) > STEM_BYTES for path in pair):
        return _name_by_content(pair)
    return "-".join(path.stem for path in pair)


def _name_by_content(pair: Inputs) -> str:
    return _with_digest(pair, _content_of)


def _name_by_path(pair: Inputs) -> str:
    return _with_digest(pair, lambda path: _content_of(path) + os.fsencode(os.path.abspath(path)))


def _with_digest(pair: Inputs, identity: Callable[[Path], bytes]) -> str:
    sha = hashlib.sha256(b"".join(hashlib.sha256(identity(path)).digest() for path in pair))
    stems = (os.fsencode(path.stem)[:STEM_BYTES].decode(errors="ignore") for path in pair)
    return f"{'-'.join(stems)}.{sha.hexdigest()[:DIGITS]}"


def _content_of(path: Path) -> bytes:
    """Its bytes; nothing of a file that can't be read, which is said when its turn comes."""
    try:
        return path.read_bytes() if path.is_file() else b""
    except OSError:
        return b""


def in_order(paths: Iterable[Path]) -> list[Path]:
    """Each once, in the order in which they first come."""
    return list(dict.fromkeys(paths))
