"""What a device multiplies at most, by a large matrix product, and what a step multiplies."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from nst.taps import LAYERS

from .clock import TimedCall

SIDES = (2048, 4096)
"""Rows and columns of the products: which of them reaches more differs from one processor to the next."""

GPU_SIDES = (*SIDES, 8192)
"""A GPU is through the others before all of it is at work."""


def products(device: torch.device, dtype: torch.dtype) -> dict[int, TimedCall]:
    """Side -> a product of square matrices of that side, always into the same memory."""

    def product(side: int) -> TimedCall:
        factor = torch.randn(side, side, device=device).to(dtype)
        into = torch.empty_like(factor)
        return lambda: torch.mm(factor, factor, out=into)

    return {side: product(side) for side in (GPU_SIDES if device.type == "cuda" else SIDES)}


def best_rate(seconds: Mapping[int, float]) -> float:
    """Operations per second, multiplications and additions, of the better of the products; seconds: by side."""
    return max(2 * side**3 / taken for side, taken in seconds.items())


def step_operations(size: int) -> float:
    """Multiplications and additions of the convolutions of a step at size x size px, there and back."""
    return 2 * sum(2 * 9 * layer.in_channels * layer.out_channels * (size // layer.stride) ** 2 for layer in LAYERS)
