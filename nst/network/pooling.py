"""2x2 max-pooling behind a ReLU, whose backward pass finds the places of the maxima again instead of keeping them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

BAND_BYTES = 1 << 20
"""How much of a feature map is looked through at once on the CPU: with what is made of it, it stays in the cache."""

_INTEGERS = {2: torch.int16, 4: torch.int32, 8: torch.int64}


class MaxPool(torch.autograd.Function):
    """Of numbers that are not below 0, as a ReLU leaves them; what is left over at an odd side is in no window.

    PyTorch keeps the places as 64-bit numbers, as large together as all that is pooled in bfloat16; what is pooled is
    kept anyway.  Where several numbers of a window are its maximum, the first one has the gradient, as in PyTorch.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return max_pool(x)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        return max_pool_gradient(x, grad)


def max_pool(x: Tensor) -> Tensor:
    """NxCxHxW -> NxCxhxw, as `MaxPool` has it."""
    return _pooled(x) if x.device.type == "cpu" else F.max_pool2d(x, 2)


def max_pool_gradient(x: Tensor, grad: Tensor) -> Tensor:
    """The gradient for what was pooled, NxCxHxW, of that for the maxima, NxCxhxw."""
    if x.device.type == "cpu":
        return _gradient(x, grad)
    window: tuple[list[int], ...] = ([2, 2], [2, 2], [0, 0], [1, 1])
    _, places = torch.ops.aten.max_pool2d_with_indices(x, *window)
    of_input: Tensor = torch.ops.aten.max_pool2d_with_indices_backward(grad, x, *window, False, places)
    return of_input


def _pooled(x: Tensor) -> Tensor:
    height, width = (side // 2 * 2 for side in x.shape[2:])
    bits = _bits(x)[:, :, :height, :width]
    tall = torch.maximum(bits[:, :, 0::2], bits[:, :, 1::2])
    return torch.maximum(tall[..., 0::2], tall[..., 1::2]).view(x.dtype)


def _gradient(x: Tensor, grad: Tensor) -> Tensor:
    """Each window's gradient goes to its upper or lower row, wherever the larger maximum is, and there to one side."""
    height, width = (2 * side for side in grad.shape[2:])
    whole = torch.empty_like(x)
    whole[:, :, height:] = 0
    whole[..., width:] = 0
    inside, below = (_bits(t)[:, :, :height, :width] for t in (x, whole))
    rows = max(1, BAND_BYTES // max(1, 2 * x[:, :, :1].nbytes))
    for band, above, into in _bands(rows, inside, _bits(grad), below):
        left, right = band[..., 0::2], band[..., 1::2]
        larger = torch.maximum(left, right)
        of_row = torch.empty_like(larger)
        _share_out(above, larger[:, :, 0::2], larger[:, :, 1::2], (of_row[:, :, 0::2], of_row[:, :, 1::2]))
        _share_out(of_row, left, right, (into[..., 0::2], into[..., 1::2]))
    return whole


def _bands(rows: int, inside: Tensor, above: Tensor, below: Tensor) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Of so many rows of what is above, and twice as many of the others."""
    parts = ((inside, 2 * rows), (above, rows), (below, 2 * rows))
    return zip(*(torch.split(t, n, 2) for t, n in parts), strict=True)


def _share_out(grad: Tensor, first: Tensor, second: Tensor, into: tuple[Tensor, Tensor]) -> None:
    """The gradient to the larger one and 0 to the other; all are bits, of which none but the gradient's is negative."""
    of_first, of_second = into
    torch.ops.aten.threshold_backward.grad_input(grad, second - first, 0, grad_input=of_second)
    torch.sub(grad, of_second, out=of_first)


def _bits(x: Tensor) -> Tensor:
    """The same memory as whole numbers, by which numbers that are not negative are in the same order.

    Processors compare and subtract them as they are; bfloat16 they widen first.
    """
    return x.view(_INTEGERS[x.itemsize])
