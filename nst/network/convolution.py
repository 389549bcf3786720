"""3x3 convolutions whose weights never change, by the fastest kernel that the device has for that.

On a CPU oneDNN lays weights out anew at every call of `F.conv2d`, which at small sizes takes longer than to multiply
with them.  PyTorch's own compiler has operators that take weights laid out once, and that apply the ReLU to what is
still in the registers.  They are private to PyTorch, so they are called here and in `nst.network.product` alone, and
where they are missing or refuse the weights, `F.conv2d` does the same.

On CUDA `F.conv2d` adds the bias in a pass of its own, and the ReLU is another.  In half precision both are left to an
operator of cuDNN's, as private, which can do them while it writes its sums; where it refuses, `F.conv2d` goes on.

On CUDA `F.conv2d` rounds float32 to the 10 bits of TF32 unless a switch says otherwise that is the whole process's.
The operator behind it is told at each call: so "fp32" is what it says, as it is for targets by ONNX Runtime.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor

TYPICAL_SIDE = 32
"""Height and width that weights are laid out for.  A picture of another size gets the same result, at most slower; in
bf16 the layout has been seen to be the same for all."""

_ONES = (1, 1)

_FUSING_DEVICE, _FUSING_DTYPES = "cuda", (torch.bfloat16, torch.float16)

_AGREEMENT = 0.02
"""Relative: by how much two kernels of half precision may differ, each of which rounds by less than a hundredth."""


@dataclass(frozen=True, eq=False)
class Convolution:
    """A 3x3 convolution of stride 1.  Build it with `Convolution.of`; it has no gradient of its own.

    kernel: out x in x 3 x 3, as oneDNN wants it if it is packed.  bias: out, or None.  fused: cuDNN applies the ReLU,
    but for inputs of the shapes that it has refused.
    """

    kernel: Tensor
    bias: Tensor | None
    packed: bool
    fused: bool = False
    refused: set[torch.Size] = field(default_factory=set)

    @classmethod
    def of(cls, weight: Tensor, bias: Tensor | None) -> Convolution:
        """Of weights that are where and in the precision in which they are to be used."""
        weight = weight.contiguous(memory_format=torch.channels_last)
        packed = _packed(weight)
        if packed is not None:
            return cls(packed, bias, packed=True)
        return cls(weight, bias, packed=False, fused=_is_fused_well(weight, bias))

    def __call__(self, x: Tensor, padding: int) -> Tensor:
        """NxCxHxW -> NxDxhxw; padding: rows and columns of zeros on each side."""
        if self.packed:
            return self._by_onednn(x, padding, "none")
        return self._by_pytorch(x, padding)

    def relu(self, x: Tensor, padding: int) -> Tensor:
        """The same, and 0 where it is negative."""
        if self.packed:
            return self._by_onednn(x, padding, "relu")
        if self.fused and x.shape not in self.refused and not _is_to_be_deterministic():
            try:
                return self._by_cudnn(x, padding)
            except RuntimeError:
                self.refused.add(x.shape)
        return self._by_pytorch(x, padding).relu_()

    def _by_pytorch(self, x: Tensor, padding: int) -> Tensor:
        if x.is_cuda and x.dtype == torch.float32:
            return without_tf32(x, self.kernel, self.bias, padding)
        return F.conv2d(x, self.kernel, self.bias, padding=padding)

    def _by_onednn(self, x: Tensor, padding: int, then: str) -> Tensor:
        around = (padding, padding)
        y: Tensor = torch.ops.mkldnn._convolution_pointwise(
            x, self.kernel, self.bias, around, _ONES, _ONES, 1, then, [], ""
        )
        return y

    def _by_cudnn(self, x: Tensor, padding: int) -> Tensor:
        y: Tensor = torch.ops.aten.cudnn_convolution_relu(
            x, self.kernel, self.bias, _ONES, (padding, padding), _ONES, 1
        )
        return y


def without_tf32(x: Tensor, kernel: Tensor, bias: Tensor | None, padding: int) -> Tensor:
    """`F.conv2d` that never rounds to TF32; all other switches count as ever."""
    cudnn, around = torch.backends.cudnn, (padding, padding)
    deterministic = _is_to_be_deterministic()
    switches = {"benchmark": cudnn.benchmark, "deterministic": deterministic, "cudnn_enabled": cudnn.enabled}
    y: Tensor = torch.ops.aten._convolution.default(
        x, kernel, bias, _ONES, around, _ONES, False, (0, 0), 1, **switches, allow_tf32=False
    )
    return y


def _is_to_be_deterministic() -> bool:
    return bool(torch.backends.cudnn.deterministic or torch.are_deterministic_algorithms_enabled())


def _is_fused_well(weight: Tensor, bias: Tensor | None) -> bool:
    """False where cuDNN or its operator is missing, and for what it does not compute as `F.conv2d` does.

    The operator adds what is in the result's memory before, 0 times.  So that memory is left full of NaN here, none of
    which may be seen in the result.  Without a bias nothing is fused: zeros would be made for it at each call.
    """
    if weight.device.type != _FUSING_DEVICE or weight.dtype not in _FUSING_DTYPES or bias is None:
        return False
    waves = torch.linspace(0, 1000, weight.shape[1] * TYPICAL_SIDE**2, device=weight.device).sin().to(weight.dtype)
    x = waves.view(1, -1, TYPICAL_SIDE, TYPICAL_SIDE).contiguous(memory_format=torch.channels_last)
    expected = Convolution(weight, bias, packed=False).relu(x, 1)
    torch.full_like(expected, torch.nan)  # its memory is what the allocator gives out next
    try:
        actual = Convolution(weight, bias, packed=False, fused=True)._by_cudnn(x, 1)
    except (AttributeError, RuntimeError):
        return False
    error = (actual.float() - expected.float()).norm()
    return bool(error <= _AGREEMENT * expected.float().norm())  # which NaN is not


def _packed(weight: Tensor) -> Tensor | None:
    """None where oneDNN or its operators are missing, and for what they don't compute."""
    if weight.device.type != "cpu" or weight.dtype not in (torch.bfloat16, torch.float32):
        return None
    typical, smallest = ((1, weight.shape[1], side, side) for side in (TYPICAL_SIDE, 3))
    try:
        packed: Tensor = torch.ops.mkldnn._reorder_convolution_weight(weight, _ONES, _ONES, _ONES, 1, typical)
        trial = Convolution(packed, None, packed=True)
        trial.relu(weight.new_zeros(smallest), 1)
    except (AttributeError, RuntimeError):
        return None
    return packed
