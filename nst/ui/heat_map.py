"""Numbers as pictures: a perceptually even color map and its legend."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_COLORS = ("#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725")
"""Viridis (van der Walt and Smith 2015) at nine even steps: equal steps look equal, also without color vision."""

_TABLE = np.array([[int(color[i : i + 2], 16) for i in (1, 3, 5)] for color in _COLORS], float)


def heat_map(values: NDArray[Any], low: float, high: float) -> NDArray[np.uint8]:
    """HxW -> HxWx3 uint8: `low` and less is dark violet, `high` and more yellow."""
    position = (np.clip((values - low) / max(high - low, 1e-12), 0, 1) * (len(_TABLE) - 1)).astype(float)
    bands = [np.interp(position, np.arange(len(_TABLE)), _TABLE[:, band]) for band in range(3)]
    return np.stack(bands, axis=-1).round().astype(np.uint8)


def legend_html(low: str, high: str) -> str:
    """The color map as a bar between two words."""
    return (
        f'<div class="legend"><span>{low}</span><i style="background:linear-gradient(to right,{",".join(_COLORS)})">'
        f"</i><span>{high}</span></div>"
    )
