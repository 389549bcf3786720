"""Where a picture has straight edges, as houses, horizons and furniture have them: the eye sees when they bend."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

DETAIL = 1.5
"""Pixels: standard deviation of the blur behind which gradients are taken, so that grain has none."""

REACH = 4.0
"""Pixels: standard deviation of the window in which an edge must be straight."""

STRONGEST = 0.99
"""The share of places that are no straighter than one that counts as 1."""


def straight_edges(rgb: Tensor) -> Tensor:
    """How strong and straight the edges around each place are: 1x3xHxW -> 1x1xHxW from 0 to 1.

    By the structure tensor, which is the mean of the gradient's outer product over a window (Bigün and Granlund 1987):
    near a straight edge one of its eigenvalues is 0, in texture, at corners and in grain both are alike.
    """
    smooth = blurred(rgb, DETAIL)
    padded = F.pad(smooth, (1, 1, 1, 1), mode="replicate")
    across = (padded[..., 1:-1, 2:] - padded[..., 1:-1, :-2]) / 2
    down = (padded[..., 2:, 1:-1] - padded[..., :-2, 1:-1]) / 2
    products = torch.stack([(a * b).sum(1) for a, b in ((across, across), (down, down), (across, down))], 1)
    xx, yy, xy = blurred(products, REACH).transpose(0, 1)[:, :, None]
    energy, apart = xx + yy, ((xx - yy).square() + 4 * xy.square()).sqrt()  # of both eigenvalues; between them
    strength = energy.sqrt() * (apart / energy.clamp_min(1e-12)).square()
    share: Tensor = strength / strength.quantile(STRONGEST).clamp_min(1e-6)
    return share.clamp(0, 1)


def blurred(image: Tensor, deviation: float) -> Tensor:
    """Gaussian blur of NxCxHxW, edges replicated; deviation: standard deviation in pixels."""
    radius = math.ceil(3 * deviation)
    places = torch.arange(-radius, radius + 1, dtype=image.dtype)
    kernel = (-places.square() / (2 * deviation**2)).exp()
    kernel = (kernel / kernel.sum()).expand(image.shape[1], 1, 1, -1)
    padded = F.pad(image, (radius, radius, radius, radius), mode="replicate")
    rows = F.conv2d(padded, kernel, groups=image.shape[1])
    return F.conv2d(rows, kernel.transpose(2, 3), groups=image.shape[1])
