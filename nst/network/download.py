"""Downloads that can't hang: a server that falls silent is given up, so that the next source gets its turn."""

from __future__ import annotations

import hashlib
import http.client
import os
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from tqdm import tqdm

from ..errors import WeightsError

PATIENCE = 3.0
"""Seconds that a server may be silent, at the start or in the middle, before the next source is tried."""

_CHUNK = 1 << 17
_T = TypeVar("_T")


def download(url: str, path: Path, sha256: str) -> None:
    """Fetch `path`, with a progress bar on stderr; it comes to be in one stroke, and only if its hash is right.

    sha256: the file's SHA-256, or as many of its first digits as are known.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    request = urllib.request.Request(url, headers={"User-Agent": "pastiche"})
    digest = hashlib.sha256()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with (
            promptly(lambda: urllib.request.urlopen(request, timeout=PATIENCE)) as response,
            part.open("wb") as file,
            tqdm(total=response.length, desc=path.name, unit="B", unit_scale=True) as bar,
        ):
            while chunk := response.read(_CHUNK):
                file.write(chunk)
                digest.update(chunk)
                bar.update(len(chunk))
        if not digest.hexdigest().startswith(sha256):
            raise WeightsError(f"what came from {url} does not match its SHA-256.")
        os.replace(part, path)
    except (OSError, http.client.HTTPException) as error:
        raise WeightsError(f"{url} can't be downloaded ({reason(error)}).") from None
    finally:
        with suppress(OSError):
            part.unlink()


def promptly(call: Callable[[], _T]) -> _T:
    """What `call` returns or raises; TimeoutError if that takes more than `PATIENCE` seconds.

    A socket's own time-out is for one address of several, and knows nothing of a name server that does not answer.
    """
    outcome: Future[_T] = Future()

    def run() -> None:
        try:
            outcome.set_result(call())
        except Exception as error:
            outcome.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return outcome.result(PATIENCE)


def reason(error: Exception) -> str:
    """Why a connection failed, in a few words."""
    if isinstance(error, urllib.error.HTTPError):
        error.close()
        return f"the server answers {error.code}"
    if (response := getattr(error, "response", None)) is not None:  # the Hub client's errors
        return f"the server answers {response.status_code}"
    cause = getattr(error, "reason", error)  # urllib wraps the socket's error
    if isinstance(cause, TimeoutError):
        return f"no answer for {PATIENCE:.0f} s"
    text = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
    return re.sub(r"^\[Errno -?\d+\] ", "", str(text).splitlines()[0]).rstrip(".")
