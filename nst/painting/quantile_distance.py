"""How far the features of a picture are from the distribution that a style's have, of the whole or band by band."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import torch
from torch import Tensor

from ..network.bands import Part
from .losses import own_unit
from .wasserstein import DIRECTIONS, directions, places_inside, projected, resampled, table_of


class QuantileDistance:
    """How far features are from a style's `quantile_table`, weighted.

    weight: of the error.  relative: it is a share of how far the style's own features are from their mean, 1 for a
    picture of which all features are that mean.  Always called with features of one shape and the same guide.
    """

    parts = 1

    def __init__(self, table: Tensor, weight: float | Tensor, *, relative: bool) -> None:
        spread = (table - table.mean(1, keepdim=True)).square().mean()
        unit = own_unit(spread, table.square().mean()) if relative else torch.ones_like(spread)
        self._table, self._factor = table, weight / unit
        self._aims: Tensor | None = None
        self._places: Tensor | None = None

    def __call__(self, features: Tensor, guide: Tensor | None) -> tuple[Tensor, Sequence[Tensor]]:
        """1xCxhxw and 1x1xhxw -> the features as they are, and one scalar."""
        if self._places is None:
            self._places = places_inside(guide)
        return features, self.errors(projected(features, self._places))

    def summary(self, channels: int, size: tuple[int, int], guide: Tensor | None) -> QuantileSummary:
        """The same of features that come band by band."""
        return QuantileSummary(channels, size, guide, self._table, self.errors)

    def errors(self, along: Tensor) -> Sequence[Tensor]:
        """Of what the features are along each direction, DxP: one scalar."""
        ordered = along.sort(1).values
        if self._aims is None:
            self._aims = resampled(self._table, ordered.shape[1])
        return [(ordered - self._aims).square().mean() * self._factor]


class QuantileSums:
    """What the features of all places are along each direction: DxP numbers, which are as many as half of a wide map's.

    Of channels, for a map of this (height, width).  like: on whose device, and in at least whose precision.
    """

    def __init__(self, channels: int, size: tuple[int, int], guide: Tensor | None, like: Tensor) -> None:
        self._places = places_inside(guide)
        count = size[0] * size[1] if self._places is None else len(self._places)
        self.along = like.new_zeros((min(channels, DIRECTIONS), count))

    def add(self, part: Part) -> None:
        inside, columns = self.inside(part)
        self.along[:, columns] = projected(part.features, inside).to(self.along)

    def kept(self) -> tuple[Tensor]:
        return (table_of(self.along),)

    def inside(self, part: Part) -> tuple[Tensor | None, slice]:
        """The numbers of a part's places that count, None for all of them, and their columns."""
        width = part.features.shape[3]
        first, last = part.first * width, (part.first + part.features.shape[2]) * width
        if self._places is None:
            return None, slice(first, last)
        start, stop = torch.searchsorted(self._places, self._places.new_tensor((first, last))).tolist()
        return self._places[start:stop] - first, slice(start, stop)


class QuantileSummary:
    """Features along some directions, as `QuantileSums`, and what follows.  errors: DxP -> weighted errors."""

    def __init__(
        self,
        channels: int,
        size: tuple[int, int],
        guide: Tensor | None,
        like: Tensor,
        errors: Callable[[Tensor], Sequence[Tensor]],
    ) -> None:
        self._sums, self._errors = QuantileSums(channels, size, guide, like), errors

    def add(self, part: Part) -> None:
        self._sums.add(part)

    @cached_property
    def leaves(self) -> tuple[Tensor]:
        return (self._sums.along.requires_grad_(),)

    def errors(self) -> Sequence[Tensor]:
        return self._errors(*self.leaves)

    def pull(self, part: Part, of_leaves: Sequence[Tensor], beside: Tensor | None) -> Tensor:
        (of_along,) = of_leaves
        inside, columns = self._sums.inside(part)
        features = part.features
        channels = features.shape[1]
        rows = (directions(channels, features.device, of_along.dtype) @ of_along[:, columns]).T.to(features.dtype)
        if inside is not None:
            rows = rows.new_zeros((features.shape[2] * features.shape[3], channels)).index_copy(0, inside, rows)
        gradient = rows.view(1, *features.shape[2:], channels).permute(0, 3, 1, 2)
        return gradient if beside is None else gradient + beside
