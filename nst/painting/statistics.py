"""What a style is to the loss: a family of statistics of the features at a tap, with one signature.

A statistic gathers once what it keeps of a style, blends what it has kept of several, and says at each step how far a
picture's features are from that.  Where things are is lost in all of them: that is what makes it style.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

import torch
from torch import Tensor

from ..recipe import StyleStatistic
from .losses import Moments, covariance_unit, mean_square, moments, mse
from .moment_errors import moment_errors_beside
from .moment_sums import MomentSummary, MomentSums
from .quantile_distance import QuantileDistance, QuantileSums
from .summaries import Summary, Sums
from .wasserstein import mixed_quantiles, quantile_table

Kept = tuple[Tensor, ...]
"""What is kept of a style at a tap; at least float32, and small beside the features."""


class Distance(Protocol):
    """How far features are from a style: 1xCxhxw and a guide as in `Statistic.gather` -> the features as they are, for
    what else is made of them, and one weighted error for each thing that is compared.

    parts: how many those are.  summary: the same of features that come band by band, for a map of so many channels and
    this (height, width).
    """

    @property
    def parts(self) -> int: ...

    def summary(self, channels: int, size: tuple[int, int], guide: Tensor | None) -> Summary: ...

    def __call__(self, features: Tensor, guide: Tensor | None) -> tuple[Tensor, Sequence[Tensor]]: ...


class Statistic(Protocol):
    """One member of the family.

    kind: names what is kept; two statistics of one kind keep the same.
    """

    @property
    def kind(self) -> str: ...

    def gather(self, features: Tensor, guide: Tensor | None) -> Kept:
        """Of a style's features, 1xCxhxw.  guide: 1x1xhxw from 0 to 1, how much each place counts; None: all alike."""

    def sums(self, channels: int, size: tuple[int, int], guide: Tensor | None, like: Tensor) -> Sums:
        """What gathers the same of features that come band by band, for a map of this (height, width).

        like: on whose device, and in at least whose precision.
        """

    def blend(self, kept: Sequence[Kept], shares: Sequence[float]) -> Kept:
        """As if gathered from one picture that is made of several styles; the shares of its places sum to 1."""

    def distance(self, kept: Kept, weight: float, share: float | Tensor, *, relative: bool) -> Distance:
        """From what was kept, on its device.

        weight: of all errors together, where the style is everywhere; share: of the picture that it has.  relative:
        errors are shares of what the style has; else as they are.
        """


@dataclass(frozen=True)
class MomentStatistic:
    """Means over all places, of the features and of their products: see `nst.painting.losses.Moments`.

    centered: the mean and the covariance are compared, each by itself; else the Gram matrix, which has both in it.
    """

    centered: bool
    kind = "moments"

    def gather(self, features: Tensor, guide: Tensor | None) -> Moments:
        return moments(features, guide)

    def sums(self, channels: int, size: tuple[int, int], guide: Tensor | None, like: Tensor) -> MomentSums:
        return MomentSums(like.new_zeros((1, channels)), size, guide)

    def blend(self, kept: Sequence[Kept], shares: Sequence[float]) -> Moments:
        def mixed(parts: Sequence[Tensor]) -> Tensor:
            return torch.stack([part * share for part, share in zip(parts, shares, strict=True) if share]).sum(0)

        return Moments(*map(mixed, zip(*kept, strict=True)))

    def distance(self, kept: Kept, weight: float, share: float | Tensor, *, relative: bool) -> Distance:
        style = Moments(*kept)
        aims, units = _compared(style, self.centered), self._units(style)
        factors = [1 / unit for unit in units] if relative else [style.mean.new_ones(()) for _ in units]
        return _MomentDistance(aims, tuple(factor * weight * share / len(units) for factor in factors), self.centered)

    def _units(self, style: Moments) -> tuple[Tensor, ...]:
        """By what the errors are divided to be relative."""
        if self.centered:
            return mean_square(style.mean), covariance_unit(style)
        return (mean_square(style.gram),)


@dataclass(frozen=True, eq=False)
class _MomentDistance:
    aims: tuple[Tensor, ...]
    factors: tuple[Tensor, ...]
    centered: bool

    @property
    def parts(self) -> int:
        return len(self.aims)

    def __call__(self, features: Tensor, guide: Tensor | None) -> tuple[Tensor, Sequence[Tensor]]:
        if guide is None:
            features, errors = moment_errors_beside(features, *self.aims)
            return features, self._weighted(errors)
        return features, self._weighted(self._errors(moments(features, guide)))

    def summary(self, channels: int, size: tuple[int, int], guide: Tensor | None) -> Summary:
        zeros = self.aims[-1].new_zeros((1, channels))
        return MomentSummary(zeros, size, guide, lambda gathered: self._weighted(self._errors(gathered)))

    def _errors(self, gathered: Moments) -> Sequence[Tensor]:
        return tuple(map(mse, _compared(gathered, self.centered), self.aims))

    def _weighted(self, errors: Sequence[Tensor]) -> Sequence[Tensor]:
        return [error * factor for error, factor in zip(errors, self.factors, strict=True)]


def _compared(style: Moments, centered: bool) -> tuple[Tensor, ...]:
    return (style.mean, style.covariance) if centered else (style.gram,)


class WassersteinStatistic:
    """The distribution of the features: see `nst.painting.wasserstein`."""

    kind = "quantiles"

    def gather(self, features: Tensor, guide: Tensor | None) -> Kept:
        return (quantile_table(features, guide),)

    def sums(self, channels: int, size: tuple[int, int], guide: Tensor | None, like: Tensor) -> QuantileSums:
        return QuantileSums(channels, size, guide, like)

    def blend(self, kept: Sequence[Kept], shares: Sequence[float]) -> Kept:
        return (mixed_quantiles([table for (table,) in kept], shares),)

    def distance(self, kept: Kept, weight: float, share: float | Tensor, *, relative: bool) -> Distance:
        (table,) = kept
        return QuantileDistance(table, weight * share, relative=relative)


STATISTICS: Mapping[StyleStatistic, Statistic] = MappingProxyType(
    {
        "moments": MomentStatistic(centered=True),
        "gram": MomentStatistic(centered=False),
        "wasserstein": WassersteinStatistic(),
    }
)
