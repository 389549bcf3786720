"""Max-pooling and its gradient against PyTorch's own."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from nst.network import pooling
from nst.network.pooling import MaxPool


def few_values(shape: tuple[int, ...], dtype: torch.dtype, layout: torch.memory_format) -> Tensor:
    """0 in half of all places, as a ReLU leaves it, else one of four numbers: many windows have several maxima."""
    x = torch.randint(-4, 5, shape, generator=torch.Generator().manual_seed(0)).relu() / 3
    return x.to(dtype).contiguous(memory_format=layout)


def pooled(x: Tensor) -> Tensor:
    return MaxPool.apply(x)  # type: ignore[no-any-return]


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("shape", [(1, 3, 2, 2), (2, 5, 8, 6), (1, 4, 7, 10), (1, 4, 10, 7), (2, 3, 3, 5)])
@pytest.mark.parametrize("band", [1, 200, 1 << 20])
def test_it_is_pytorchs_and_of_equal_maxima_the_first_has_the_gradient(
    dtype: torch.dtype,
    layout: torch.memory_format,
    shape: tuple[int, ...],
    band: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pooling, "BAND_BYTES", band)
    x = few_values(shape, dtype, layout).requires_grad_()
    ours, theirs = pooled(x), F.max_pool2d(x, 2)
    assert torch.equal(ours, theirs)
    grad = torch.randn(theirs.shape, generator=torch.Generator().manual_seed(1)).to(dtype)
    grad = grad.contiguous(memory_format=layout)
    actual, expected = (torch.autograd.grad(y, x, grad)[0] for y in (ours, theirs))
    assert torch.equal(actual, expected)
    assert actual.is_contiguous(memory_format=layout)


def test_a_maximum_of_infinity_or_no_number_is_found() -> None:
    """But for a NaN with a sign, which counts as less than any number: `Objective` looks at the pixels themselves."""
    for worst in (torch.inf, torch.nan):
        x = torch.zeros(1, 1, 4, 4, dtype=torch.bfloat16)
        x[0, 0, 2, 1] = worst
        assert pooled(x)[0, 0].tolist()[0] == [0, 0]
        assert not pooled(x)[0, 0, 1, 0].isfinite()


def test_places_are_not_kept() -> None:
    x = torch.rand(1, 2, 4, 4, requires_grad=True)
    kept: list[Tensor] = []

    def keep(t: Tensor) -> Tensor:
        kept.append(t)
        return t

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda t: t):
        pooled(x)
    assert [t.data_ptr() for t in kept] == [x.data_ptr()]


def test_a_device_that_holds_no_numbers_is_enough() -> None:
    x = torch.rand(1, 2, 5, 4, device="meta", requires_grad=True)
    assert torch.autograd.grad(pooled(x).sum(), x)[0].shape == x.shape
