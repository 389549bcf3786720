"""The sliced Wasserstein distance, held against distributions whose distance is known."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from nst.painting.quantile_distance import QuantileDistance
from nst.painting.wasserstein import (
    DIRECTIONS,
    QUANTILES,
    directions,
    mixed_quantiles,
    quantile_table,
    resampled,
)


def noise(channels: int, height: int, width: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(1, channels, height, width, generator=generator, dtype=torch.float64)


def distance(features: Tensor, style: Tensor, *, relative: bool = False) -> float:
    _, (error,) = QuantileDistance(quantile_table(style), 1.0, relative=relative)(features, None)
    return float(error)


def test_directions_are_orthonormal_and_always_the_same() -> None:
    many = directions(200, torch.device("cpu"), torch.float64)
    assert many.shape == (200, DIRECTIONS)
    torch.testing.assert_close(many.T @ many, torch.eye(DIRECTIONS, dtype=torch.float64))
    directions.cache_clear()
    assert torch.equal(many, directions(200, torch.device("cpu"), torch.float64))


def test_places_do_not_matter() -> None:
    style = noise(5, 6, 7)
    shuffled = style.flatten(2)[..., torch.randperm(42, generator=torch.Generator().manual_seed(1))].view(1, 5, 6, 7)
    assert distance(shuffled, style) == pytest.approx(0, abs=1e-30)


def test_a_shift_counts_with_its_square() -> None:
    """Along orthonormal directions that span the space, squared lengths of a shift add up to its own."""
    style, shift = noise(5, 6, 7), torch.tensor([1.0, -2.0, 0.5, 0.0, 3.0], dtype=torch.float64)
    assert distance(style + shift.view(1, 5, 1, 1), style) == pytest.approx(float(shift.square().sum()) / 5)


def test_one_channel_is_compared_quantile_by_quantile() -> None:
    style, picture = torch.tensor([0.0, 1.0, 5.0]), torch.tensor([7.0, 2.0, 0.0])
    expected = ((0 - 0) ** 2 + (2 - 1) ** 2 + (7 - 5) ** 2) / 3
    assert distance(picture.view(1, 1, 1, 3), style.view(1, 1, 1, 3)) == pytest.approx(expected)


def test_relative_is_1_where_all_features_are_the_styles_mean() -> None:
    style = noise(3, 8, 8)
    flat = style.mean((2, 3), keepdim=True).expand(1, 3, 8, 8)
    assert distance(flat, style, relative=True) == pytest.approx(1)


def test_a_style_of_one_color_does_not_count_without_bound() -> None:
    style, black = torch.full((1, 3, 8, 8), 0.5), torch.zeros(1, 3, 8, 8)
    assert distance(black, style, relative=True) == pytest.approx(1)


def test_other_numbers_of_places_are_compared_on_straight_lines_between_quantiles() -> None:
    ordered = torch.tensor([[0.0, 1.0]])
    torch.testing.assert_close(resampled(ordered, 4), torch.tensor([[0.0, 0.25, 0.75, 1.0]]))
    torch.testing.assert_close(resampled(resampled(ordered, 4), 2), torch.tensor([[0.125, 0.875]]))
    assert resampled(ordered, 2) is ordered


def test_of_a_large_style_so_many_quantiles_are_kept() -> None:
    table = quantile_table(noise(2, 80, 80))
    assert table.shape == (2, QUANTILES)
    assert bool((table.diff() >= 0).all())


def test_a_mixture_is_that_of_a_picture_made_of_both() -> None:
    first, second = noise(4, 10, 30, seed=1), 1 + noise(4, 10, 10, seed=2)
    both = quantile_table(torch.cat((first, second), 3))
    mixed = mixed_quantiles([quantile_table(first), quantile_table(second)], (0.75, 0.25))
    moved = (resampled(mixed, 400) - both).abs().mean(1)  # from each place to that of the same rank
    assert bool((moved < 4 / 400).all())  # values lie within 2 or so, and 300 quantiles stand for 400 places


def test_of_a_style_with_all_of_the_share_the_mixture_is_its_own() -> None:
    first, second = (quantile_table(noise(4, 5, 5, seed)) for seed in (1, 2))
    assert mixed_quantiles([first, second], (0.0, 1.0)) is second


def test_only_places_inside_the_guide_count() -> None:
    features, guide = noise(3, 6, 8), torch.zeros(1, 1, 6, 8, dtype=torch.float64)
    guide[..., :3] = 1
    torch.testing.assert_close(quantile_table(features, guide), quantile_table(features[..., :3]))
    _, (error,) = QuantileDistance(quantile_table(features[..., :3]), 1.0, relative=False)(features, guide)
    assert float(error) == pytest.approx(0, abs=1e-30)


def test_a_gray_guide_means_what_a_white_one_does() -> None:
    features, guide = noise(3, 6, 8), torch.zeros(1, 1, 6, 8, dtype=torch.float64)
    guide[..., :3] = torch.tensor([0.3, 0.25, 0.2])
    guide[..., 3] = 0.1  # less than half of the most
    torch.testing.assert_close(quantile_table(features, guide), quantile_table(features[..., :3]))


def test_where_a_guide_is_nowhere_all_places_count() -> None:
    features = noise(3, 4, 4)
    torch.testing.assert_close(quantile_table(features, torch.zeros(1, 1, 4, 4)), quantile_table(features))


class WideOnDevice(TorchDispatchMode):
    """Notes what makes float64 numbers on the device "meta", which stands for one that has none."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if isinstance(result, Tensor) and result.is_meta and result.dtype == torch.float64:
            self.seen.append(str(func))
        return result


def test_nothing_is_in_float64_on_a_device_that_may_not_have_it() -> None:
    style, features = (torch.empty(1, 3, side, side, device="meta") for side in (5, 6))
    with WideOnDevice() as wide:
        _, (error,) = QuantileDistance(quantile_table(style), 1.0, relative=False)(features, None)
        assert wide.seen == []
        error.double()
    assert wide.seen != []


def test_the_gradient_is_that_of_finite_differences() -> None:
    style, features = noise(3, 4, 5, seed=1), noise(3, 3, 4, seed=2).requires_grad_()
    error = QuantileDistance(quantile_table(style), 2.0, relative=True)
    assert torch.autograd.gradcheck(lambda x: error(x, None)[0], features)
