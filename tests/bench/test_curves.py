from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bench.curves import at_levels, ratios
from bench.ledger import Row


def row(**pairs: tuple[float, float]) -> Row:
    """Content and style figures by pair."""
    return Row({}, "", {pair: {"content": content, "style": style} for pair, (content, style) in pairs.items()})


def test_between_two_weights_a_curve_is_straight_and_beyond_its_ends_unknown() -> None:
    """From (0.4, 1) to (0.5, 3): at 0.45 halfway; the order of the weights does not matter."""
    found = at_levels(np.array([0.5, 0.4, 0.6]), np.array([[3.0, 1, 4], [30, 10, 40]]), (0.45, 0.6, 0.39))
    assert found[:, :2].tolist() == [[pytest.approx(2), 4], [pytest.approx(20), 40]]
    assert np.isnan(found[:, 2]).all()


def test_a_ratio_is_that_of_the_curves_of_means_at_one_content_figure() -> None:
    """Ours: means (0.4, 1) and (0.6, 2), so 1.5 at 0.5; theirs: (0.4, 2.5) and (0.6, 3.5), so 3.

    Of x alone they are 1.5 and 2.5, of y alone 1.5 and 3.5, and a quarter of the draws is of each.
    """
    ours = [row(x=(0.3, 0.5), y=(0.5, 1.5)), row(x=(0.5, 1.5), y=(0.7, 2.5))]
    theirs = [row(x=(0.4, 2), y=(0.4, 3)), row(x=(0.6, 3), y=(0.6, 4))]
    (ratio, beyond) = ratios(ours, theirs, ["style"], (0.5, 0.39))["style"]
    assert ratio == pytest.approx((0.5, 1.5 / 3.5, 1.5 / 2.5))
    assert np.isnan(beyond).all()


def test_recipes_that_differ_by_a_factor_in_every_pair_have_a_sure_ratio() -> None:
    theirs = [row(x=(0.4, 1), y=(0.42, 5)), row(x=(0.6, 2), y=(0.64, 9))]
    ours = [
        Row({}, "", {pair: {"content": f["content"], "style": 0.7 * f["style"]} for pair, f in one.each.items()})
        for one in theirs
    ]
    assert ratios(ours, theirs, ["style"], (0.5,))["style"][0] == pytest.approx((0.7, 0.7, 0.7))


def test_only_pairs_that_both_have_count() -> None:
    ours = [row(x=(0.4, 1)), row(x=(0.6, 1))]
    theirs = [row(x=(0.4, 2), y=(0.9, 100)), row(x=(0.6, 2))]
    assert ratios(ours, theirs, ["style"], (0.5,))["style"][0] == pytest.approx((0.5, 0.5, 0.5))


def test_a_figure_that_a_pair_lacks_has_no_ratio_and_the_others_have_theirs() -> None:
    theirs = [row(x=(0.4, 1), y=(0.42, 5)), row(x=(0.6, 2), y=(0.64, 9))]
    ours = [replace(one, each={**one.each, "y": {"content": one.each["y"]["content"]}}) for one in theirs]
    found = ratios(ours, theirs, ["style", "content"], (0.5,))
    assert str(found["style"][0]) == "-"
    assert found["content"][0] == pytest.approx((1, 1, 1))
