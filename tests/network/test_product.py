"""Products with a constant against float64's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from nst.network.product import onednn_multiplies, product

ROUNDING = {torch.float64: 1e-14, torch.float32: 1e-5, torch.bfloat16: 1e-2}


def factors(dtype: torch.dtype, n: int = 1) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    features, matrix, constant = (torch.randn(n, *shape, generator=generator) for shape in ((70, 24), (24, 24), (24,)))
    return features.to(dtype), (matrix + matrix.mT).to(dtype), constant.to(dtype)


@pytest.fixture
def without_private_operators(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    onednn_multiplies.cache_clear()
    monkeypatch.setattr(torch.ops, "mkldnn", object())
    yield
    onednn_multiplies.cache_clear()


def assert_is_the_product(features: Tensor, matrix: Tensor, constant: Tensor) -> None:
    """Alone and with something to be added, which stays as it is."""
    other = 3 * features.flip(1)
    expected = features.double() @ matrix.double() + constant.double()[:, None]
    for beside, sum_ in ((None, expected), (other, expected + other.double())):
        actual = product(features, matrix, constant, beside)
        assert actual.dtype == features.dtype
        assert actual.shape == features.shape
        assert float((actual - sum_).norm()) <= ROUNDING[features.dtype] * float(sum_.norm())
    assert torch.equal(other, 3 * features.flip(1))


@pytest.mark.parametrize("dtype", list(ROUNDING))
@pytest.mark.parametrize("n", [1, 2])
def test_it_is_that_of_float64(dtype: torch.dtype, n: int) -> None:
    assert_is_the_product(*factors(dtype, n))


def test_onednn_multiplies_what_it_can() -> None:
    assert onednn_multiplies(torch.float32) == torch.backends.mkldnn.is_available()
    assert not onednn_multiplies(torch.float64)


def test_features_may_lie_in_any_layout() -> None:
    features, matrix, constant = factors(torch.float32)
    assert_is_the_product(features.mT.contiguous().mT, matrix, constant)


@pytest.mark.parametrize("dtype", list(ROUNDING))
@pytest.mark.usefixtures("without_private_operators")
def test_without_pytorchs_private_operator_it_is_the_same(dtype: torch.dtype) -> None:
    assert_is_the_product(*factors(dtype))


def test_a_device_that_holds_no_numbers_is_enough() -> None:
    assert product(*(t.to("meta") for t in factors(torch.bfloat16))).shape == (1, 70, 24)
