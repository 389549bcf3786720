"""Batch norm folded into the convolution before it."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

BATCH_NORM_EPS = 1e-5
"""torch.nn.BatchNorm2d's default, with which torchvision's networks were trained."""


def fold(weight: Tensor, bias: Tensor, norm: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
    """One convolution that does what a convolution and a batch norm in eval mode do; exact.

    weight: out x in x 3 x 3.  bias: out.  norm: torch's "weight" (gamma), "bias" (beta), "running_mean" and
    "running_var", each of them out.  Batch norm (Ioffe and Szegedy 2015, arXiv 1502.03167, algorithm 2) is
    gamma * (y - mean) / sqrt(variance + eps) + beta per output channel, which is linear in y and so goes into
    weight and bias.
    """
    scale = norm["weight"] / (norm["running_var"] + BATCH_NORM_EPS).sqrt()
    return weight * scale.view(-1, 1, 1, 1), (bias - norm["running_mean"]) * scale + norm["bias"]
