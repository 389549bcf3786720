"""What a loss is made of, gathered band by band: a few numbers, whose gradient is then handed out band by band.

The error of a Gram matrix is no sum over places, so no band knows its own share of it.  But it depends on the places
through a mean alone, and that is a sum: once all bands have added to it, the gradient for the mean is known, and with
it that for each place.  So it is for content errors, and for the distribution of features along some directions.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Protocol

import torch
from torch import Tensor

from ..network.bands import Part
from .losses import gradient_of_mse, mse_beside


class Sums(Protocol):
    """What a statistic keeps of features that come band by band."""

    def add(self, part: Part) -> None:
        """Each band once."""

    def kept(self) -> tuple[Tensor, ...]:
        """As if gathered from the whole map, when all have been added."""


class Summary(Protocol):
    """What an error is computed from, of features that come band by band.

    leaves: those few numbers, with a gradient, once all bands have been added.
    """

    def add(self, part: Part) -> None:
        """Each band once."""

    @property
    def leaves(self) -> Sequence[Tensor]: ...

    def errors(self) -> Sequence[Tensor]:
        """Of the leaves, one weighted scalar for each thing that is compared."""

    def pull(self, part: Part, of_leaves: Sequence[Tensor], beside: Tensor | None) -> Tensor:
        """The gradient for a band's features, 1xCxrxw: what comes through the leaves, and what is beside that."""


class ContentSummary:
    """How far features are from those that are to be kept.

    target: 1xCxhxw, where it has room.  factor: what the mean squared error is multiplied by.  weight: how much each
    place adds to it, 1x1xhxw; None: all alike.
    """

    def __init__(self, target: Tensor, factor: Tensor, weight: Tensor | None) -> None:
        self._target, self._factor, self._weight = target, factor, weight
        self._error = torch.zeros_like(factor)

    def add(self, part: Part) -> None:
        share = part.features.numel() / self._target.numel()
        self._error += share * mse_beside(part.features, self._target_of(part), self._weight_of(part))[1]

    @cached_property
    def leaves(self) -> tuple[Tensor]:
        return (self._error.requires_grad_(),)

    def errors(self) -> Sequence[Tensor]:
        return [self.leaves[0] * self._factor]

    def pull(self, part: Part, of_leaves: Sequence[Tensor], beside: Tensor | None) -> Tensor:
        (of_error,) = of_leaves
        factor = of_error * 2 / self._target.numel()
        return gradient_of_mse(part.features, self._target_of(part), self._weight_of(part), factor, beside)

    def _target_of(self, part: Part) -> Tensor:
        return part.of(self._target).to(part.features)

    def _weight_of(self, part: Part) -> Tensor | None:
        return None if self._weight is None else part.of(self._weight)
