"""The sliced Wasserstein distance of two layers' features (Heitz et al. 2021, arXiv 2006.07229; Bonneel et al. 2015).

Features are points, one for each place.  Seen along a direction they are numbers, and the 2-Wasserstein distance of two
sets of numbers is that of their sorted quantiles.  Its square is averaged over directions.  Unlike a Gram matrix it
sees the whole distribution: features that are always weak differ from those that are rarely strong.
"""

from __future__ import annotations

from functools import cache, lru_cache

import numpy as np
import torch
from torch import Tensor

SEED = 0
BLOCK = 16
"""Directions at a time, to bound the memory."""


def sliced_wasserstein(ours: Tensor, theirs: Tensor) -> float:
    """Features of one layer, 1xCxHxW of any sizes -> their distance as a share of the spread of `theirs`.

    The spread is the root of the variance along a direction, averaged over directions as the distance is, so every
    layer has the same unit: moving all features by as much as they vary costs 1.  0 for the same features in any order.
    """
    a, b = (features.flatten(2)[0] for features in (ours, theirs))  # CxP and CxQ
    squares = [squared_wasserstein(block @ a, block @ b) for block in directions(len(a)).split(BLOCK)]
    variance = b.var(1, correction=0).mean().clamp_min(torch.finfo(b.dtype).tiny)
    return float((torch.cat(squares).mean() / variance).sqrt())


@cache
def directions(channels: int) -> Tensor:
    """CxC: rows of unit length at right angles, turned at random, the same each time.

    With as many directions as there are channels a shift by d costs exactly |d|^2 / C, whatever the turn.
    """
    noise = torch.randn(channels, channels, dtype=torch.float64, generator=torch.Generator().manual_seed(SEED))
    basis: Tensor = torch.linalg.qr(noise).Q
    return basis.float()


def squared_wasserstein(ours: Tensor, theirs: Tensor) -> Tensor:
    """Squared 2-Wasserstein distances of KxP and KxQ numbers, row by row -> K.

    Exact also where P and Q differ: a quantile function is a step function, so the integral of the squared difference
    of two is a sum over the pieces on which neither has a step.
    """
    a, b = _sorted(ours), _sorted(theirs)
    if a.shape == b.shape:
        return (a - b).square().mean(1)
    i, j, lengths = _pieces(a.shape[1], b.shape[1])
    return (a[:, i] - b[:, j]).square() @ lengths


@lru_cache(maxsize=8)
def _pieces(p: int, q: int) -> tuple[Tensor, Tensor, Tensor]:
    """For each piece which of P and which of Q sorted numbers counts there, and its length; they add up to 1."""
    ends = torch.cat([torch.arange(1, p + 1) * q, torch.arange(1, q + 1) * p]).unique()  # in units of 1 / (P * Q)
    starts = torch.cat([ends.new_zeros(1), ends[:-1]])
    return starts // q, starts // p, (ends - starts) / (p * q)


def _sorted(values: Tensor) -> Tensor:
    return torch.from_numpy(np.sort(values.numpy(), axis=1))  # several times as fast as PyTorch's, which keeps indices
