"""Images as Gradio wants them: inputs that are read by this project alone, thumbnails, previews, downloads."""

from __future__ import annotations

import os
import re
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.data_classes import ImageData
from gradio.utils import get_upload_folder
from PIL import Image
from torch import Tensor

from ..locations import EXAMPLES
from ..pictures.picture import Picture, Size, fit
from ..pictures.reading import load_image
from ..pictures.writing import save_image
from ..recipe import STYLE_ROLES
from .gradio_gaps import uploaded
from .watch import friendly

THUMBNAIL = 200
PREVIEW = 768
"""Pixels of the long side at most: enough to watch, and sent in a moment."""

ABOUT_OPTIONAL = {
    "style_2": "a second style image, to be mixed or for where the mask is black",
    "style_3": "a third style image",
    "style_4": "a fourth style image",
    "mask": "white where the style goes; where it is black, the other styles go or the content stays",
    "init_image": 'where to start, with init "image"',
}
"""What the inputs are for that need not be given."""

SHOWN_BY_BROWSERS = (".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif", ".bmp")

WITH_RECIPE = (".png", ".jpg", ".jpeg", ".webp", ".avif", ".tif", ".tiff")
"""The formats in which a result can hold its recipe."""


def image_input(label: str, **options: Any) -> gr.Image:
    """An image input whose handler gets the path of the file as it was uploaded.

    gr.Image opens the file itself first, and fails on a damaged one without a helpful word; here everything
    about reading is left to `nst.pictures.reading.load_image`.
    """
    component = gr.Image(
        label=label, type="filepath", image_mode=None, sources=["upload", "webcam", "clipboard"], **options
    )
    component.preprocess = _path_of  # type: ignore[method-assign]
    return component


def _path_of(payload: ImageData | None) -> str | None:
    if payload is None or payload.path is None:
        return None
    with friendly():
        return uploaded(payload.path)


def check_upload(path: str | None) -> str | None:
    """The uploaded file when it can be used, as PNG where browsers can't show it; raises ImageError."""
    if path is None or Path(path).suffix.lower() in SHOWN_BY_BROWSERS:
        if path is not None:
            load_image(path)
        return path
    return str(save_image(load_image(path), Path(path).with_suffix(".png")))


def gallery_files(kind: str) -> list[Path]:
    """The files of examples/content, examples/style or examples/finished."""
    return sorted((EXAMPLES / kind).glob("*.jpg"))


def title(path: Path) -> str:
    """What an example shows, as examples/CREDITS.md says it; a finished one is named for both of its inputs."""
    stems = path.stem.split("-")
    return " in the style of ".join(_credits().get(stem, stem.replace("_", " ")) for stem in stems)


@cache
def _credits() -> dict[str, str]:
    """File stem -> the words of the table, without what stands in brackets."""
    rows = re.findall(
        r"^\| (?:content|style)/(\w+)\.jpg \| ([^|(]+)", (EXAMPLES / "CREDITS.md").read_text(), re.MULTILINE
    )
    return {stem: words.strip() for stem, words in rows}


@cache
def thumbnail(path: Path, long_side: int = THUMBNAIL) -> Image.Image:
    """A small copy for a gallery."""
    with Image.open(path) as image:
        image.draft("RGB", (2 * long_side, 2 * long_side))
        image.thumbnail((long_side, long_side), Image.Resampling.LANCZOS)
        return image.convert("RGB")


def shown_file(image: Image.Image, name: str) -> str:
    """A new file of a picture where Gradio keeps its own; returns the path, which a component takes as its value.

    name: of the file, whose extension decides the format.

    Given the picture itself, Gradio names the file for its content and writes it again for every visitor who is
    shown the same, also while the browser of another is reading it.
    """
    folder = get_upload_folder()
    os.makedirs(folder, exist_ok=True)
    path = Path(tempfile.mkdtemp(dir=folder)) / name
    image.save(path, quality=88)
    return str(path)


def save_preview(image: Tensor, size: Size, path: Path) -> str:
    """A 1x3xHxW image in [0, 1] as a JPEG of one size during the whole run, whatever its scale; returns the path."""
    shown = Picture(image).to_pil().resize(fit(size, PREVIEW), Image.Resampling.BICUBIC)
    shown.save(path, quality=88)
    return str(path)


def download_name(inputs: dict[str, Picture], task: str) -> str:
    """A name for the result made of its inputs' names: "colosseum-starry_night.png"."""
    shown = [picture for role, picture in inputs.items() if role == "content" or role in STYLE_ROLES]
    stems = [re.sub(r"[^\w-]+", "_", Path(picture.name).stem).strip("_") for picture in shown]
    name = "-".join([*filter(None, stems), *([] if task == "stylize" else [task])])
    return f"{name[:60] or 'pastiche'}.png"  # 60 characters are at most 240 of the 255 bytes that a name may have
