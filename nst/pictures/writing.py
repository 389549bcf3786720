"""Pictures to files, whole or not at all."""

from __future__ import annotations

import io
import os
import uuid
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image
from torch import Tensor

from ..errors import OutputError
from .metadata import embedded
from .picture import Picture
from .reading import as_picture, reason

WRITABLE = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WEBP",
    ".avif": "AVIF",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".bmp": "BMP",
}
_SAVE_OPTIONS: dict[str, dict[str, Any]] = {
    "PNG": {"compress_level": 6},
    "JPEG": {"quality": 95, "subsampling": "4:4:4"},
    "WEBP": {"quality": 95, "method": 4},
    "AVIF": {"quality": 90},
    "TIFF": {"compression": "tiff_adobe_deflate"},
}
_NO_ALPHA = ("JPEG", "BMP")
_NO_METADATA = ("BMP",)
_NO_DPI = ("WEBP", "AVIF")


def save_image(
    picture: Picture | Tensor | Image.Image, path: str | os.PathLike[str], *, dpi: int | None = None
) -> Path:
    """Write a picture in the format of the path's extension; its provenance goes into the metadata.

    The file appears whole or not at all.  JPEG and BMP have no alpha: there the picture's composited
    colors are written.  Provenance of more than 60,000 characters is left out, so that each format can hold it.
    dpi: how large it is to be printed, in pixels for each inch.
    Raises OutputError for an unknown extension, one whose format has no place for dpi, and where the path can't be
    written.
    """
    path, picture = Path(path), as_picture(picture)
    kind = check_output(path, dpi)
    if kind in _NO_ALPHA:
        picture = replace(picture, alpha=None)
    options = dict(_SAVE_OPTIONS.get(kind, {}))
    if picture.provenance is not None and kind not in _NO_METADATA:
        options |= embedded(kind, picture.provenance)
    if dpi is not None:
        options["dpi"] = (dpi, dpi)
    return write_image(picture.to_pil(), path, kind, **options)


def write_image(image: Image.Image, path: Path, kind: str, **options: Any) -> Path:
    """Write an image as Pillow encodes it, whole or not at all.  kind: Pillow's name of the format.

    Raises OutputError where it can't be encoded or written.
    """
    encoded = io.BytesIO()  # Pillow itself, writing to a file, takes no notice of a disk that is full halfway
    try:
        image.save(encoded, format=kind, **options)
        return write_whole(path, encoded.getbuffer())
    except (OSError, ValueError, RuntimeError) as error:  # what encoders raise for a picture too large for them
        raise OutputError(f"{str(path)!r} can't be written: {reason(error)}.") from None


def write_whole(path: Path, data: bytes | memoryview) -> Path:
    """Write a file that appears whole or not at all, also if the machine loses its power.  Raises OSError."""
    part = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        part.write_bytes(data)
        with part.open("rb+") as written:
            os.fsync(written.fileno())
        os.replace(part, path)
        sync_folder(path.parent)
    finally:
        with suppress(OSError):
            part.unlink()
    return path


def sync_folder(folder: Path) -> None:
    """Have the folder's new entry on the disk, where folders can be opened for that."""
    with suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def check_output(path: str | os.PathLike[str], dpi: int | None = None) -> str:
    """The format that a path's extension asks for; OutputError when nothing can be written there, or no dpi.

    Called before the work as well, so that nobody waits for an image that has no place to go.
    """
    path = Path(path)
    kind = WRITABLE.get(path.suffix.lower())
    if kind is None:
        raise OutputError(f"{str(path)!r} does not end in a format that can be written: {', '.join(WRITABLE)}.")
    if dpi is not None and kind in _NO_DPI:
        others = ", ".join(suffix for suffix, other in WRITABLE.items() if other not in _NO_DPI)
        raise OutputError(f"{str(path)!r} is of a format that has no place for dpi: use one of {others}.")
    try:
        is_folder, has_folder = path.is_dir(), path.parent.is_dir()
    except OSError as error:  # a name that is too long, a folder that must not be looked into
        raise OutputError(f"{str(path)!r} can't be written: {reason(error)}.") from None
    if is_folder:
        raise OutputError(f"{str(path)!r} is a folder: name a file in it.")
    if not has_folder:
        raise OutputError(f"The folder {str(path.parent)!r} does not exist: make it first.")
    if not os.access(path.parent, os.W_OK):
        raise OutputError(f"The folder {str(path.parent)!r} can't be written to: choose another.")
    return kind
