"""The pictures that come with the program: contents, styles, and finished ones that were painted from them."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import Any

import gradio as gr
from PIL import Image

from ..locations import EXAMPLES
from ..painting.provenance import Provenance
from ..task import Role
from .languages import Words, said

THUMBNAIL = 200
"""Pixels of the long side."""


def example_files(kind: str) -> list[Path]:
    """The files of examples/content, examples/style or examples/finished."""
    return sorted((EXAMPLES / kind).glob("*.jpg"))


def inputs_of(finished: Path) -> dict[str, str]:
    """Role -> path of the example that a finished picture was made of."""
    return {role: str(EXAMPLES / role / name) for role, (name, _) in Provenance.of(finished).inputs.items()}


def title(path: Path, words: Words) -> str:
    """What an example shows, as examples/CREDITS.md says it; a finished one is named for both of its inputs."""
    names = [_name(stem, words) for stem in path.stem.split("-")]
    return names[0] if len(names) == 1 else words("examples.title", content=names[0], style=names[1])


def name_of_examples(role: Role, words: Words) -> str:
    """What the examples of an image are called: "Style examples"."""
    return words("examples.of_role", role=words(f"role.{role}.label"))


def _name(stem: str, words: Words) -> str:
    key = f"example.{stem}"
    return words(key) if key in words.templates else stem.replace("_", " ")


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
        [(thumbnail(path, long_side), said(partial(title, path))) for path in files], show_label=False, height="auto",
        allow_preview=False, object_fit="cover", interactive=False, buttons=[], format="jpeg",
        elem_classes=css_class, **options,
    )  # fmt: skip
