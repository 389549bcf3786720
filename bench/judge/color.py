"""How far a picture's colors are from another's: RGB-uv histograms (Afifi et al. 2021, HistoGAN, arXiv 2011.11731).

Brightness is no part of it: a histogram is over the logarithms of ratios of channels, a pixel counting as much as it is
bright.  So it tells which colors there are, and how much of each.
"""

from __future__ import annotations

import torch
from torch import Tensor

BINS, BOUND = 64, 3.0
"""Bins along u and along v, their centers from -BOUND to BOUND."""

WIDTH = 0.02
"""Of the inverse-quadratic kernel by which a pixel counts in the bins around it."""

EPSILON = 1e-6
BLOCK = 16384
"""Pixels at a time, to bound the memory."""


def color_distance(ours: Tensor, theirs: Tensor) -> float:
    """1x3xHxW of any sizes, 0 to 1 -> Hellinger distance of their histograms, 0 to 1."""
    return hellinger(color_histogram(ours), color_histogram(theirs))


def hellinger(p: Tensor, q: Tensor) -> float:
    """Of two distributions of one shape: 0 when equal, 1 when nowhere both are more than 0."""
    return float(((p.sqrt() - q.sqrt()).square().sum() / 2).sqrt())


def color_histogram(rgb: Tensor) -> Tensor:
    """1x3xHxW, 0 to 1 -> 3xBINSxBINS with sum 1 (equations 1 to 4).

    Of channel R: u = log(R/G), v = log(R/B); of the others alike.  Ratios beyond the bound count at the bound, where
    HistoGAN nearly loses them: otherwise pure red, green and blue would be the same.
    """
    histogram = torch.zeros(3, BINS, BINS)
    for pixels in rgb.flatten(2)[0].split(BLOCK, dim=1):
        brightness = (pixels.square().sum(0) + EPSILON).sqrt()
        logs = (pixels + EPSILON).log()
        for channel, others in enumerate(((1, 2), (0, 2), (0, 1))):
            u, v = (_votes(logs[channel] - logs[other]) for other in others)
            histogram[channel] += (u * brightness) @ v.T
    return histogram / histogram.sum()


def _votes(ratios: Tensor) -> Tensor:
    """P log ratios -> BINSxP: how much each counts in each bin."""
    distance = (ratios.clamp(-BOUND, BOUND) - torch.linspace(-BOUND, BOUND, BINS)[:, None]) / WIDTH
    return 1 / (1 + distance.square())
