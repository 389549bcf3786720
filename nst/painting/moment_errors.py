"""The errors of a picture's mean and covariance, or of its Gram matrix, with their gradient written out.

They are what `nst.painting.losses` says, and autograd would find the same gradient, but by some twenty passes over
matrices of channels by channels in each step and tap; here are five.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from .losses import gradient_of_means, means


def moment_errors(features: Tensor, *aims: Tensor) -> tuple[Tensor, ...]:
    """Mean squared errors of 1xCxhxw features, one scalar for each aim.

    aims: the mean, 1xC, and the covariance, 1xCxC; or the Gram matrix alone, 1xCxC.
    """
    if len(aims) == 1:
        return (GramError.apply(features, *aims),)  # type: ignore[no-untyped-call]
    errors: tuple[Tensor, ...] = MomentErrors.apply(features, *aims)  # type: ignore[no-untyped-call]
    return errors


class MomentErrors(torch.autograd.Function):
    """With m the mean, G the Gram matrix, a and A the aims, C channels, d = m - a and E = G - m m' - A:

    the errors are d'd / C and |E|^2 / C^2; as E is symmetric, their gradients are 2 d / C for m, and 2 E / C^2 for G
    with -4 E m / C^2 for m.
    """

    @staticmethod
    def forward(ctx: Any, features: Tensor, mean_aim: Tensor, covariance_aim: Tensor) -> tuple[Tensor, Tensor]:
        mean, gram = means(features)
        distance = mean - mean_aim
        excess = gram.sub_(covariance_aim).baddbmm_(mean[:, :, None], mean[:, None, :], alpha=-1)
        ctx.save_for_backward(features, mean, distance, excess)
        return _mean_square(distance), _mean_square(excess)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, of_mean: Tensor, of_covariance: Tensor) -> tuple[Tensor, None, None]:
        features, mean, distance, excess = ctx.saved_tensors
        in_gram = excess * (2 * of_covariance / excess.numel())
        in_mean = distance * (2 * of_mean / distance.numel()) - 2 * (in_gram @ mean[:, :, None]).squeeze(2)
        return gradient_of_means(features, in_mean, in_gram.mul_(2)), None, None


class GramError(torch.autograd.Function):
    """|E|^2 / C^2 of E = G - A, with the gradient 2 E / C^2 for G."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, aim: Tensor) -> Tensor:
        mean, gram = means(features)
        excess = gram.sub_(aim)
        ctx.save_for_backward(features, torch.zeros_like(mean), excess)
        return _mean_square(excess)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, of_gram: Tensor) -> tuple[Tensor, None]:
        features, no_mean, excess = ctx.saved_tensors
        return gradient_of_means(features, no_mean, excess * (4 * of_gram / excess.numel())), None


def _mean_square(error: Tensor) -> Tensor:
    square: Tensor = torch.linalg.vector_norm(error).square() / error.numel()
    return square
