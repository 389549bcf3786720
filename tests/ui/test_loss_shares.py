"""Where the bands of the layers lie."""

from __future__ import annotations

import re

import pytest

from nst.painting.objective import Losses
from nst.ui.languages import ENGLISH
from nst.ui.loss_plot import MOST_POINTS
from nst.ui.loss_shares import loss_shares_html

LOSSES = [
    (1, Losses(4, 10, 0, 14, {"conv2": 1.0, "conv4": 3.0}, {"conv2": 10.0})),
    (21, Losses(2, 5, 0, 7, {"conv2": 1.5, "conv4": 0.5}, {"conv2": 5.0})),
]


def test_bands_fill_the_plot() -> None:
    html = loss_shares_html(LOSSES, ENGLISH)
    assert "conv2 75 %" in html
    assert "conv4 25 %" in html
    band = re.search(r'<polygon points="([^"]+)"', html)
    assert band is not None
    assert band[1].split() == ["0.0,120.0", "600.0,120.0", "600.0,30.0", "0.0,90.0"]  # from 25 % to 75 % of 120
    assert html.count("<svg") == 2


def test_a_long_painting_is_drawn_by_few_points_from_its_first_step_to_its_last() -> None:
    count = 5000
    losses = [
        (step, Losses(1, 0, 0, 1, {"conv2": step / count, "conv4": 1 - step / count}, {}))
        for step in range(1, count + 1)
    ]
    html = loss_shares_html(losses, ENGLISH)
    band = re.search(r'<polygon points="([^"]+)"', html)
    assert band is not None
    points = [tuple(map(float, point.split(","))) for point in band[1].split()]
    assert len(points) == 2 * MOST_POINTS
    assert points[0] == (0, 120)
    assert points[MOST_POINTS - 1] == (600, 120)
    assert points[MOST_POINTS] == (600, 0)  # all of the last step's
    assert all(y == pytest.approx(120 * (1 - x / 600), abs=0.2) for x, y in points[MOST_POINTS:])
    assert "conv2 100 %" in html


def test_one_step_is_no_plot() -> None:
    assert loss_shares_html(LOSSES[:1], ENGLISH) == ""
