"""GIF: what stands before its first frame is looked through, as Pillow joins comments byte by byte."""

from __future__ import annotations

from typing import IO

from PIL import Image
from PIL.GifImagePlugin import GifImageFile

from ..errors import ImageError

MAX_BLOCKS = 200_000
"""Of at most 255 bytes each, before the first frame; a few megabytes of metadata are about 20,000."""

MAX_COMMENT = 1 << 20
"""Bytes of all comments: to join them takes time that grows with the square of it."""

_EXTENSION, _COMMENT, _FRAME, _END = 0x21, 0xFE, 0x2C, 0x3B


def open_gif(file: IO[bytes], name: str) -> Image.Image:
    """A GIF, of which the first frame is decoded."""
    _require_short_head(file.read(), name)
    file.seek(0)
    return GifImageFile(file, "")


def _require_short_head(data: bytes, name: str) -> None:
    colors = 3 * 2 ** (1 + (data[10] & 7)) if len(data) > 10 and data[10] & 0x80 else 0
    position, blocks, comment = 13 + colors, 0, 0
    while position < len(data) and data[position] not in (_FRAME, _END):
        is_extension = data[position] == _EXTENSION
        is_comment = is_extension and data[position + 1 : position + 2] == bytes([_COMMENT])
        position += 2 if is_extension else 1
        while is_extension and position < len(data) and data[position]:
            comment += data[position] if is_comment else 0
            position += 1 + data[position]
            blocks += 1
            _require_few(blocks, comment, name)
        position += is_extension
        blocks += 1
        _require_few(blocks, comment, name)


def _require_few(blocks: int, comment: int, name: str) -> None:
    if blocks > MAX_BLOCKS or comment > MAX_COMMENT:
        raise ImageError(f"{name} is a GIF with too much before its picture: save it without its metadata.")
