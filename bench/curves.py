"""Figures at equal content: a recipe's curve over its content weights, and the ratio of two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .bootstrap import Estimate, estimates
from .ledger import Row

LEVELS = (0.45, 0.5, 0.55, 0.6)
"""Content figures (LPIPS) at which recipes are compared."""

Array = NDArray[Any]


def ratios(
    ours: Sequence[Row], theirs: Sequence[Row], names: Sequence[str], levels: Sequence[float] = LEVELS
) -> dict[str, list[Estimate]]:
    """For each named figure and each level: ours over theirs, where both recipes have this content figure.

    ours, theirs: the rows of one recipe each, one for each content weight.  Over the pairs that all rows have.  NaN at
    a level that one of the recipes does not reach, and of a figure that some pair lacks.
    """
    pairs = sorted(set.intersection(*(set(row.each) for row in (*ours, *theirs))))
    curves = [(_values(rows, ["content"], pairs)[0], _values(rows, names, pairs)) for rows in (ours, theirs)]

    def statistic(chosen: NDArray[np.intp]) -> Array:
        a, b = (at_levels(x[:, chosen].mean(1), y[:, :, chosen].mean(2), levels) for x, y in curves)
        return (a / b).ravel()

    flat, count = estimates(statistic, len(pairs)), len(levels)
    return {name: flat[i * count : (i + 1) * count] for i, name in enumerate(names)}


def at_levels(content: Array, figures: Array, levels: Sequence[float]) -> Array:
    """Content figures of W weights and FxW others -> FxL, on straight lines between them; NaN beyond the ends."""
    order = np.argsort(content)
    return np.stack([np.interp(levels, content[order], row[order], left=np.nan, right=np.nan) for row in figures])


def _values(rows: Sequence[Row], names: Sequence[str], pairs: Sequence[str]) -> Array:
    """Figures x rows x pairs."""
    return np.array([[[row.each[pair].get(name, np.nan) for pair in pairs] for row in rows] for name in names])
