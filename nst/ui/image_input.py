"""Image inputs: an upload reaches its handler as the file that it is, and is checked when it arrives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from ..pictures.writing import save_image
from .friendly import friendly
from .gradio_gaps import leave_reading_to_us
from .uploads import load_upload

SHOWN_BY_BROWSERS = (".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif", ".bmp")


def image_input(label: str, **options: Any) -> gr.Image:
    """An image input whose handler gets the path of the file as it was uploaded, None where there is none."""
    component = gr.Image(
        label=label, type="filepath", image_mode=None, sources=["upload", "webcam", "clipboard"], **options
    )
    return leave_reading_to_us(component)


def check_upload(path: str | None) -> str | None:
    """The uploaded file if it can be used, as PNG where browsers can't show it; a friendly error if not."""
    if path is None:
        return None
    with friendly():
        picture = load_upload(path)
        if Path(path).suffix.lower() in SHOWN_BY_BROWSERS:
            return path
        return str(save_image(picture, Path(path).with_suffix(".png")))
