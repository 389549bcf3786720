"""The color map is Viridis, clipped at both ends."""

from __future__ import annotations

import numpy as np

from nst.ui.heat_map import heat_map, legend_html


def test_the_color_map_goes_from_violet_to_yellow() -> None:
    colors = heat_map(np.array([[-9.0, 0.0, 0.5, 1.0, 9.0]]), 0, 1)
    assert colors[0, 0].tolist() == colors[0, 1].tolist() == [0x44, 0x01, 0x54]
    assert colors[0, 2].tolist() == [0x21, 0x91, 0x8C]
    assert colors[0, 3].tolist() == colors[0, 4].tolist() == [0xFD, 0xE7, 0x25]


def test_a_map_of_one_value_has_a_color() -> None:
    assert heat_map(np.zeros((2, 2)), 0, 0).shape == (2, 2, 3)


def test_the_legend_has_both_ends() -> None:
    html = legend_html("0", "1.5")
    assert html.index(">0<") < html.index("#440154") < html.index("#fde725") < html.index(">1.5<")
