"""From a file to a Pillow image that is not decoded yet: which format it is, and whether it may be decoded at all.

Pillow's plugins are called one by one rather than through `Image.open`: what a file is, is settled here by its first
bytes; nothing registered by other code of the process is reached; and Pillow's warnings of bombs, which only depend
on the size, leave room for JPEGs that are decoded at an eighth of theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import IO

from PIL import Image
from PIL.AvifImagePlugin import AvifImageFile
from PIL.WebPImagePlugin import WebPImageFile

from ..errors import ImageError
from .bmp import open_bmp
from .gif import open_gif
from .heif import open_heif
from .jpeg import open_jpeg
from .limits import MAX_PIXELS_OF, READABLE, in_megapixels, require_size
from .picture import MAX_SIDE
from .png import open_png
from .tiff import open_tiff

HEAD = 64
"""Bytes that say what a file is."""

_SIGNATURES = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"BM": "BMP",
    b"II\x2a\0": "TIFF",
    b"MM\0\x2a": "TIFF",
    b"II\x2b\0": "TIFF",
    b"MM\0\x2b": "TIFF",
}
_AVIF_BRANDS = {b"avif", b"avis"}
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}

_OPENERS: Mapping[str, Callable[[IO[bytes], str], Image.Image]] = MappingProxyType(
    {
        "PNG": open_png,
        "WEBP": lambda file, _: WebPImageFile(file, ""),
        "AVIF": lambda file, _: AvifImageFile(file, ""),
        "HEIF": open_heif,
        "TIFF": open_tiff,
        "BMP": open_bmp,
        "GIF": open_gif,
    }
)


def open_image(file: IO[bytes], name: str, most: int = MAX_SIDE) -> Image.Image:
    """The image in a file that can be sought; its pixels are decoded by `load`.

    name: of the file, for messages.  most: pixels of a side that are needed; a JPEG is decoded no larger.

    Raises ImageError for what is no image of a format that is read, and for one that is too small or too large.
    """
    kind = format_of(file.read(HEAD))
    file.seek(0)
    try:
        if kind is None:
            raise ValueError
        image = open_jpeg(file, name, most) if kind == "JPEG" else _OPENERS[kind](file, name)
    except ImageError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        largest = in_megapixels(MAX_PIXELS_OF[str(kind)])
        raise ImageError(f"{name} has too many megapixels: a {kind} may have at most {largest}.") from None
    except Exception:  # Pillow's plugins raise whatever their format's parser raises
        allowed = ", ".join(READABLE)
        raise ImageError(f"{name} is not an image that can be read here, or damaged: use one of {allowed}.") from None
    if kind != "JPEG":  # whose size is now the one that it will be decoded at
        require_size(image.size, name, MAX_PIXELS_OF[str(kind)], str(kind))
    return image


def format_of(head: bytes) -> str | None:
    """The format of a file by its first bytes, one of `READABLE`; None for any other."""
    for signature, kind in _SIGNATURES.items():
        if head.startswith(signature):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] != b"ftyp":
        return None
    brands = {head[8:12], *(head[i : i + 4] for i in range(16, min(int.from_bytes(head[:4], "big"), HEAD), 4))}
    if brands & _AVIF_BRANDS:
        return "AVIF"
    return "HEIF" if brands & _HEIF_BRANDS else None
