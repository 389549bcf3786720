"""Small pictures inside the HTML itself: no file of them is kept, and they come and go with their words."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def image_html(image: Image.Image | NDArray[Any], alt: str, kind: str = "WEBP") -> str:
    """An <img> that holds its own data.

    image: or HxWx3 uint8.  alt: what it shows, in words.  kind: "WEBP" for few bytes, "PNG" for exact values.
    """
    image = image if isinstance(image, Image.Image) else Image.fromarray(np.ascontiguousarray(image))
    encoded = io.BytesIO()
    image.save(encoded, kind, **({"quality": 85, "method": 2} if kind == "WEBP" else {}))
    data = base64.b64encode(encoded.getbuffer()).decode()
    return f'<img src="data:image/{kind.lower()};base64,{data}" alt="{alt}">'


def figure_html(image: Image.Image | NDArray[Any], alt: str, caption: str | None = None) -> str:
    """The same with words below; caption: HTML, default the `alt`."""
    return f"<figure>{image_html(image, alt)}<figcaption>{alt if caption is None else caption}</figcaption></figure>"


def enlarged(image: NDArray[Any], size: tuple[int, int], *, smooth: bool = False) -> Image.Image:
    """HxWx3 uint8 at a size (width, height); in squares, or smooth."""
    resampling = Image.Resampling.BICUBIC if smooth else Image.Resampling.NEAREST
    return Image.fromarray(np.ascontiguousarray(image)).resize(size, resampling)


def blended(image: Image.Image, overlay: Image.Image, share: float) -> Image.Image:
    """An overlay on the picture in gray; share: of the overlay, 0 to 1."""
    return Image.blend(image.convert("L").convert("RGB"), overlay, share)
