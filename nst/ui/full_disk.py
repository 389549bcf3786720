"""A disk without space for temporary files, as one sentence wherever a visitor runs into it."""

from __future__ import annotations

import errno
from typing import Any

from fastapi.responses import JSONResponse

from ..errors import OutputError

SENTENCE = "The disk on which this page keeps its files is full: try again in some minutes."

_FULL = (errno.ENOSPC, errno.EDQUOT)


def is_full_disk(error: BaseException) -> bool:
    """True for what is raised when there is no space left, or no more of it for this user."""
    cause = error.__context__ if isinstance(error, OutputError) else error
    return isinstance(cause, OSError) and cause.errno in _FULL


async def answer_full_disk(_request: Any, error: Exception) -> JSONResponse:
    """What an upload is answered for which there is no space; any other error goes on."""
    if not is_full_disk(error):
        raise error
    return JSONResponse({"detail": SENTENCE}, status_code=507)
