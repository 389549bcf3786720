"""The numbers of two vectors are those of the functions behind."""

from __future__ import annotations

import re

import numpy as np
import pytest

from nst.learn.feature_maps import FeatureMaps
from nst.learn.intuition import compare_vectors, gram
from nst.ui.dot_panel import channels_html, places_html
from nst.ui.languages import ENGLISH


def numbers(html: str) -> dict[str, str]:
    return dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", html))


@pytest.mark.parametrize("tap", ["conv1", "conv7", "conv13"])
def test_two_places_have_the_numbers_of_the_functions(features: FeatureMaps, tap: str) -> None:
    comparison = compare_vectors(features.at(tap, 20, 30), features.at(tap, 70, 10))
    assert numbers(places_html(features, tap, (20, 30), (70, 10), ENGLISH)) == {
        "|a|": f"{comparison.norm_a:.4g}", "|b|": f"{comparison.norm_b:.4g}", "a · b": f"{comparison.dot:.4g}",
        "cos θ": f"{comparison.cosine:.4f}", "θ": f"{comparison.degrees:.1f}°",
    }  # fmt: skip


def test_two_channels_give_an_entry_of_the_gram_matrix(features: FeatureMaps) -> None:
    html = channels_html(features, "conv4", 3, 5, ENGLISH)
    assert f"{gram(features['conv4'])[3, 5]:.4g}, is an entry of the Gram matrix" in html


def test_a_channel_that_is_not_there_is_the_last_one(features: FeatureMaps) -> None:
    assert "Channel 127 (B)" in channels_html(features, "conv4", 3, 999, ENGLISH)


def test_the_channels_that_count_most_are_named() -> None:
    maps = np.zeros((4, 1, 2), np.float32)
    maps[:, 0, 0], maps[:, 0, 1] = (1, 2, 3, 0), (5, 1, 1, 9)  # products 5, 2, 3, 0
    features = FeatureMaps(np.zeros((4, 8, 3), np.uint8), {"conv1": maps.repeat(4, 1).repeat(4, 2)})
    assert "Channels 0, 2, 1 add the most to the dot product." in places_html(
        features, "conv1", (0, 0), (7, 0), ENGLISH
    )


def test_vectors_of_zeros_are_said_to_have_no_direction(features: FeatureMaps) -> None:
    dark = FeatureMaps(features.rgb, {"conv2": np.zeros_like(features["conv2"])})
    for html in (places_html(dark, "conv2", (1, 1), (2, 2), ENGLISH), channels_html(dark, "conv2", 0, 1, ENGLISH)):
        assert "has no direction" in html
        assert numbers(html)["θ"] == "none"
