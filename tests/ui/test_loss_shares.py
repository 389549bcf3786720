"""Where the bands of the layers lie."""

from __future__ import annotations

import re

from nst.painting.objective import Losses
from nst.ui.loss_shares import loss_shares_html

LOSSES = [
    (1, Losses(4, 10, 0, 14, {"conv2": 1.0, "conv4": 3.0}, {"conv2": 10.0})),
    (21, Losses(2, 5, 0, 7, {"conv2": 1.5, "conv4": 0.5}, {"conv2": 5.0})),
]


def test_bands_fill_the_plot() -> None:
    html = loss_shares_html(LOSSES)
    assert "conv2 75 %" in html
    assert "conv4 25 %" in html
    band = re.search(r'<polygon points="([^"]+)"', html)
    assert band is not None
    assert band[1].split() == ["0.0,120.0", "600.0,120.0", "600.0,30.0", "0.0,90.0"]  # from 25 % to 75 % of 120
    assert html.count("<svg") == 2


def test_one_step_is_no_plot() -> None:
    assert loss_shares_html(LOSSES[:1]) == ""
