"""The distance of Gram matrices: what losses of Gram matrices and of moments bring down by themselves."""

from __future__ import annotations

from torch import Tensor

from nst.painting.losses import gram_matrix, mean_square, mse


def gram_distance(ours: Tensor, theirs: Tensor) -> float:
    """Features of one layer, 1xCxHxW of any sizes -> |G(ours) - G(theirs)|^2 / |G(theirs)|^2."""
    target = gram_matrix(theirs)
    return float(mse(gram_matrix(ours), target) / mean_square(target))
