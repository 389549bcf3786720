"""Giving up on a server that falls silent, so that the next source gets its turn."""

from __future__ import annotations

import re
import threading
import time
import urllib.error
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

PATIENCE = 3.0
"""Seconds that a server may take to give its first answer."""

_T = TypeVar("_T")


class Pulse:
    """When a long call last showed a sign of life."""

    def __init__(self) -> None:
        self.beat()

    def beat(self) -> None:
        """Show a sign of life."""
        self._last = time.monotonic()

    @property
    def silence(self) -> float:
        """Seconds since the last one."""
        return time.monotonic() - self._last


def promptly(call: Callable[[], _T], patience: float = PATIENCE, pulse: Pulse | None = None) -> _T:
    """What `call` returns or raises; TimeoutError after `patience` seconds without a beat of the pulse.

    The call runs in a thread of its own, which is abandoned after that: a socket's own time-out applies to each of a
    host's addresses in turn, and not at all to a name server that does not answer.
    """
    pulse = pulse or Pulse()
    outcome: Future[_T] = Future()

    def run() -> None:
        try:
            outcome.set_result(call())
        except BaseException as error:  # whatever it is, the waiting thread has to see it
            outcome.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    while True:
        try:
            return outcome.result(max(0.0, patience - pulse.silence))
        except TimeoutError:
            if outcome.done() or pulse.silence >= patience:
                raise


def reason(error: Exception, patience: float = PATIENCE) -> str:
    """Why a connection failed, in a few words."""
    if isinstance(error, urllib.error.HTTPError):
        error.close()
        return f"the server answers {error.code}"
    if (response := getattr(error, "response", None)) is not None:  # the Hub client's errors
        return f"the server answers {response.status_code}"
    cause = getattr(error, "reason", error)  # urllib wraps the socket's error
    if isinstance(cause, TimeoutError) or "Timeout" in type(cause).__name__:
        return f"no answer for {patience:g} s"
    text = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
    return re.sub(r"^\[Errno -?\d+\] ", "", str(text).splitlines()[0]).rstrip(".")
