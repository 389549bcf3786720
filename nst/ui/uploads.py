"""The files that visitors have uploaded, read as pictures: by few threads, and with a word where they are gone."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

from ..errors import ImageError, shown_name
from ..pictures.picture import Picture
from ..pictures.reading import load_image

_READERS = ThreadPoolExecutor(2, thread_name_prefix="reading pictures")
"""Read what visitors send: not all at once, as pictures take the most memory while they are decoded."""

P = ParamSpec("P")
T = TypeVar("T")


async def reading(work: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
    """What is returned by work that reads pictures, done on a thread for that.

    Not as the future's own result: asyncio ties a future into a circle, which would hold it until a collection.
    """
    read: list[T] = []
    await asyncio.wrap_future(_READERS.submit(lambda: read.append(work(*args, **options))))
    return read.pop()


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
