"""How crisp a picture is beside another."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def crispness(ours: Tensor, theirs: Tensor) -> float:
    """Mean absolute Laplacian of the gray values of `ours` over that of `theirs`; both 1x3xHxW, of any sizes.

    1 is as crisp; less is blurred, more is noisy or has harder edges.
    """
    return _roughness(ours) / _roughness(theirs)


def _roughness(rgb: Tensor) -> float:
    laplacian = torch.tensor([[[[0.0, 1, 0], [1, -4, 1], [0, 1, 0]]]])
    return F.conv2d(rgb.mean(1, keepdim=True), laplacian).abs().mean().item()
