"""How sure a share is that is of a few votes."""

from __future__ import annotations

import math

Z = 1.959964
"""Of the 95 % interval of a normal distribution."""


def wilson(chosen: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927), which is right for few votes too and stays within 0 and 1."""
    if not count:
        return 0.0, 1.0
    share, z2 = chosen / count, Z**2
    center = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = Z / (1 + z2 / count) * math.sqrt(share * (1 - share) / count + z2 / (4 * count**2))
    return max(0.0, center - half), min(1.0, center + half)
