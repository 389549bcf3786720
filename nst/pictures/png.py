"""PNG: metadata that is too large is left out, and the picture kept."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from typing import IO

from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from ..errors import ImageError

MAX_INFLATED = 1 << 20
"""Bytes of a color profile or a text; Pillow refuses the whole file for more."""

MAX_TEXTS = 8 << 20
"""Bytes of all of them together."""

MAX_CHUNKS = 200_000
"""Pillow goes through them in Python.  The largest picture is about 90,000 of the size that encoders write."""

_SIGNATURE = 8
_FRAME = 12  # length, name and checksum around the data of a chunk
_COMPRESSED = {b"iCCP", b"zTXt", b"iTXt", b"tEXt"}


def open_png(file: IO[bytes], name: str) -> Image.Image:
    """A PNG without the color profile and the texts that are too large to be read."""
    large = _large_chunks(file, name)
    file.seek(0)
    return PngImageFile(_without(file.read(), large) if large else file, "")


def _without(data: bytes, parts: list[tuple[int, int]]) -> io.BytesIO:
    """The file without these (begin, end) of it."""
    begins = [0, *(end for _, end in parts)]
    ends = [*(begin for begin, _ in parts), len(data)]
    return io.BytesIO(b"".join(data[begin:end] for begin, end in zip(begins, ends, strict=True)))


def _large_chunks(file: IO[bytes], name: str) -> list[tuple[int, int]]:
    """(begin, end) in the file of each chunk that inflates too far."""
    large, room = [], MAX_TEXTS
    for count, (kind, begin, length) in enumerate(_chunks(file)):
        if count > MAX_CHUNKS:
            raise ImageError(f"{name} is a PNG of more than {MAX_CHUNKS:,} parts: save it again with another program.")
        if kind in _COMPRESSED:
            inflated = _inflated(kind, file.read(length)) if length <= MAX_INFLATED else MAX_INFLATED + 1
            if inflated > min(MAX_INFLATED, room):
                large.append((begin, begin + _FRAME + length))
            else:
                room -= inflated
    return large


def _chunks(file: IO[bytes]) -> Iterator[tuple[bytes, int, int]]:
    """Name, place and length of each chunk; the file stands where its data begin meanwhile."""
    begin = _SIGNATURE
    while True:
        file.seek(begin)
        head = file.read(8)
        if len(head) < 8:
            return
        kind, length = head[4:], int.from_bytes(head[:4], "big")
        yield kind, begin, length
        if kind == b"IEND":
            return
        begin += _FRAME + length


def _inflated(kind: bytes, data: bytes) -> int:
    """Bytes that a text or a profile takes once it is inflated; no more are inflated than one may have."""
    _, _, rest = data.partition(b"\0")
    if kind == b"tEXt":
        return len(data)
    if kind == b"iTXt":
        if rest[:1] != b"\1":
            return len(data)
        compressed = rest[2:].partition(b"\0")[2].partition(b"\0")[2]
    else:
        compressed = rest[1:]
    try:
        return len(zlib.decompressobj().decompress(compressed, MAX_INFLATED + 1))
    except zlib.error:
        return 0  # Pillow says so, or ignores it
