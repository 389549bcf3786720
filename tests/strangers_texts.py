"""Texts that strangers write to have them run, or taken for something else, wherever they are shown."""

from __future__ import annotations

import io
import json
from typing import Any

from PIL import Image, PngImagePlugin

MARKUP = "<img src=x onerror=alert(1)><script>alert(2)</script>**bold** __bold__ [link](javascript:alert(3))"
STEERING = "\x1b[31mred\x07\x1b]0;owned\x07\u202egnp.exe\u2028two\nlines\r\x9b1m"
TEXT = MARKUP + STEERING

NAME = "__bold__ [link](javascript-alert) &lt;img src=x onerror=alert(1)&gt; \u202egnp\u2028"
"""Of it all what Gradio leaves of the name of an upload, and what a browser may send as one."""


def steers(text: str) -> set[str]:
    """The characters in a text that steer a terminal or turn text around, but for the ends of its lines."""
    return {char for char in text if not char.isprintable()} - {"\n"}


def recipes_of_a_stranger() -> dict[str, dict[str, Any]]:
    """What -> metadata as this program writes them, with a text of a stranger in this place."""
    return {
        "task": {"task": TEXT, "recipe": {}},
        "setting": {"task": "stylize", "recipe": {TEXT: 1}},
        "choice": {"task": "stylize", "recipe": {"colors": TEXT}},
        "number": {"task": "stylize", "recipe": {"size": TEXT}},
        "layers": {"task": "stylize", "recipe": {"style_taps": [TEXT]}},
        "numbers": {"task": "stylize", "recipe": {"style_blend": [TEXT]}},
    }


def picture_with(metadata: dict[str, Any]) -> bytes:
    """A PNG that holds them."""
    info, file = PngImagePlugin.PngInfo(), io.BytesIO()
    info.add_itxt("gramarye", json.dumps(metadata))
    Image.new("RGB", (32, 32), "gray").save(file, "PNG", pnginfo=info)
    return file.getvalue()
