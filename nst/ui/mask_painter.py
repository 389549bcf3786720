"""A mask painted with the mouse or a finger on the content, for those who have none as a file."""

from __future__ import annotations

from typing import Any

import gradio as gr
import numpy as np
from PIL import Image

from ..errors import ImageError
from ..pictures.picture import fit
from ..pictures.reading import load_image
from .friendly import friendly
from .gradio_gaps import file_to_show
from .result_files import PREVIEW

HEIGHT = 420
"""Pixels of the editor on the page."""


class MaskPainter:
    """Draws itself in the current Gradio context: an editor that shows itself when asked for.

    content: the input to paint on, without which there is nothing to paint; mask: the input that gets what was painted.
    """

    def __init__(self, content: gr.Image, mask: gr.Image) -> None:
        private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        begin = gr.Button("Paint a mask on the content", size="sm")
        with gr.Column(visible=False) as box:
            editor = gr.ImageEditor(
                label="Paint where the style goes", type="pil", image_mode="RGBA", format="png", sources=(),
                transforms=(), layers=False, height=HEIGHT,
                brush=gr.Brush(default_size=40, colors=["#ffffff"], default_color="#ffffff", color_mode="fixed"),
            )  # fmt: skip
            with gr.Row():
                use = gr.Button("Use as mask", variant="primary", size="sm")
                close = gr.Button("Close", size="sm")
        begin.click(_open, content, [box, editor], **private)
        use.click(_use, editor, [mask, box], **private)
        close.click(lambda: gr.update(visible=False), None, box, queue=False, **private)


def _open(content: str | None) -> tuple[Any, Any]:
    """The editor with the content, small enough for a browser to handle, as its background."""
    with friendly():
        if content is None:
            raise ImageError("There is no content image yet to paint on: choose one first.")
        background = load_image(content).to_pil().convert("RGB")
    background = background.resize(fit(background.size, PREVIEW), Image.Resampling.LANCZOS)
    path = file_to_show(background, "content.jpg")
    return gr.update(visible=True), {"background": path, "layers": [], "composite": None}


def _use(painted: dict[str, Any] | None) -> tuple[Any, Any]:
    with friendly():
        return file_to_show(mask_of((painted or {}).get("layers", [])), "mask.png"), gr.update(visible=False)


def mask_of(layers: list[Image.Image]) -> Image.Image:
    """White where any of the layers was painted on, as far as it is opaque; ImageError where none was."""
    opacities = [np.asarray(layer.getchannel("A")) for layer in layers]
    if not opacities or not np.max(opacities):
        raise ImageError("Nothing is painted yet: paint white where the style is to go.")
    return Image.fromarray(np.max(opacities, axis=0))
