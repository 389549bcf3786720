"""LPIPS (Zhang et al. 2018, arXiv 1801.03924, equation 1): how unlike two pictures look, place by place."""

from __future__ import annotations

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor


def lpips(ours: Sequence[Tensor], theirs: Sequence[Tensor], heads: Sequence[Tensor]) -> float:
    """Features of both pictures, layer by layer, 1xCxhxw, and how much each channel counts, 1xCx1x1; 0 when equal.

    The features of a place are compared by their direction alone.
    """
    distance = 0.0
    for a, b, head in zip(ours, theirs, heads, strict=True):
        difference = F.normalize(a, dim=1) - F.normalize(b, dim=1)
        distance += F.conv2d(difference.square(), head).mean().item()
    return distance
