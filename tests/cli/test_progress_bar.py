"""Progress on stderr: a bar on a terminal, lines elsewhere, nothing when it is to be quiet."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from nst.cli.progress_bar import watched

STEPS = [
    SimpleNamespace(
        scale=scale, scales=2, size=(24 * scale, 20 * scale), step=step, steps=2, iteration=2 * scale - 2 + step,
        iterations=4, done=done, seconds=61.04, time_left="1:05",
        losses=lambda: SimpleNamespace(content=0.123456, style=7.0),
    )
    for scale, step, done in [(1, 1, 0.1), (1, 2, 0.2), (2, 1, 0.6), (2, 2, 1.0)]
]  # fmt: skip


def steps() -> Iterator[Any]:
    yield from STEPS


def test_elsewhere_each_scale_has_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(watched(steps())) == STEPS
    assert capsys.readouterr().err.splitlines() == [
        "scale 1/2 24x20 step 2/2: content 0.1235, style 7, 61.0 s",
        "scale 2/2 48x40 step 2/2: content 0.1235, style 7, 61.0 s",
    ]


def test_a_terminal_has_a_bar_with_speed_time_left_and_losses(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "120")
    assert list(watched(steps())) == STEPS
    last = re.split(r"[\r\n]+", capsys.readouterr().err.rstrip())[-1]
    assert re.search(r"100%\|.+\| 48x40 \(2/2\), [\d.]+ it/s, 1:05 left, content 0\.123, style 7 *$", last)


def test_a_bar_says_how_far_a_long_step_is(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("nst.cli.progress_bar.SHARE_SECONDS", 0.001)
    monkeypatch.setenv("COLUMNS", "120")
    looks = threading.Semaphore(0)

    def share() -> float:
        looks.release()
        return 0.62

    def long_steps() -> Iterator[Any]:
        for step in STEPS[1::2]:
            for _ in range(3):  # the second look comes when what the first one gave is shown
                assert looks.acquire(timeout=60)
            yield step

    assert list(watched(long_steps(), step_share=share)) == STEPS[1::2]
    told = capsys.readouterr().err
    assert "first step 62%" in told
    assert re.search(r"24x20 \(1/2\), .* left, content 0\.123, style 7, next step 62%", told)


def test_quietly_nothing_is_shown_and_nothing_read_from_the_device(capsys: pytest.CaptureFixture[str]) -> None:
    unread = [SimpleNamespace(step=1, steps=1)]
    assert list(watched(iter(unread), quiet=True)) == unread  # type: ignore[arg-type]
    assert capsys.readouterr().err == ""


def test_one_of_many_has_a_bar_that_goes_and_no_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert list(watched(steps(), one_of_many=True)) == STEPS
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "120")
    assert list(watched(steps(), one_of_many=True)) == STEPS
    told = capsys.readouterr().err
    assert "48x40 (2/2)" in told
    assert told.endswith("\r")
    assert "\n" not in told
