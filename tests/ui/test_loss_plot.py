"""Where the losses lie in the plot, and how they are heard."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from nst.painting.objective import Losses
from nst.ui.languages import ENGLISH
from nst.ui.loss_plot import HEIGHT, MOST_POINTS, WIDTH, loss_plot_html


def test_a_loss_that_falls_tenfold_each_time_is_a_straight_line() -> None:
    losses = [(step, Losses(0.0, 10.0 ** -(step // 10), 0.0, 0.0)) for step in (10, 20, 30)]
    svg = ET.fromstring(re.search(r"<svg.*</svg>", loss_plot_html(losses, 40, ENGLISH))[0])  # type: ignore[index]
    (line,) = svg.findall("polyline")  # the content loss of 0 has no logarithm and is left out
    points = [tuple(map(float, point.split(","))) for point in line.attrib["points"].split()]
    xs, ys = zip(*points, strict=True)
    assert xs[1] - xs[0] == pytest.approx(xs[2] - xs[1], abs=0.11)
    assert ys[1] - ys[0] == pytest.approx(ys[2] - ys[1], abs=0.11)
    assert ys[0] < ys[2]  # down, in an SVG
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)


@pytest.mark.parametrize("count", [2, 300, 301, 302, 600, 5000])
def test_a_long_curve_is_drawn_by_few_points_and_keeps_its_ends_and_every_spike(count: int) -> None:
    values = [1000.0 / (step + 10) for step in range(count)]
    values[count // 2] = 1e6  # for one step alone
    values[count // 3] = 1e-6
    losses = [(step + 1, Losses(0.0, value, 0.0, value)) for step, value in enumerate(values)]
    points = re.search(r'points="([^"]+)"', loss_plot_html(losses, count, ENGLISH))[1].split()  # type: ignore[index]
    assert len(points) == count if count <= MOST_POINTS else MOST_POINTS / 2 < len(points) <= MOST_POINTS
    xs, ys = zip(*(tuple(map(float, point.split(","))) for point in points), strict=True)
    assert list(xs) == sorted(xs)
    assert min(ys) == pytest.approx(4)
    assert max(ys) == pytest.approx(HEIGHT - 4)
    step_width = (WIDTH - 8) / count
    assert xs[0] == pytest.approx(4 + step_width, abs=0.06)
    assert xs[-1] == pytest.approx(WIDTH - 4, abs=0.06)
    assert xs[ys.index(min(ys))] == pytest.approx(4 + step_width * (count // 2 + 1), abs=0.06)


def test_the_plot_can_be_heard() -> None:
    losses = [(1, Losses(2.0, 1.0, 0.0, 3.0)), (2, Losses(1.0, 0.5, 0.0, 1.5))]
    assert "now content loss 1, style loss 0.5" in loss_plot_html(losses, 2, ENGLISH)


def test_fewer_than_two_points_are_no_plot() -> None:
    assert loss_plot_html([(1, Losses(1.0, 1.0, 0.0, 2.0))], 10, ENGLISH) == ""
    assert loss_plot_html([(i, Losses(float("nan"), float("nan"), 0.0, 0.0)) for i in (1, 2)], 10, ENGLISH) == ""
