"""Gram matrices on the page: exact values behind the colors, strongest pairs, and a shuffle that changes nothing."""

from __future__ import annotations

import base64
import re

import numpy as np
import pytest

from nst.learn.feature_maps import FeatureMaps
from nst.learn.intuition import gram
from nst.taps import TAPS
from nst.ui.gram_panel import MATRIX, matrices_html, pairs_html, patch_side, shuffled_html
from nst.ui.languages import ENGLISH


def test_a_heat_map_names_channels_and_exact_values(features: FeatureMaps) -> None:
    maps = features["conv8"]
    doubled = FeatureMaps(features.rgb, {"conv8": 2 * maps})
    html = matrices_html({"content": features, "style": doubled}, "style", "conv8", ENGLISH)
    (size, channels, values), _ = re.findall(r'data-size="(\d+)" data-channels="([\d ]+)" data-values="(.*?)"', html)
    order = [int(channel) for channel in channels.split()]
    assert len(order) == int(size) == MATRIX
    products = gram(maps)
    assert order[0] == np.argmax(np.diag(products))
    embedded = np.frombuffer(base64.b64decode(values), "<f4").reshape(MATRIX, MATRIX)
    np.testing.assert_allclose(embedded, products[np.ix_(order, order)], rtol=1e-6)
    assert re.search(r"Content: distance 0.56[23] to the style", html)  # (1 - 4)^2 / 4^2, which is 0.5625


def test_nothing_chosen_is_said() -> None:
    assert "Choose a picture" in matrices_html({}, "style", "conv2", ENGLISH)


@pytest.mark.parametrize("tap", TAPS)
def test_a_shuffle_says_that_the_gram_matrix_is_the_same(features: FeatureMaps, tap: str) -> None:
    html = shuffled_html(features, tap, "style", ENGLISH)
    assert "Distance of the Gram matrices: 0.000000</b>" in html
    content = re.search(r"Distance of the feature maps: ([\d.]+)", html)
    assert content is not None
    assert float(content[1]) > 0.01
    assert html.count("<img") == 4


def test_the_strongest_pairs_are_shown_with_patches(features: FeatureMaps) -> None:
    html = pairs_html(features, "conv4", ENGLISH)
    assert html.count('class="pair"') == 4
    assert "A patch that excites channels" in html


def test_a_patch_is_what_one_position_sees() -> None:
    assert [patch_side(tap, 9999) for tap in ("conv2", "conv4", "conv7", "conv10", "conv13")] == [9, 14, 40, 92, 196]
    assert patch_side("conv13", 90) == 30
