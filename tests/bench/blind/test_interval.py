from __future__ import annotations

import pytest

from bench.blind.interval import wilson


@pytest.mark.parametrize(
    ("chosen", "count", "low", "high"),
    [
        # z^2 = 3.841459.  5 of 10: center (0.5 + 0.192073) / 1.384146 = 0.5, half 1.416021 * root(0.025 + 0.009604).
        (5, 10, 0.5 - 0.263407, 0.5 + 0.263407),
        # 17 of 24: center (0.708333 + 0.080030) / 1.160061, half 1.689535 * root(0.008608 + 0.001667).
        (17, 24, 0.679589 - 0.171268, 0.679589 + 0.171268),
        # None of 10: from 0 to z^2 / (10 + z^2).
        (0, 10, 0.0, 3.841459 / 13.841459),
        (10, 10, 10 / 13.841459, 1.0),
    ],
)
def test_intervals_calculated_by_hand(chosen: int, count: int, low: float, high: float) -> None:
    assert wilson(chosen, count) == pytest.approx((low, high), abs=1e-5)


def test_without_votes_anything_is_possible() -> None:
    assert wilson(0, 0) == (0, 1)
