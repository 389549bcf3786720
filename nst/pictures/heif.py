"""HEIF and HEIC, as every iPhone takes them, through `pillow-heif`.

It decodes with libheif and libde265, in C and C++, what strangers send; both keep their own limits of size and memory.
The class of its files is used as it is: nothing is registered with Pillow, so that no other code of this process, such
as Gradio's, comes to decode HEIF because this project can.
"""

from __future__ import annotations

from typing import IO

from PIL import Image
from pillow_heif import HeifImageFile


def open_heif(file: IO[bytes], name: str) -> Image.Image:
    """The primary picture of a HEIF."""
    image: Image.Image = HeifImageFile(file, name)  # type: ignore[no-untyped-call]
    return image
