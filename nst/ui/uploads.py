"""The files that visitors have uploaded, read as pictures, with a word for where they are gone."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import ImageError, shown_name
from ..pictures.picture import Picture
from ..pictures.reading import load_image


def load_upload(path: str | os.PathLike[str]) -> Picture:
    """As `load_image`, but of a file that is gone the words are for visitors, who know nothing of a path here."""
    try:
        return load_image(path)
    except ImageError:
        require_here(path)
        raise


def require_here(path: str | os.PathLike[str]) -> os.stat_result:
    """What the system says of an upload's file; ImageError where it is gone."""
    try:
        return os.stat(path)
    except OSError:
        name = shown_name(Path(path).name)
        raise ImageError(
            f"{name} is no longer here, as uploads are deleted after some hours: choose it again."
        ) from None
