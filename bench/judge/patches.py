"""How far patches of features are from the most alike patch elsewhere (Li and Wand 2016; Kolkin et al. 2022).

Asked in both directions: a patch of the picture that is nowhere in the style is strange to it, and a patch of the style
that is nowhere in the picture was left out.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

SIDE = 3
"""Places: width and height of a patch."""

QUERIES = 1200
"""Patches that are asked for at the most, on a grid; the most alike is sought among all."""

BLOCK = 2048
"""Patches that are sought through at a time, to bound the memory."""


def nearest_distance(ours: Tensor, theirs: Tensor) -> float:
    """Mean over patches of `ours` of 1 - cosine to the most alike patch of `theirs`; both 1xCxHxW, of any sizes.

    0 when each is there, up to a factor; at most 1 for features that are never negative.
    """
    asked = _patches(ours, stride=_stride(ours))
    nearest = torch.full((asked.shape[1],), -1.0)
    rows = max(1, BLOCK // theirs.shape[3])
    for top in range(0, theirs.shape[2] - SIDE + 1, rows):
        strip = _patches(theirs[:, :, top : top + rows + SIDE - 1])
        nearest = torch.maximum(nearest, (strip.T @ asked).amax(0))
    return float((1 - nearest).clamp_min(0).mean())


def _patches(features: Tensor, stride: int = 1) -> Tensor:
    """1xCxHxW -> one patch a column, each of length 1 (or 0, where all of its features are 0)."""
    return F.normalize(F.unfold(features, SIDE, stride=stride)[0], dim=0)


def _stride(features: Tensor) -> int:
    """Of the grid that has at most QUERIES patches."""
    count = (features.shape[2] - SIDE + 1) * (features.shape[3] - SIDE + 1)
    return math.ceil(math.sqrt(count / QUERIES))
