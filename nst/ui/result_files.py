"""The files of a painting: the previews that are sent on the way, and the name under which the result is saved."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from PIL import Image

from ..pictures.picture import Picture, Size, fit
from ..pictures.torus import tiled
from ..pictures.writing import write_image
from ..task import STYLE_ROLES, TaskName

PREVIEW = 768
"""Pixels of the long side at most: enough to watch, and sent in a moment."""

MAX_STEM = 60
"""Characters of a file name: at most 240 of the 255 bytes that it may have."""


def save_preview(picture: Picture, size: Size, path: Path) -> str:
    """A painting on its way as a JPEG; returns its path.

    size: (width, height) of the result in pixels, which the preview has at every scale, up to `PREVIEW`.
    """
    opaque = Picture(picture.rgb).to_pil()
    return str(write_image(opaque.resize(fit(size, PREVIEW), Image.Resampling.BICUBIC), path, "JPEG", quality=88))


def save_tiled(picture: Picture, path: Path) -> str:
    """A picture two by two as a JPEG of at most `PREVIEW` px, which shows whether it tiles; returns its path."""
    tile = Picture(picture.rgb).to_pil()
    tile = tile.resize(fit(tile.size, PREVIEW // 2), Image.Resampling.LANCZOS)
    return str(write_image(tiled(tile), path, "JPEG", quality=88))


def download_name(inputs: Mapping[str, Picture], task: TaskName) -> str:
    """A name for the result made of its inputs' names: "colosseum-starry_night.png"."""
    named = [picture for role, picture in inputs.items() if role == "content" or role in STYLE_ROLES]
    stems = [re.sub(r"[^\w-]+", "_", Path(picture.name).stem).strip("_") for picture in named]
    stem = "-".join([*filter(None, stems), *([] if task == "stylize" else [task])])
    return f"{stem[:MAX_STEM] or 'gramarye'}.png"
