"""Frozen convolutions against PyTorch's own."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from nst.network import convolution as module
from nst.network.convolution import Convolution, without_tf32

ROUNDING = {torch.float64: 1e-14, torch.float32: 1e-5, torch.bfloat16: 1e-2}
"""Relative; float64 is by `F.conv2d` itself."""


def kernels(dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    weight, bias = torch.randn(24, 16, 3, 3, generator=generator) / 12, torch.randn(24, generator=generator)
    return weight.to(dtype), bias.to(dtype)


def assert_close(ours: Tensor, theirs: Tensor, dtype: torch.dtype) -> None:
    assert ours.dtype == dtype
    assert ours.shape == theirs.shape
    assert float((ours.double() - theirs).norm()) <= ROUNDING[dtype] * float(theirs.norm())


@pytest.mark.parametrize("dtype", list(ROUNDING))
@pytest.mark.parametrize("shape", [(1, 16, 9, 7), (2, 16, 32, 32), (1, 16, 70, 3)])
@pytest.mark.parametrize("padding", [0, 1, 2])
@pytest.mark.parametrize("packed", [True, False])
def test_it_is_pytorchs_convolution(dtype: torch.dtype, shape: tuple[int, ...], padding: int, packed: bool) -> None:
    weight, bias = kernels(dtype)
    x = torch.randn(shape, generator=torch.Generator().manual_seed(1)).to(dtype)
    x = x.contiguous(memory_format=torch.channels_last)
    convolution = Convolution.of(weight, bias)
    if not packed:
        convolution = Convolution(weight, bias, packed=False)
    expected = F.conv2d(x.double(), weight.double(), bias.double(), padding=padding)
    assert_close(convolution(x, padding), expected, dtype)
    assert_close(convolution.relu(x, padding), expected.relu(), dtype)
    without = F.conv2d(x.double(), weight.double(), padding=padding)
    assert_close(Convolution.of(weight, None)(x, padding), without, dtype)


@pytest.mark.parametrize("padding", [0, 1, 2])
def test_where_there_is_no_tf32_its_operator_is_pytorchs_convolution(padding: int) -> None:
    weight, bias = kernels(torch.float32)
    x = torch.randn(1, 16, 9, 7, generator=torch.Generator().manual_seed(1))
    x = x.contiguous(memory_format=torch.channels_last)
    for given in (bias, None):
        assert torch.equal(without_tf32(x, weight, given, padding), F.conv2d(x, weight, given, padding=padding))


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA here")
def test_on_cuda_float32_is_not_rounded_to_tf32_whatever_the_process_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    weight, bias = (part.cuda() for part in kernels(torch.float32))
    x = torch.randn(1, 16, 64, 64, generator=torch.Generator().manual_seed(1)).cuda()
    x = x.contiguous(memory_format=torch.channels_last)
    convolution, expected = Convolution.of(weight, bias), F.conv2d(x.double(), weight.double(), bias.double())
    assert_close(convolution(x, 0), expected, torch.float32)
    assert_close(convolution.relu(x, 0), expected.relu(), torch.float32)
    assert torch.backends.cudnn.allow_tf32


def test_weights_are_laid_out_where_onednn_takes_them() -> None:
    weight, bias = kernels(torch.float32)
    assert Convolution.of(weight, bias).packed == torch.backends.mkldnn.is_available()
    assert not Convolution.of(weight.double(), bias.double()).packed
    assert not Convolution.of(weight.to("meta"), bias.to("meta")).packed


def test_without_pytorchs_private_operators_it_is_its_public_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.ops, "mkldnn", object())
    weight, bias = kernels(torch.float32)
    convolution = Convolution.of(weight, bias)
    assert not convolution.packed
    x = torch.randn(1, 16, 8, 8, generator=torch.Generator().manual_seed(1))
    assert_close(convolution(x, 1), F.conv2d(x, weight, bias, padding=1), torch.float32)


class CudnnStandIn:
    """Takes what `torch.ops.aten.cudnn_convolution_relu` takes, on the CPU.

    wrong: gives another result.  refuses: inputs of this height.
    """

    def __init__(self, *, wrong: float = 0.0, refuses: int = 0) -> None:
        self.calls: list[tuple[object, ...]] = []
        self._wrong, self._refuses = wrong, refuses

    def __call__(self, x: Tensor, weight: Tensor, bias: Tensor, *rest: object) -> Tensor:
        stride, padding, dilation, groups = rest
        self.calls.append((x.shape[2], padding))
        assert (stride, dilation, groups) == ((1, 1), (1, 1), 1)
        assert x.is_contiguous(memory_format=torch.channels_last)
        assert weight.is_contiguous(memory_format=torch.channels_last)
        if x.shape[2] == self._refuses:
            raise RuntimeError("GET was unable to find an engine to execute this computation")
        assert isinstance(padding, tuple)
        return F.conv2d(x, weight, bias, padding=padding).relu() + self._wrong


def with_cudnn(monkeypatch: pytest.MonkeyPatch, stand_in: object) -> None:
    """As on a GPU that has the operator, for what oneDNN takes no weights of: float16."""
    monkeypatch.setattr(module, "_FUSING_DEVICE", "cpu")
    monkeypatch.setattr(torch.ops.aten, "cudnn_convolution_relu", stand_in)


def half_input(side: int) -> Tensor:
    x = torch.randn(1, 16, side, side, generator=torch.Generator().manual_seed(1)).half()
    return x.contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("padding", [0, 1, 2])
def test_cudnn_applies_the_relu_in_half_precision(monkeypatch: pytest.MonkeyPatch, padding: int) -> None:
    cudnn = CudnnStandIn()
    with_cudnn(monkeypatch, cudnn)
    weight, bias = kernels(torch.float16)
    convolution, x = Convolution.of(weight, bias), half_input(9)
    assert convolution.fused
    cudnn.calls.clear()
    assert torch.equal(convolution.relu(x, padding), F.conv2d(x, weight, bias, padding=padding).relu())
    assert cudnn.calls == [(9, (padding, padding))]
    assert torch.equal(convolution(x, padding), F.conv2d(x, weight, bias, padding=padding))
    assert len(cudnn.calls) == 1  # without a ReLU it is not asked


def test_cudnn_is_never_asked_in_float32_which_it_might_round_nor_without_a_bias(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cudnn = CudnnStandIn()
    with_cudnn(monkeypatch, cudnn)
    monkeypatch.setattr(torch.ops, "mkldnn", object())
    weight, bias = kernels(torch.float32)
    assert not Convolution.of(weight, bias).fused
    assert not Convolution.of(weight.half(), None).fused
    assert cudnn.calls == []


@pytest.mark.parametrize(
    "cudnn",
    [
        CudnnStandIn(refuses=module.TYPICAL_SIDE),
        CudnnStandIn(wrong=1.0),
        CudnnStandIn(wrong=float("nan")),
        torch.ops.aten.cudnn_convolution_relu,  # which does not run on a CPU
    ],
)
def test_where_cudnn_refuses_the_weights_or_errs_it_is_pytorchs_convolution(
    monkeypatch: pytest.MonkeyPatch, cudnn: object
) -> None:
    with_cudnn(monkeypatch, cudnn)
    weight, bias = kernels(torch.float16)
    convolution, x = Convolution.of(weight, bias), half_input(9)
    assert not convolution.fused
    assert torch.equal(convolution.relu(x, 1), F.conv2d(x, weight, bias, padding=1).relu())


def test_a_shape_that_cudnn_refuses_is_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    cudnn = CudnnStandIn(refuses=9)
    with_cudnn(monkeypatch, cudnn)
    weight, bias = kernels(torch.float16)
    convolution = Convolution.of(weight, bias)
    cudnn.calls.clear()
    for side in (9, 9, 8):
        x = half_input(side)
        assert torch.equal(convolution.relu(x, 1), F.conv2d(x, weight, bias, padding=1).relu())
    assert [side for side, _ in cudnn.calls] == [9, 8]


def test_cudnn_is_not_asked_for_what_must_be_the_same_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    cudnn = CudnnStandIn()
    with_cudnn(monkeypatch, cudnn)
    convolution = Convolution.of(*kernels(torch.float16))
    cudnn.calls.clear()
    monkeypatch.setattr(torch.backends.cudnn, "deterministic", True)
    convolution.relu(half_input(9), 1)
    assert cudnn.calls == []


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA here")
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("channels", [(3, 64), (64, 64), (256, 512)])
@pytest.mark.parametrize("side", [4, 33, 200])
def test_on_cuda_cudnns_relu_is_pytorchs_whatever_was_in_the_memory(
    dtype: torch.dtype, channels: tuple[int, int], side: int
) -> None:
    inward, outward = channels
    generator = torch.Generator().manual_seed(0)
    weight = torch.randn(outward, inward, 3, 3, generator=generator) / (9 * inward) ** 0.5
    x, bias = torch.randn(1, inward, side, side, generator=generator), torch.randn(outward, generator=generator)
    weight, x, bias = (t.to("cuda", dtype) for t in (weight, x, bias))
    x = x.contiguous(memory_format=torch.channels_last)
    convolution = Convolution.of(weight, bias)
    if inward > 3:
        assert convolution.fused  # or nothing is compared
    expected = F.conv2d(x.double(), weight.double(), bias.double(), padding=1).relu()
    torch.full_like(expected, torch.nan, dtype=dtype)
    actual = convolution.relu(x, 1)
    assert not convolution.refused
    assert float((actual.double() - expected).norm()) <= 0.01 * float(expected.norm())
    assert actual.is_contiguous(memory_format=torch.channels_last)
