"""BMP: run-length encoded ones are bounded, as Pillow decodes them in Python."""

from __future__ import annotations

import os
from typing import IO

from PIL import Image
from PIL.BmpImagePlugin import BmpImageFile

from ..errors import ImageError

MAX_RUN_LENGTH_ENCODED = 8 << 20
"""Bytes of such a file: each pair of them is one turn of a loop of about a microsecond."""

_RUN_LENGTH = (1, 2)  # BI_RLE8 and BI_RLE4


def open_bmp(file: IO[bytes], name: str) -> Image.Image:
    """A BMP; ImageError for a large one that is run-length encoded."""
    compression = int.from_bytes(file.read(34)[30:34], "little")
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    if compression in _RUN_LENGTH and size > MAX_RUN_LENGTH_ENCODED:
        raise ImageError(
            f"{name} is a run-length encoded BMP of {size / 1e6:.0f} MB, and "
            f"{MAX_RUN_LENGTH_ENCODED / 1e6:.0f} MB are the most: save it as PNG."
        )
    return BmpImageFile(file, "")
