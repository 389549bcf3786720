"""JPEG: looked through before it is decoded, as a small file can ask for hours of work."""

from __future__ import annotations

import re
from typing import IO

from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from ..errors import ImageError
from .limits import MAX_PIXELS, MAX_PIXELS_OF, in_megapixels, require_size
from .picture import MAX_SIDE, fit

MAX_SCANS = 100
"""Encoders write one scan, or about ten of a progressive picture; optimizing ones up to a few dozen."""

MAX_SCANNED = 3_000_000_000
"""Pixels times scans: each goes through the whole picture, whatever it changes, at about 0.6 ns a pixel at least."""

MAX_SEGMENTS = 2000
"""Before the picture: Pillow takes each apart in Python.  Those of large metadata hold 64 kB each."""

MAX_EXIF = 1 << 20
"""Bytes in all EXIF segments together, which Pillow joins; the standard has one of 64 kB."""

MAX_JUNK = 1 << 16
"""Bytes between segments, which Pillow skips one by one."""

_MARKER = re.compile(rb"\xff([^\x00\x01\xd0-\xd8\xff])")
"""Of those that say how long the segment behind them is, and of the end."""

_SCAN, _END = 0xDA, 0xD9


def open_jpeg(file: IO[bytes], name: str, most: int = MAX_SIDE) -> Image.Image:
    """A JPEG, or the first picture of an MPO, set to be decoded no larger than it is needed.

    most: pixels of a side that are.

    Raises ImageError for one that would take too long or too much.
    """
    scans = count_scans(file.read(), name)
    file.seek(0)
    image = JpegImageFile(file, "")
    pixels = image.width * image.height
    if scans == 1:
        require_size(image.size, name, MAX_PIXELS_OF["JPEG"], "JPEG")
    else:  # what its scans say is gathered for the whole picture before any of it is decoded
        one = f"JPEG of several scans, such as a progressive one (others {in_megapixels(MAX_PIXELS_OF['JPEG'])}),"
        require_size(image.size, name, MAX_PIXELS, one)
    if scans * pixels > MAX_SCANNED:
        raise ImageError(
            f"{name} is a JPEG of {scans} scans over {pixels / 1e6:.1f} megapixels, which would take too long to read: "
            "save it again with another program."
        )
    # Larger ones were not read before, so that nothing that was made of them asks for the same pixels again.
    image.draft(None, (most, most) if pixels <= MAX_PIXELS else fit(image.size, most))
    return image


def count_scans(data: bytes, name: str) -> int:
    """The scans of a JPEG up to its end, counted by their markers; at least 1.

    Raises ImageError for more than `MAX_SCANS`, and for a head that takes too long to go through.
    """
    scans = segments = exif = junk = position = 0
    while found := _MARKER.search(data, position):
        marker = found[1][0]
        if marker == _END:
            break
        if not scans:
            junk += found.start() - position
        position = found.end()
        size = int.from_bytes(data[position : position + 2], "big")
        segments += 1
        exif += size if data[position + 2 : position + 8] == b"Exif\0\0" else 0
        scans += marker == _SCAN
        if scans > MAX_SCANS:
            raise ImageError(
                f"{name} is a JPEG of more than {MAX_SCANS} scans, each of which takes as long to read as a whole "
                "picture: save it again with another program."
            )
        if segments > MAX_SEGMENTS or exif > MAX_EXIF or junk > MAX_JUNK:
            raise ImageError(f"{name} is a JPEG with too much beside the picture: save it without its metadata.")
        position += size
    return max(scans, 1)
