"""Features times a matrix of their channels, by the fastest kernel that the device has for that."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor


def product(features: Tensor, matrix: Tensor, constant: Tensor) -> Tensor:
    """F M + c: NxPxC, a symmetric NxCxC, NxC -> NxPxC, all of one precision; it has no gradient of its own.

    `baddbmm` writes the constant to all positions first, and then reads it again.  The operator that PyTorch's own
    compiler has for linear layers adds it to what is still in the registers; it is as private as those of
    `nst.network.convolution`.
    """
    if features.device.type == "cpu" and len(features) == 1 and onednn_multiplies(features.dtype):
        return _by_onednn(features, matrix[0], constant[0])
    return torch.baddbmm(constant[:, None], features, matrix)


def _by_onednn(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    y: Tensor = torch.ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], "")
    return y


@cache
def onednn_multiplies(dtype: torch.dtype) -> bool:
    """False where oneDNN or its operator is missing, and for what it doesn't compute."""
    if dtype not in (torch.bfloat16, torch.float32):
        return False
    try:
        _by_onednn(*(torch.zeros(shape, dtype=dtype) for shape in ((1, 32, 32), (32, 32), (32,))))
    except (AttributeError, RuntimeError):
        return False
    return True
