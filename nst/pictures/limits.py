"""How large a picture may be, so that reading it fits a small machine, and what is said where it is larger."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

from ..errors import ImageError
from ..taps import MIN_SIDE

READABLE = ("JPEG", "PNG", "WEBP", "AVIF", "HEIF", "TIFF", "BMP", "GIF")
"""The formats that are read, as Pillow names them."""

MAX_PIXELS = 89_478_485
"""Pixels of a picture that is decoded whole, at 4 bytes each; it is the count from which on Pillow warns of a bomb."""

MAX_PIXELS_OF: Mapping[str, int] = MappingProxyType(
    dict.fromkeys(READABLE, MAX_PIXELS)
    | {"JPEG": 250_000_000}  # decoded at a half, a quarter or an eighth of its size
    | dict.fromkeys(("AVIF", "HEIF"), 64_000_000)  # their decoders hold the picture twice or three times
    | {"WEBP": 50_000_000}  # four times
)
"""The same by format, so that none takes more than 0.9 GB (`docs/measurements.md`).  A JPEG of several scans has the
limit of pictures that are decoded whole, see `jpeg`."""


def require_size(size: tuple[int, int], name: str, most: int = MAX_PIXELS, kind: str = "picture") -> None:
    """ImageError for a picture that is too small for the network, or has more pixels than so many.

    size: (width, height).  kind: what may have at most so many, in words.
    """
    width, height = size
    if min(size) < MIN_SIDE:
        raise ImageError(f"{name} is {width}x{height} px: each side must have at least {MIN_SIDE} px.")
    if width * height > most:
        megapixels = math.ceil(width * height / 1e5) / 10
        raise ImageError(
            f"{name} has {megapixels:g} megapixels ({width}x{height} px): a {kind} may have at most "
            f"{in_megapixels(most)}."
        )


def in_megapixels(limit: int) -> str:
    """A limit of pixels in words, rounded down, so that no picture with so many is over it."""
    return f"{math.floor(limit / 1e5) / 10:g}"
