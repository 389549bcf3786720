"""The errors of a picture's mean and covariance, or of its Gram matrix, with their gradient written out.

They are what `nst.painting.losses` says, and autograd would find the same gradient, but by some twenty passes over
matrices of channels by channels in each step and tap; here are five.  What else is made of the features has its
gradient added in the same product, so that no pass over feature maps is made for that alone.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from .few_positions import FewPositionErrors, are_few
from .losses import gradient_of_means, means


def moment_errors_beside(features: Tensor, *aims: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
    """1xCxhxw features as they are, for what else is made of them, and their mean squared errors, one for each aim.

    aims: the mean, 1xC, and the covariance, 1xCxC; or the Gram matrix alone, 1xCxC.
    What comes back for the features gets the gradient of the errors added while that is computed.
    """
    mean_aim, matrix_aim = (None, *aims) if len(aims) == 1 else aims
    function = FewPositionErrors if are_few(features) else MomentErrors
    beside, *errors = function.apply(features, matrix_aim, mean_aim)  # type: ignore[no-untyped-call]
    return beside, tuple(errors)


class MomentErrors(torch.autograd.Function):
    """With m the mean, G the Gram matrix, a and A the aims, C channels, d = m - a and E = G - m m' - A:

    the errors are d'd / C and |E|^2 / C^2; as E is symmetric, their gradients are 2 d / C for m, and 2 E / C^2 for G
    with -4 E m / C^2 for m.  Without an aim for the mean, E = G - A.
    """

    @staticmethod
    def forward(ctx: Any, features: Tensor, aim: Tensor, mean_aim: Tensor | None) -> tuple[Tensor, ...]:
        """features: 1xCxhxw.  aim: 1xCxC.  mean_aim: 1xC.

        Returns the features, the error of the mean if it has an aim, and that of the matrix; at least float32.
        """
        ctx.set_materialize_grads(False)
        mean, gram = means(features)
        excess = gram.sub_(aim)
        if mean_aim is None:
            ctx.save_for_backward(features, excess, mean, None)
            return features.view_as(features), _mean_square(excess)
        distance = mean - mean_aim
        excess.baddbmm_(mean[:, :, None], mean[:, None, :], alpha=-1)
        ctx.save_for_backward(features, excess, mean, distance)
        return features.view_as(features), _mean_square(distance), _mean_square(excess)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, beside: Tensor | None, *of_errors: Tensor | None) -> tuple[Tensor | None, None, None]:
        """beside: the gradient of what else is made of the features.  Any is None where nobody asks for it."""
        if all(asked is None for asked in of_errors):
            return beside, None, None
        features, excess, mean, distance = ctx.saved_tensors
        *of_mean, of_matrix = (excess.new_zeros(()) if asked is None else asked for asked in of_errors)
        in_gram = excess * (4 * of_matrix / excess.numel())
        if distance is None:
            in_mean = torch.zeros_like(mean)
        else:
            in_mean = distance * (2 * of_mean[0] / distance.numel()) - (in_gram @ mean[:, :, None]).squeeze(2)
        return gradient_of_means(features, in_mean, in_gram, beside), None, None


def _mean_square(error: Tensor) -> Tensor:
    square: Tensor = torch.linalg.vector_norm(error).square() / error.numel()
    return square
