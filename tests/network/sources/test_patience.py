"""Waiting ends when a server falls silent."""

from __future__ import annotations

import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from nst.network.sources.patience import Pulse, promptly, reason


@contextmanager
def never() -> Iterator[threading.Event]:
    """Something to wait for that comes only when the test is over."""
    over = threading.Event()
    yield over
    over.set()


def test_what_the_call_returns_and_raises_is_passed_on() -> None:
    assert promptly(lambda: 3) == 3
    with pytest.raises(KeyError, match="mine"):
        promptly(lambda: dict[str, int]()["mine"])


def test_a_timeout_of_the_calls_own_is_passed_on_at_once() -> None:
    def call() -> None:
        raise TimeoutError("mine")

    with pytest.raises(TimeoutError, match="mine"):
        promptly(call, 60)


def test_a_call_that_does_not_end_is_left_behind() -> None:
    start = time.monotonic()
    with never() as over, pytest.raises(TimeoutError):
        promptly(over.wait, 0.2)
    assert time.monotonic() - start >= 0.2


def test_a_call_may_take_longer_than_the_patience_while_its_pulse_beats() -> None:
    pulse = Pulse()

    def call() -> str:
        for _ in range(8):
            time.sleep(0.5)
            pulse.beat()
        return "whole"

    assert promptly(call, 3, pulse) == "whole"


def test_a_pulse_that_stops_is_given_up_as_long_after_its_last_beat() -> None:
    pulse, beats = Pulse(), list[float]()
    with never() as over:

        def call() -> None:
            time.sleep(0.3)
            beats.append(time.monotonic())
            pulse.beat()
            over.wait()

        with pytest.raises(TimeoutError):
            promptly(call, 3, pulse)
    assert time.monotonic() - beats[0] >= 3


def test_a_name_server_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with never() as over:
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait() and [])
        with pytest.raises(TimeoutError):
            promptly(lambda: urllib.request.urlopen("http://gramarye.test/x", timeout=0.1), 0.3)


class ReadTimeout(Exception):  # noqa: N818
    """As httpx names its own, which is no TimeoutError."""


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
        (urllib.error.URLError(ConnectionRefusedError(111, "Connection refused")), "Connection refused"),
        (urllib.error.URLError("unknown url type: ftq"), "unknown url type: ftq"),
        (TimeoutError(), "no answer for 2.5 s"),
        (urllib.error.URLError(TimeoutError()), "no answer for 2.5 s"),
        (ReadTimeout("The read operation timed out"), "no answer for 2.5 s"),
        (RuntimeError("[Errno -2] Name or service not known"), "Name or service not known"),
        (RuntimeError("The first line.\nAnd a second."), "The first line"),
        (RuntimeError(), "RuntimeError"),
    ],
)
def test_a_failure_is_put_into_a_few_words(error: Exception, message: str) -> None:
    assert reason(error, 2.5) == message
