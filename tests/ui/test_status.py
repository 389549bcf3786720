"""What is said of a job, and where its losses lie in the plot."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from types import SimpleNamespace
from typing import Any

import pytest

from nst.painting.objective import Losses
from nst.ui.status import HEIGHT, WIDTH, clock, plot_html, status_html


class Line:
    """Stands in for an engine: every job has this place."""

    def __init__(self, place: int) -> None:
        self._place = place

    def place(self, job: Any) -> int:
        return self._place


def job(state: str, **progress: Any) -> Any:
    facts = {"scale": 2, "scales": 5, "size": (181, 102), "step": 7, "steps": 148, "iteration": 207, "iterations": 599}
    facts |= {"done": 0.25, "seconds": 12.34, "seconds_left": 75.4}
    snapshot = (
        SimpleNamespace(progress=SimpleNamespace(**facts | progress), rate=8.04) if progress is not None else None
    )
    return SimpleNamespace(state=state, snapshot=snapshot)


@pytest.mark.parametrize(
    ("place", "words"), [(1, "One job is before yours."), (3, "3 jobs are before yours."), (0, "It is your turn")]
)
def test_a_waiting_job_is_told_its_place(place: int, words: str) -> None:
    assert words in status_html(Line(place), SimpleNamespace(state="waiting", snapshot=None))  # type: ignore[arg-type]


def test_a_running_job_says_scale_step_speed_and_time_left() -> None:
    html = status_html(Line(0), job("running"))  # type: ignore[arg-type]
    assert "Scale 2 of 5 (181x102), step 7 of 148, 8.0 it/s, 1:15 left" in html
    assert 'aria-valuenow="25"' in html
    assert "width:25%" in html


def test_the_end_is_one_sentence() -> None:
    assert ">Done in 12.3 s.<" in status_html(Line(0), job("done"))  # type: ignore[arg-type]
    assert ">Stopped at step 207 of 599 in 12.3 s.<" in status_html(Line(0), job("stopped"))  # type: ignore[arg-type]
    nothing = SimpleNamespace(state="stopped", snapshot=None)
    assert "Stopped before the first step." in status_html(Line(0), nothing)  # type: ignore[arg-type]


@pytest.mark.parametrize(("seconds", "words"), [(0.4, "0:00"), (9.6, "0:10"), (75, "1:15"), (3600, "60:00")])
def test_clock(seconds: float, words: str) -> None:
    assert clock(seconds) == words


def test_a_loss_that_falls_tenfold_each_time_is_a_straight_line() -> None:
    losses = [(step, Losses(0.0, 10.0 ** -(step // 10), 0.0, 0.0)) for step in (10, 20, 30)]
    svg = ET.fromstring(re.search(r"<svg.*</svg>", plot_html(losses, 40))[0])  # type: ignore[index]
    (line,) = svg.findall("polyline")  # the content loss of 0 has no logarithm and is left out
    points = [tuple(map(float, point.split(","))) for point in line.attrib["points"].split()]
    xs, ys = zip(*points, strict=True)
    assert xs[1] - xs[0] == pytest.approx(xs[2] - xs[1], abs=0.11)
    assert ys[1] - ys[0] == pytest.approx(ys[2] - ys[1], abs=0.11)
    assert ys[0] < ys[2]  # down, in an SVG
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)


def test_the_plot_can_be_heard() -> None:
    losses = [(1, Losses(2.0, 1.0, 0.0, 3.0)), (2, Losses(1.0, 0.5, 0.0, 1.5))]
    assert "now content loss 1, style loss 0.5" in plot_html(losses, 2)


def test_fewer_than_two_points_are_no_plot() -> None:
    assert plot_html([(1, Losses(1.0, 1.0, 0.0, 2.0))], 10) == ""
    assert plot_html([(i, Losses(float("nan"), float("nan"), 0.0, 0.0)) for i in (1, 2)], 10) == ""
