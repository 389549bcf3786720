"""How sure a figure is that is a mean over a few pairs: the percentile bootstrap (Efron 1979).

Pairs are drawn anew, as many as there are and with repeats, and the figure is taken of each such draw.  Whatever is
compared is taken of the same draw, so that pairs which are hard for both don't count as a difference.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

ROUNDS, SEED = 2000, 0
PERCENTILES = (2.5, 97.5)
LEAST_TOLD = 0.9
"""Share of the draws that have to give a figure: of fewer, the interval would be that of some of the pairs alone."""

Statistic = Callable[[NDArray[np.intp]], NDArray[Any]]
"""Takes the numbers of the pairs that were drawn and gives as many figures as it likes, in one row."""


class Estimate(NamedTuple):
    """A figure and its 95 % interval; NaN where they can't be told."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        if np.isnan(self.value):
            return "-"
        return f"{self.value:.3g} [{'?' if np.isnan(self.low) else f'{self.low:.3g}, {self.high:.3g}'}]"


def estimates(statistic: Statistic, pairs: int) -> list[Estimate]:
    """Each of the statistic's figures for all pairs, with its interval."""
    drawn = np.stack([statistic(chosen) for chosen in _draws(pairs)])
    return [_estimate(value, column) for value, column in zip(statistic(np.arange(pairs)), drawn.T, strict=True)]


def mean_estimates(values: NDArray[Any]) -> list[Estimate]:
    """Pairs x figures -> the mean of each figure, with its interval."""
    drawn = values[_draws(len(values))].mean(1)
    return [_estimate(value, column) for value, column in zip(values.mean(0), drawn.T, strict=True)]


def _draws(pairs: int) -> NDArray[np.intp]:
    """ROUNDS x pairs: numbers of pairs; the same each time."""
    return np.random.default_rng(SEED).integers(0, pairs, (ROUNDS, pairs), dtype=np.intp)


def _estimate(value: float, drawn: NDArray[Any]) -> Estimate:
    told = drawn[~np.isnan(drawn)]
    if np.isnan(value) or len(told) < LEAST_TOLD * len(drawn):
        return Estimate(float(value), np.nan, np.nan)
    low, high = np.percentile(told, PERCENTILES)
    return Estimate(float(value), float(low), float(high))
