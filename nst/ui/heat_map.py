"""Numbers as pictures on the page: a perceptually even color map, its legend, and pictures inside the HTML itself."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Array = NDArray[Any]

_COLORS = ("#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725")
"""Viridis (van der Walt and Smith 2015) at nine even steps: equal steps look equal, also without color vision."""

_TABLE = np.array([[int(color[i : i + 2], 16) for i in (1, 3, 5)] for color in _COLORS], float)


def heat(values: Array, low: float, high: float) -> NDArray[np.uint8]:
    """HxW -> HxWx3 uint8: `low` and less is dark violet, `high` and more yellow."""
    at = (np.clip((values - low) / max(high - low, 1e-12), 0, 1) * (len(_TABLE) - 1)).astype(float)
    bands = [np.interp(at, np.arange(len(_TABLE)), _TABLE[:, band]) for band in range(3)]
    return np.stack(bands, axis=-1).round().astype(np.uint8)


def enlarged(image: Array, size: tuple[int, int], *, smooth: bool = False) -> Image.Image:
    """HxWx3 uint8 at a size (width, height); in squares, or smooth."""
    how = Image.Resampling.BICUBIC if smooth else Image.Resampling.NEAREST
    return Image.fromarray(np.ascontiguousarray(image)).resize(size, how)


def blended(image: Image.Image, over: Image.Image, share: float) -> Image.Image:
    """A color map laid over the picture in gray."""
    return Image.blend(image.convert("L").convert("RGB"), over, share)


def img(image: Image.Image | Array, alt: str, kind: str = "WEBP", attributes: str = "") -> str:
    """An <img> that holds its own data.  kind: "PNG" for exact values."""
    image = image if isinstance(image, Image.Image) else Image.fromarray(np.ascontiguousarray(image))
    encoded = io.BytesIO()
    image.save(encoded, kind, **({"quality": 85, "method": 2} if kind == "WEBP" else {}))
    data = base64.b64encode(encoded.getbuffer()).decode()
    return f'<img src="data:image/{kind.lower()};base64,{data}" alt="{alt}" {attributes}>'


def legend(low: str, high: str) -> str:
    """The color map as a bar between two words."""
    return (
        f'<div class="legend"><span>{low}</span><i style="background:linear-gradient(to right,{",".join(_COLORS)})">'
        f"</i><span>{high}</span></div>"
    )
