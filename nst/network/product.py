"""Features times a matrix of their channels, by the fastest kernel that the device has for that."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor


def product(features: Tensor, matrix: Tensor, constant: Tensor, beside: Tensor | None = None) -> Tensor:
    """F M + c, and + B where that is given: NxPxC, a symmetric NxCxC, NxC, NxPxC -> NxPxC, all of one precision.

    It has no gradient of its own.  `baddbmm` writes the constant to all positions first, and then reads it again.  The
    operator that PyTorch's own compiler has for linear layers adds both to what is still in the registers; it is as
    private as those of `nst.network.convolution`.
    """
    if features.device.type == "cpu" and len(features) == 1 and onednn_multiplies(features.dtype):
        return _by_onednn(features, matrix[0], constant[0], beside)
    y = torch.baddbmm(constant[:, None], features, matrix)
    return y if beside is None else y.add_(beside)


def _by_onednn(x: Tensor, weight: Tensor, bias: Tensor, beside: Tensor | None) -> Tensor:
    linear = torch.ops.mkldnn._linear_pointwise
    y: Tensor = (
        linear(x, weight, bias, "none", [], "") if beside is None else linear.binary(x, beside, weight, bias, "add")
    )
    return y


@cache
def onednn_multiplies(dtype: torch.dtype) -> bool:
    """False where oneDNN or its operator is missing, and for what it doesn't compute."""
    if dtype not in (torch.bfloat16, torch.float32):
        return False
    try:
        x, weight, bias = (torch.zeros(shape, dtype=dtype) for shape in ((1, 32, 32), (32, 32), (32,)))
        _by_onednn(x, weight, bias, _by_onednn(x, weight, bias, None))
    except (AttributeError, RuntimeError):
        return False
    return True
