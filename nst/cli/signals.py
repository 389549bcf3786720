"""What Ctrl-C, SIGTERM and SIGHUP do to a command, for as long as a `with` block lasts.

They end a command alike, with the exit code 128 + the signal's number.  One that the process was started to ignore,
as `nohup` has it ignore SIGHUP, stays ignored.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from .terminal import say

ENDING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))

REPEAT_SECONDS = 1.0
"""What comes within so many seconds is the same wish again: `timeout`, shells and launchers signal both the process and
its group."""


class Interrupted(KeyboardInterrupt):
    """A signal to end.  exit_code: what the command is to return for it."""

    def __init__(self, number: int, message: str = "Stopped before the first step: nothing was written.") -> None:
        super().__init__(message)
        self.exit_code = 128 + number


@dataclass
class Received:
    """The signal that came, None as long as there is none."""

    number: int | None = None


@contextmanager
def raising() -> Iterator[None]:
    """The first signal raises `Interrupted`; then only another Ctrl-C does, so that what is open can be closed."""
    counts = _Patience()

    def raise_interrupted(number: int) -> None:
        if counts(number):
            raise Interrupted(number)

    with _handling(raise_interrupted):
        yield


@contextmanager
def exiting(
    message: str = "Stopped before the first step: nothing was written.",
    *,
    exit_code: int | None = None,
    clean_up: Callable[[], object] | None = None,
) -> Iterator[None]:
    """A signal ends the process on the spot: for blocks that load modules and have written nothing.

    An exception in the middle of an import can be swallowed there, or leave half of a module behind.
    exit_code: default 128 + the signal's number.  clean_up: called before.
    """

    def exit_now(number: int) -> None:
        if clean_up is not None:
            clean_up()
        say(message)
        os._exit(128 + number if exit_code is None else exit_code)

    with _handling(exit_now):
        yield


@contextmanager
def stopping(stop: Callable[[], object], clock: Callable[[], float] = time.monotonic) -> Iterator[Received]:
    """The first signal calls `stop`, and the block goes on to its own end; another Ctrl-C raises `Interrupted`."""
    received, counts = Received(), _Patience(clock)

    def stop_first(number: int) -> None:
        if not counts(number):
            return
        if received.number is not None:
            raise Interrupted(number, "Stopped at once: the picture was not saved.")
        received.number = number
        stop()

    with _handling(stop_first):
        yield received


class _Patience:
    """Whether a signal counts: the first one does, and each Ctrl-C that is no mere repeat of the one before."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counted: float | None = None

    def __call__(self, number: int) -> bool:
        now = self._clock()
        if self._counted is not None and (number != signal.SIGINT or now - self._counted < REPEAT_SECONDS):
            return False
        self._counted = now
        return True


@contextmanager
def _handling(handle: Callable[[int], None]) -> Iterator[None]:
    """Have the ending signals handled so; Python hears signals on the main thread alone."""
    heard = ENDING if threading.current_thread() is threading.main_thread() else ()
    before = {number: signal.getsignal(number) for number in heard}
    before = {number: handler for number, handler in before.items() if handler not in (signal.SIG_IGN, None)}
    try:
        for number in before:
            signal.signal(number, lambda number, _frame: handle(number))
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
