"""What signals do to a command."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from signal import SIGHUP, SIGINT, SIGTERM, raise_signal

import pytest

from nst.cli import signals
from nst.cli.signals import Interrupted, raising, stopping
from tests.cli.support import ROOT


@pytest.fixture(autouse=True)
def _handlers_are_restored() -> Iterator[None]:
    before = [signal.getsignal(number) for number in signals.ENDING]
    yield
    assert [signal.getsignal(number) for number in signals.ENDING] == before


@pytest.mark.parametrize(("number", "exit_code"), [(SIGINT, 130), (SIGTERM, 143), (SIGHUP, 129)])
def test_each_ending_signal_raises_with_its_exit_code(number: signal.Signals, exit_code: int) -> None:
    with pytest.raises(Interrupted) as caught, raising():
        raise_signal(number)
    assert caught.value.exit_code == exit_code


def test_while_things_are_closed_a_repeated_signal_does_nothing() -> None:
    closed = []

    def work() -> None:
        try:
            raise_signal(SIGTERM)
        finally:
            raise_signal(SIGTERM)
            raise_signal(SIGINT)
            closed.append(True)

    with pytest.raises(Interrupted), raising():
        work()
    assert closed == [True]


def test_the_first_signal_asks_to_stop_and_the_block_goes_on() -> None:
    asked = []
    with stopping(lambda: asked.append(True)) as received:
        assert received.number is None
        raise_signal(SIGHUP)
        raise_signal(SIGHUP)  # a shell that ends sends it to its jobs, and the kernel to their group
        raise_signal(SIGTERM)
    assert asked == [True]
    assert received.number == SIGHUP


def test_another_ctrl_c_is_heard_when_it_is_no_repeat() -> None:
    now = 100.0
    with stopping(lambda: None, clock=lambda: now):
        raise_signal(SIGINT)
        now += 0.9
        raise_signal(SIGINT)
        now += 0.2
        with pytest.raises(Interrupted, match="the picture was not saved"):
            raise_signal(SIGINT)


def test_an_ignored_signal_stays_ignored() -> None:
    before = signal.signal(SIGHUP, signal.SIG_IGN)
    try:
        with raising():
            raise_signal(SIGHUP)
    finally:
        signal.signal(SIGHUP, before)


def test_on_another_thread_nothing_is_handled() -> None:
    passed = []

    def work() -> None:
        with raising():
            passed.append(signal.getsignal(SIGINT))

    before = signal.getsignal(SIGINT)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert passed == [before]


@pytest.mark.parametrize(("arguments", "exit_code"), [("", 143), ("exit_code=0", 0)])
def test_an_import_is_left_at_once_and_without_a_traceback(arguments: str, exit_code: int) -> None:
    code = f"""
from signal import SIGTERM, raise_signal
from nst.cli.signals import exiting
with exiting("Enough.", clean_up=lambda: print("cleaned", flush=True), {arguments}):
    try:
        raise_signal(SIGTERM)
    except BaseException:
        print("swallowed", flush=True)
"""
    done = subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (exit_code, "cleaned\n", "Enough.\n")
