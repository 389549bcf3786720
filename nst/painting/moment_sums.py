"""The mean and the Gram matrix of features that come band by band."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import torch
from torch import Tensor

from ..network.bands import Part
from .losses import LEAST_COUNT, Moments, gradient_of_means, means


class MomentSums:
    """The mean and the Gram matrix, as `nst.painting.losses.moments` has them.

    zeros: 1xC, what to begin with.  size: (height, width) of the whole map.  guide: 1x1xheightxwidth, None for all.
    """

    def __init__(self, zeros: Tensor, size: tuple[int, int], guide: Tensor | None) -> None:
        self._mean, self._gram = zeros.clone(), zeros.new_zeros((*zeros.shape, zeros.shape[1]))
        self._places, self._guide = size[0] * size[1], guide

    def add(self, part: Part) -> None:
        guide = self.guide_of(part)
        guided = part.features if guide is None else part.features * guide
        mean, gram = means(guided)
        if guide is not None:
            mean = (guided * guide).mean((2, 3), dtype=self._mean.dtype)
        share = self.share_of(part)
        self._mean += share * mean
        self._gram += share * gram

    def kept(self) -> Moments:
        return Moments(self._mean / self.counted, self._gram / self.counted)

    def guide_of(self, part: Part) -> Tensor | None:
        """Its rows of the guide."""
        return None if self._guide is None else part.of(self._guide)

    def share_of(self, part: Part) -> float:
        """How much of all places it has."""
        return part.features.shape[2] * part.features.shape[3] / self._places

    @cached_property
    def counted(self) -> Tensor:
        """The mean square of the guide, by which the sums are divided."""
        if self._guide is None:
            return self._mean.new_ones(())
        return self._guide.to(self._mean.dtype).square().mean().clamp_min(LEAST_COUNT)


class MomentSummary:
    """Mean and Gram matrix, and what follows from them.

    zeros, size, guide: as in `MomentSums`.  errors: gives those of the moments, weighted.
    """

    def __init__(
        self,
        zeros: Tensor,
        size: tuple[int, int],
        guide: Tensor | None,
        errors: Callable[[Moments], Sequence[Tensor]],
    ) -> None:
        self._sums, self._errors = MomentSums(zeros, size, guide), errors

    def add(self, part: Part) -> None:
        self._sums.add(part)

    @cached_property
    def leaves(self) -> Moments:
        return Moments(*(sum_.requires_grad_() for sum_ in self._sums.kept()))

    def errors(self) -> Sequence[Tensor]:
        return self._errors(self.leaves)

    def pull(self, part: Part, of_leaves: Sequence[Tensor], beside: Tensor | None) -> Tensor:
        of_mean, of_gram = of_leaves
        share, guide = self._sums.share_of(part) / self._sums.counted, self._sums.guide_of(part)
        symmetric = (of_gram + of_gram.transpose(1, 2)) * share
        if guide is None:
            return gradient_of_means(part.features, of_mean * share, symmetric, beside)
        places = part.features.shape[2] * part.features.shape[3]
        in_mean = (of_mean * (share / places))[:, :, None, None].to(part.features.dtype)
        of_guided = gradient_of_means(part.features * guide, torch.zeros_like(of_mean), symmetric)
        gradient = torch.addcmul(of_guided, guide, in_mean).mul_(guide)
        return gradient if beside is None else gradient.add_(beside)
