"""The pictures that come with the program: contents, styles, and finished ones that were painted from them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr
from PIL import Image

from ..locations import EXAMPLES
from ..painting.provenance import Provenance
from .credits import example_titles

THUMBNAIL = 200
"""Pixels of the long side."""


def example_files(kind: str) -> list[Path]:
    """The files of examples/content, examples/style or examples/finished."""
    return sorted((EXAMPLES / kind).glob("*.jpg"))


def inputs_of(finished: Path) -> dict[str, str]:
    """Role -> path of the example that a finished picture was made of."""
    return {role: str(EXAMPLES / role / name) for role, (name, _) in Provenance.of(finished).inputs.items()}


def title(path: Path) -> str:
    """What an example shows, as examples/CREDITS.md says it; a finished one is named for both of its inputs."""
    stems = path.stem.split("-")
    return " in the style of ".join(example_titles().get(stem, stem.replace("_", " ")) for stem in stems)


@cache
def thumbnail(path: Path, long_side: int = THUMBNAIL) -> Image.Image:
    """A small copy for a gallery."""
    with Image.open(path) as image:
        image.draft("RGB", (2 * long_side, 2 * long_side))
        image.thumbnail((long_side, long_side), Image.Resampling.LANCZOS)
        return image.convert("RGB")


def gallery(files: list[Path], long_side: int = THUMBNAIL, *, css_class: str = "picks", **options: Any) -> gr.Gallery:
    """Thumbnails to choose from.  css_class: "picks" for small ones in rows, "finished" for larger ones."""
    return gr.Gallery(
        [(thumbnail(path, long_side), title(path)) for path in files], show_label=False, height="auto",
        allow_preview=False, object_fit="cover", interactive=False, buttons=[], format="jpeg",
        elem_classes=css_class, **options,
    )  # fmt: skip
