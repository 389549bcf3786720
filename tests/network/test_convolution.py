"""Frozen convolutions against PyTorch's own."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

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
