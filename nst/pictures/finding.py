"""Which image files are meant by the files, folders and patterns that somebody names; loads nothing heavy."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable
from pathlib import Path

from ..errors import ImageError, shown

SUFFIXES = (
    ".jpg", ".jpeg", ".png", ".webp", ".avif", ".heic", ".heif", ".hif", ".tif", ".tiff", ".bmp", ".gif",
)  # fmt: skip
"""What the names of images end in, of the formats that are read.  A file that is named itself may end in anything."""


def find_images(places: Iterable[str | os.PathLike[str]]) -> list[Path]:
    """The images at these places, in their order: a file is itself, whatever it is.

    Of a folder they are those right in it, by name, and of a pattern (``*``, ``?``, ``[…]``, and ``**`` for folders in
    folders) those that match: the ones that end in one of `SUFFIXES` and are not hidden.
    Raises ImageError for a place where there is none.
    """
    return [path for place in places for path in _at(os.fspath(place))]


def _at(place: str) -> list[Path]:
    if os.path.isdir(place):
        if found := _in_folder(Path(place)):
            return found
        raise ImageError(f"There is no image in the folder {shown(place)}: {_ALLOWED}.")
    if os.path.lexists(place):  # also one with brackets in its name
        return [Path(place)]
    if not glob.has_magic(place):
        raise ImageError(f"There is no file or folder {shown(place)}: check the path.")
    if found := [path for path in map(Path, sorted(glob.glob(place, recursive=True))) if _is_image(path)]:
        return found
    raise ImageError(f"No image matches {shown(place)}: {_ALLOWED}.")


def _in_folder(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith(".") and _is_image(path))
    except OSError as error:
        raise ImageError(f"The folder {shown(str(folder))} can't be read: {error.strerror}.") from None


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and not path.is_dir()


_ALLOWED = f"images end in {', '.join(SUFFIXES)}"
