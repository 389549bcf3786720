"""A mask painted with the mouse or a finger on the image that it lies on, for those who have none as a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..errors import ImageError
from ..pictures.limits import READABLE
from ..pictures.picture import MAX_SIDE, fit
from ..task import Role
from .friendly import friendly
from .gradio_gaps import file_to_show, leave_layers_to_us
from .languages import ENGLISH, Words, said
from .readers import in_turn
from .result_files import PREVIEW
from .uploads import load_upload

HEIGHT = 420
"""Pixels of the editor on the page."""

MAX_LAYERS = 8
"""The editor sends one."""


class MaskPainter:
    """Draws itself in the current Gradio context: an editor that shows itself when asked for.

    below: the input to paint on, of a role, without which there is nothing to paint.
    mask: the input that gets what was painted, and its role.
    """

    def __init__(self, below: gr.Image, below_role: Role, mask: gr.Image, mask_role: Role) -> None:
        self._below_role = below_role
        self._mask_role = mask_role
        private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        begin = gr.Button(said(self._invitation), size="sm")
        with gr.Column(visible=False) as box:
            editor = gr.ImageEditor(
                label=said(self._task), type="filepath", image_mode="RGBA", format="png", sources=(),
                transforms=(), layers=False, height=HEIGHT,
                brush=gr.Brush(default_size=40, colors=["#ffffff"], default_color="#ffffff", color_mode="fixed"),
            )  # fmt: skip
            leave_layers_to_us(editor)
            with gr.Row():
                use = gr.Button(said(self._use_as), variant="primary", size="sm")
                close = gr.Button(said("painter.close"), size="sm")
        begin.click(in_turn(self._open), below, [box, editor], **private)
        use.click(in_turn(self._use), editor, [mask, box], **private)
        close.click(lambda: gr.update(visible=False), None, box, queue=False, **private)

    def _invitation(self, words: Words) -> str:
        kind = words("painter.an_importance_map" if self._mask_role == "importance" else "painter.a_mask")
        return words("painter.begin", kind=kind, named=words(f"named.{self._below_role}"))

    def _task(self, words: Words) -> str:
        """What is to be painted white."""
        if self._mask_role == "importance":
            return words("painter.what_is_kept")
        if self._mask_role == "mask":
            return words("painter.where_style_goes")
        return words("painter.what_is_meant", named=words(f"named.{self._below_role}"))

    def _use_as(self, words: Words) -> str:
        return words("painter.use", role=words(f"role.{self._mask_role}.name"))

    def _open(self, below: str | None) -> tuple[Any, Any]:
        """The editor with the image, small enough for a browser to handle, as its background."""
        with friendly():
            if below is None:
                raise ImageError(
                    f"There is no image yet to paint on: choose {ENGLISH(f'named.{self._below_role}')} first."
                )
            background = load_upload(below).to_pil().convert("RGB")
            background = background.resize(fit(background.size, PREVIEW), Image.Resampling.LANCZOS)
            path = file_to_show(background, "below.jpg")
        return gr.update(visible=True), {"background": path, "layers": [], "composite": None}

    def _use(self, layers: list[str] | None) -> tuple[Any, Any]:
        """What was painted, as a file named for its role."""
        with friendly():
            return file_to_show(mask_of(layers or []), f"{self._mask_role}.png"), gr.update(visible=False)


def mask_of(layers: Sequence[str | Path]) -> Image.Image:
    """White where any of the layers was painted on, as far as it is opaque; ImageError where none was.

    layers: files.  Raises ImageError for what the editor would not have sent.
    """
    if len(layers) > MAX_LAYERS:
        raise ImageError(f"{len(layers)} layers were sent to be a mask: {MAX_LAYERS} are the most.")
    painted: NDArray[np.uint8] | None = None
    for layer in layers:
        opacity = _opacity(layer)
        if painted is not None and painted.shape != opacity.shape:
            raise ImageError("The layers have different sizes: paint anew.")
        painted = opacity if painted is None else np.maximum(painted, opacity)
    if painted is None or not painted.any():
        raise ImageError("Nothing is painted yet: draw on the picture first.")
    return Image.fromarray(painted)


def _opacity(layer: str | Path) -> NDArray[np.uint8]:
    """HxW, 0 to 255."""
    try:
        with Image.open(layer, formats=READABLE) as image:
            if max(image.size) > MAX_SIDE:
                raise ImageError(
                    f"What was painted is {image.width}x{image.height} px, and a side may have {MAX_SIDE} px: give it "
                    "as a file."
                )
            return np.asarray(image.convert("RGBA").getchannel("A"))
    except ImageError:
        raise
    except Exception:  # Pillow raises nearly anything for a damaged file
        raise ImageError("What was painted is not an image that can be read here: paint it anew.") from None
