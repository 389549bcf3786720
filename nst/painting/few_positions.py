"""The errors of a mean and a covariance, or of a Gram matrix, where there are fewer positions than channels.

At the coarse scales a deep layer has some hundred positions or fewer, and 512 channels.  Its covariance is then a
matrix much larger than the features that it is made of: so it is not made.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

FEW = 0.6
"""Positions for each channel up to which this way is the faster one."""

EXACT_POSITIONS = 32
"""Positions up to which products in float32 take no longer than in bfloat16."""


def are_few(features: Tensor) -> bool:
    """True for NxCxhxw features for which this way is the faster one."""
    channels, height, width = features.shape[1:]
    return height * width <= FEW * channels


class FewPositionErrors(torch.autograd.Function):
    """With X the features less their mean m, PxC, a and A the aims and d = m - a:

    the errors are d'd / C and |X'X / P - A|^2 / C^2.  As |X'X| = |XX'|, the latter's square is
    |XX'|^2 / P^2 - 2 <X, XA> / P + |A|^2, and its gradient for X is 4 (XX'X / P - XA) / P: no product in it is larger
    than PxC.  The rows of that sum to 0, as those of X do, so it is the one for the features as well.

    Without an aim for the mean X is the features themselves, and X'X / P their Gram matrix.
    """

    @staticmethod
    def forward(ctx: Any, features: Tensor, aim: Tensor, mean_aim: Tensor | None) -> tuple[Tensor, ...]:
        """As `nst.painting.moment_errors.MomentErrors.forward`."""
        ctx.set_materialize_grads(False)
        wide = torch.promote_types(features.dtype, torch.float32)
        x = features.permute(0, 2, 3, 1).reshape(-1, features.shape[1]).to(wide)
        positions, errors, of_mean = len(x), [], None
        if mean_aim is not None:
            mean = x.mean(0, keepdim=True)
            distance = mean - mean_aim
            x = x - mean
            errors.append(distance.square().mean())
            of_mean = distance * (2 / (distance.numel() * positions))
        exact = positions <= EXACT_POSITIONS or features.is_cuda
        y, matrix = (x, aim[0]) if exact else (x.to(features.dtype), aim[0].to(features.dtype))
        toward, between = y @ matrix, y @ y.T
        square = _square(between, wide) / positions**2 - (x * toward).sum() * (2 / positions) + _square(aim, wide)
        errors.append(square.clamp_min(0) / aim.numel())
        of_matrix = torch.addmm(toward, between, y, beta=-1, alpha=1 / positions)
        ctx.save_for_backward(features, of_matrix, of_mean)
        return features.view_as(features), *errors

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, beside: Tensor | None, *of_errors: Tensor | None) -> tuple[Tensor | None, None, None]:
        """As `nst.painting.moment_errors.MomentErrors.backward`."""
        if all(asked is None for asked in of_errors):
            return beside, None, None
        features, of_matrix, of_mean = ctx.saved_tensors
        *asked_of_mean, asked_of_matrix = (of_matrix.new_zeros(()) if asked is None else asked for asked in of_errors)
        positions, channels = of_matrix.shape
        gradient = of_matrix * (asked_of_matrix * (4 / (positions * channels**2))).to(of_matrix.dtype)
        if of_mean is not None:
            gradient += (of_mean * asked_of_mean[0]).to(gradient.dtype)
        n, _, height, width = features.shape
        of_features = gradient.to(features.dtype).view(n, height, width, channels).permute(0, 3, 1, 2)
        return of_features if beside is None else of_features.add_(beside), None, None


def _square(matrix: Tensor, wide: torch.dtype) -> Tensor:
    square: Tensor = torch.linalg.vector_norm(matrix, dtype=wide).square()
    return square
