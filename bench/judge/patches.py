"""How far patches of features are from the most alike patch elsewhere (Li and Wand 2016; Kolkin et al. 2022).

Asked in both directions: a patch of the picture that is nowhere in the style is strange to it, and a patch of the style
that is nowhere in the picture was left out.  The style's mean feature is taken off first: otherwise even noise, whose
features are all near a mean, would be like every style.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

SIDE = 3
"""Places: width and height of a patch."""

QUERIES = 800
"""Patches that are asked for at the most, on a grid; the most alike is sought among all."""

BLOCK = 2048
"""Patches that are sought through at a time, to bound the memory."""


def strangeness(picture: Tensor, style: Tensor) -> float:
    """Features of one layer, 1xCxHxW of any sizes -> how far the picture's patches are from the style's nearest.

    0 when each is there; about 1 when they have nothing to do with each other; at most 2.
    """
    mean = style.mean((2, 3), keepdim=True)
    return nearest_distance(picture - mean, style - mean)


def omission(picture: Tensor, style: Tensor) -> float:
    """How far the style's patches are from the picture's nearest, in the same unit."""
    mean = style.mean((2, 3), keepdim=True)
    return nearest_distance(style - mean, picture - mean)


def nearest_distance(ours: Tensor, theirs: Tensor) -> float:
    """Mean over patches of `ours` of 1 - cosine to the most alike patch of `theirs`; both 1xCxHxW, of any sizes.

    0 when each is there, up to a factor; at most 2.
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
