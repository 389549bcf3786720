"""The sliced Wasserstein distance of features (Heitz et al. 2021, arXiv 2006.07229): of all that they do, not of a few
of their moments.

Features are projected on fixed directions.  In one dimension the optimal transport between two distributions pairs the
smallest with the smallest and so on, so it is found by sorting; the distance is the mean square of what is moved, over
all directions.  It is 0 exactly where the distributions are the same along each of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import torch
from torch import Tensor

from ..pictures.picture import inside

DIRECTIONS = 128
"""The most that are looked along; with fewer channels there are as many as those."""

QUANTILES = 4096
"""The most that are kept of a style along a direction, evenly spaced; of fewer places each is kept."""


def quantile_table(features: Tensor, guide: Tensor | None = None) -> Tensor:
    """What the features of all places are along each direction, in rising order: 1xCxhxw -> DxQ, at least float32.

    D is the least of C and `DIRECTIONS`, Q the least of h*w and `QUANTILES`.  guide: 1x1xhxw; see `inside`.
    """
    return table_of(projected(features, places_inside(guide)))


def table_of(along: Tensor) -> Tensor:
    """The quantiles of what features are along each direction, DxP in any order -> DxQ."""
    ordered = along.sort(1).values
    return resampled(ordered, min(ordered.shape[1], QUANTILES))


def mixed_quantiles(tables: Sequence[Tensor], shares: Sequence[float]) -> Tensor:
    """Of a picture that is made of several styles in these shares, which sum to 1: DxQ tables -> one.

    Each quantile of a style stands for as many places as its share says; the mixture's are read off all together.
    """
    given = [(table, share) for table, share in zip(tables, shares, strict=True) if share]
    if len(given) == 1:
        return given[0][0]
    values, order = torch.cat([table for table, _ in given], 1).sort(1)
    weights = torch.cat([table.new_full((table.shape[1],), share / table.shape[1]) for table, share in given])
    middles = weights[order].cumsum(1) - weights[order] / 2
    count = max(table.shape[1] for table, _ in given)
    at = ((torch.arange(count, device=values.device) + 0.5) / count).to(values).expand(len(values), -1).contiguous()
    return values.gather(1, torch.searchsorted(middles, at).clamp(max=values.shape[1] - 1))


def resampled(ordered: Tensor, count: int) -> Tensor:
    """As many evenly spaced quantiles of DxQ values in rising order, on straight lines between them: Dxcount.

    Where they lie is reckoned on the CPU, as MPS has no float64.
    """
    given = ordered.shape[1]
    if given == count:
        return ordered
    at = ((torch.arange(count, dtype=torch.float64) + 0.5) * given / count - 0.5).clamp(0, given - 1)
    below = at.floor().long()
    low, high = (index.to(ordered.device) for index in (below, (below + 1).clamp(max=given - 1)))
    return ordered[:, low].lerp(ordered[:, high], (at - below).to(ordered))


def projected(features: Tensor, places: Tensor | None) -> Tensor:
    """1xCxhxw -> DxP, along each direction, at the places that count."""
    wide = torch.promote_types(features.dtype, torch.float32)
    rows = features[0].permute(1, 2, 0).flatten(0, 1)
    rows = rows if places is None else rows[places]
    return directions(rows.shape[1], rows.device, wide).T @ rows.to(wide).T


def places_inside(guide: Tensor | None) -> Tensor | None:
    """1x1xhxw -> numbers of the places inside, as a place can't be in a distribution by half."""
    return None if guide is None else inside(guide.flatten()).nonzero().squeeze(1)


@lru_cache(64)
def directions(channels: int, device: torch.device, dtype: torch.dtype) -> Tensor:
    """Unit vectors at right angles to one another, CxD, random but always the same."""
    noise = torch.randn(channels, channels, generator=torch.Generator().manual_seed(channels), dtype=torch.float64)
    orthonormal: Tensor = torch.linalg.qr(noise).Q
    return orthonormal[:, : min(channels, DIRECTIONS)].to(device, dtype)
