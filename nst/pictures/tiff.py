"""TIFF: kinds that Pillow refuses or reads wrongly, and directories of tags that are made to take all memory.

A directory of tags is read from EXIF too, wherever that is embedded: what bounds it holds for every format.
"""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Callable
from functools import wraps
from typing import IO, Any

from PIL import Image, TiffImagePlugin
from PIL.TiffImagePlugin import STRIPOFFSETS, TILEOFFSETS, ImageFileDirectory_v2, TiffImageFile

from ..errors import ImageError

MAX_STRIPS = 100_000
"""Or tiles, for each of which Pillow starts a decoder; strips of a single row are at most one for each row."""

_OFFSETS = (STRIPOFFSETS, TILEOFFSETS)
_BIG_ENDIAN_BIG_TIFF = b"MM\0\x2b"

_ADDED_KINDS = {
    # as in `TiffImagePlugin.OPEN_INFO`: byte order, 0 is white or black, sample format, fill order, bits, extra samples
    (b"MM", 0, (1,), 1, (16,), ()): ("I;16B", "I;16B"),
    (b"MM", 1, (1,), 1, (32,), ()): ("I", "I;32B"),
    (b"MM", 0, (1,), 1, (32,), ()): ("I", "I;32B"),
    (b"II", 0, (1,), 1, (32,), ()): ("I", "I;32"),
}

_DECOMPRESSED_AS = {"I;32B": "I;32N", "I;32BS": "I;32NS", "I;16BS": "I;16NS", "F;32BF": "F;32NF"}
"""libtiff gives numbers in the machine's own order, which Pillow heeds for unsigned numbers of 16 bits alone."""


def open_tiff(file: IO[bytes], name: str) -> Image.Image:
    """The first picture of a TIFF."""
    if file.read(4) == _BIG_ENDIAN_BIG_TIFF:
        file.seek(0)
        file = io.BytesIO(_classic(file.read()))
    if _strips(file) > MAX_STRIPS:
        raise ImageError(f"{name} is a TIFF of more than {MAX_STRIPS:,} strips: save it with larger ones, or as PNG.")
    file.seek(0)
    image = TiffImageFile(file, "")
    image.tile = [_decompressed(tile) for tile in image.tile]
    return image


def _strips(file: IO[bytes]) -> int:
    """How many strips or tiles the first directory says there are."""
    file.seek(0)
    head = file.read(16)
    order = ">" if head[:2] == b"MM" else "<"
    big = head[2] == 43
    entry, number, start = ("HHQ8x", "Q", 8) if big else ("HHI4x", "H", 4)
    (place,) = struct.unpack_from(order + ("Q" if big else "I"), head, start)
    file.seek(place)
    (count,) = struct.unpack(order + number, file.read(struct.calcsize(order + number)))
    entries = file.read(min(count, 0xFFFF) * struct.calcsize(order + entry))
    whole = len(entries) // struct.calcsize(order + entry) * struct.calcsize(order + entry)
    counts = [strips for tag, _, strips in struct.iter_unpack(order + entry, entries[:whole]) if tag in _OFFSETS]
    return max(counts, default=0)


def _decompressed(tile: Any) -> Any:
    if tile.codec_name != "libtiff":
        return tile
    mode, *rest = tile.args
    return tile._replace(args=(_DECOMPRESSED_AS.get(mode, mode), *rest))


# A big-endian BigTIFF, which Pillow does not know: its first directory written as that of a classic one

_LONG8, _LONG = (13, 16, 18), 4
_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 8, 16: 8, 18: 8}
_FURTHER_DIRECTORIES = (330, 34665, 34853, 40965)  # sub-images, EXIF, GPS: they are BigTIFF as well


def _classic(data: bytes) -> bytes:
    """The same file as a classic big-endian TIFF: its data stay where they are, a new directory follows them.

    Raises struct.error and IndexError for one that is damaged.
    """
    (start,) = struct.unpack_from(">Q", data, 8)
    (count,) = struct.unpack_from(">Q", data, start)
    if count > 0xFFFF:
        raise ValueError("its directory is too long")
    entries = []
    behind = bytearray()
    values_at = len(data) + 2 + 12 * count + 4
    for i in range(count):
        tag, kind, number = struct.unpack_from(">HHQ", data, start + 8 + 20 * i)
        size = number * _TYPE_BYTES.get(kind, 0)
        if not size or tag in _FURTHER_DIRECTORIES:
            continue
        place = start + 8 + 20 * i + 12
        if size > 8:
            (place,) = struct.unpack_from(">Q", data, place)
        if place + size > len(data) or len(behind) > len(data):
            raise ValueError("its directory holds more than the file")
        value = data[place : place + size]
        if kind in _LONG8:
            value = struct.pack(f">{number}I", *struct.unpack(f">{number}Q", value))
            kind = _LONG
        if len(value) <= 4:
            entries.append(struct.pack(">HHI", tag, kind, number) + value.ljust(4, b"\0"))
        else:
            entries.append(struct.pack(">HHII", tag, kind, number, values_at + len(behind)))
            behind += value
    directory = struct.pack(">H", len(entries)) + b"".join(entries)
    padding = bytes(2 + 12 * count - len(directory) + 4)  # the end of the list, and what was left out
    return b"MM\0\x2a" + struct.pack(">I", len(data)) + data[8:] + directory + padding + behind


# Tags that overlap


class _CountedFile:
    """A file of which no more is read than it could hold: tags that overlap would take any amount of memory."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        here = file.tell()
        self._left = 2 * file.seek(0, os.SEEK_END) + 65536  # writers do share a value between tags
        file.seek(here)
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise ValueError("its tags hold more than the whole file")
        return data


def _bounded(load: Callable[[ImageFileDirectory_v2, Any], None]) -> Callable[[ImageFileDirectory_v2, Any], None]:
    @wraps(load)
    def load_bounded(self: ImageFileDirectory_v2, fp: Any) -> None:
        load(self, _CountedFile(fp))

    return load_bounded


TiffImagePlugin.OPEN_INFO.update(_ADDED_KINDS)  # type: ignore[arg-type]
ImageFileDirectory_v2.load = _bounded(ImageFileDirectory_v2.load)  # type: ignore[assignment,method-assign]
