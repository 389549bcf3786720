"""The losses against values derived by hand."""

import pytest
import torch
from torch import Tensor

from nst.painting.losses import (
    LEAST_VARIATION,
    Moments,
    covariance_unit,
    gram_matrix,
    mean_square,
    moments,
    mse,
    mse_beside,
    total_variation,
)


def test_gram_of_ones_is_one_everywhere() -> None:
    assert torch.equal(gram_matrix(torch.ones(1, 3, 4, 5)), torch.ones(1, 3, 3))


def test_gram_is_the_mean_of_products_over_positions() -> None:
    features = torch.tensor([[[[1.0, 2.0]], [[3.0, -4.0]]]])  # two channels at two positions
    expected = torch.tensor([[[(1 + 4) / 2, (3 - 8) / 2], [(3 - 8) / 2, (9 + 16) / 2]]])
    assert torch.equal(gram_matrix(features), expected)


def test_gram_of_channels_that_never_fire_together_is_diagonal() -> None:
    features = torch.eye(4).reshape(1, 4, 2, 2)
    assert torch.equal(gram_matrix(features), torch.eye(4)[None] / 4)


def test_gram_does_not_know_where_things_are() -> None:
    features = torch.randn(1, 8, 6, 7, dtype=torch.float64)
    shuffled = features.flatten(2)[:, :, torch.randperm(42)].reshape(1, 8, 6, 7)
    torch.testing.assert_close(gram_matrix(shuffled), gram_matrix(features), rtol=1e-13, atol=1e-13)


def test_gram_keeps_the_images_of_a_batch_apart() -> None:
    features = torch.randn(2, 3, 4, 4)
    torch.testing.assert_close(gram_matrix(features)[1:], gram_matrix(features[1:]))


def test_gram_of_bfloat16_sums_in_float32() -> None:
    features = torch.ones(1, 2, 100, 100, dtype=torch.bfloat16) * 0.5
    features[0, 1] = 1 / 256  # products of 2^-16 vanish beside large bfloat16 sums, and are exact in float32
    gram = gram_matrix(features)
    assert gram.dtype == torch.float32
    assert gram[0].tolist() == [[0.25, 0.5 / 256], [0.5 / 256, 1 / 256**2]]


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_gradient_of_gram_agrees_with_finite_differences(layout: torch.memory_format) -> None:
    features = torch.randn(2, 3, 4, 5, dtype=torch.float64).contiguous(memory_format=layout).requires_grad_()
    skew = torch.randn(2, 3, 3, dtype=torch.float64)  # no symmetry may be taken for granted
    assert torch.autograd.gradcheck(lambda f: (gram_matrix(f) * skew).sum(), features)


def test_mse_is_the_mean_of_squared_differences() -> None:
    assert mse(torch.tensor([1.0, 2.0, 3.0]), torch.tensor([1.0, 0.0, 0.0])).item() == pytest.approx((4 + 9) / 3)


@pytest.mark.parametrize("side", [20, 32, 33, 41, 513, 1024])
def test_moments_of_bfloat16_are_those_of_float64_to_three_digits(side: int) -> None:
    """In float32, in chunks with a rest and without, and in longer ones."""
    generator = torch.Generator().manual_seed(side)
    features = torch.randn(2, 24, side, 32, generator=generator).relu().bfloat16().requires_grad_()
    exact = features.detach().double().requires_grad_()
    weights = torch.randn(2, 24, 24, generator=generator), torch.randn(2, 24, generator=generator)
    gradients = []
    for given in (features, exact):
        actual = moments(given)
        loss = (actual.gram * weights[0].to(actual.gram.dtype)).sum() + (
            actual.mean * weights[1].to(actual.mean.dtype)
        ).sum()
        gradients.append(torch.autograd.grad(loss, given)[0].double())
    for part, expected in zip(moments(features), moments(exact), strict=True):
        assert part.dtype == torch.float32
        assert (part - expected).norm() < 1e-3 * expected.norm()
    assert (gradients[0] - gradients[1]).norm() < 1e-2 * gradients[1].norm()


def test_the_gradient_of_both_moments_is_exact() -> None:
    features = torch.randn(2, 3, 3, 2, dtype=torch.float64, requires_grad=True)

    def loss(f: Tensor) -> Tensor:
        actual = moments(f)
        return actual.mean.pow(3).sum() + actual.covariance.pow(3).sum()

    assert torch.autograd.gradcheck(loss, features)


def test_mse_of_bfloat16_is_summed_in_float32() -> None:
    ones, twos = torch.ones(100_000, dtype=torch.bfloat16), torch.full((100_000,), 2.0)
    loss = mse(ones, twos)
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(1, rel=1e-5)  # a sum in bfloat16 would stay at 256


@pytest.mark.parametrize("shape", [(7,), (1, 3, 5, 4)])
def test_the_gradient_of_mse_is_that_of_finite_differences(shape: tuple[int, ...]) -> None:
    generator = torch.Generator().manual_seed(0)
    value, target = (torch.randn(shape, dtype=torch.float64, generator=generator) for _ in range(2))
    assert torch.autograd.gradcheck(mse, (value.requires_grad_(), target))


def test_a_weighted_mse_counts_each_place_by_its_weight() -> None:
    value, target = torch.tensor([[[[1.0, 2.0]], [[3.0, 0.0]]]]), torch.zeros(1, 2, 1, 2)  # two channels, two places
    weight = torch.tensor([[[[0.5, 1.5]]]])
    assert mse_beside(value, target, weight)[1].item() == pytest.approx((0.5 * (1 + 9) + 1.5 * 4) / 4)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
def test_weights_of_one_are_no_weights(dtype: torch.dtype) -> None:
    generator = torch.Generator().manual_seed(0)
    value, target = (torch.randn(1, 5, 6, 7, generator=generator).to(dtype) for _ in range(2))
    value.requires_grad_()
    plain, weighted = mse(value, target), mse_beside(value, target, torch.ones(1, 1, 6, 7))[1]
    assert weighted.dtype == plain.dtype
    torch.testing.assert_close(weighted, plain)
    torch.testing.assert_close(*(torch.autograd.grad(loss, value)[0] for loss in (weighted, plain)))


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_the_gradient_of_a_weighted_mse_is_that_of_finite_differences(layout: torch.memory_format) -> None:
    generator = torch.Generator().manual_seed(0)
    value, target = (
        torch.randn(2, 3, 4, 5, dtype=torch.float64, generator=generator).contiguous(memory_format=layout)
        for _ in range(2)
    )
    weight = torch.rand(1, 1, 4, 5, dtype=torch.float64, generator=generator)
    assert torch.autograd.gradcheck(lambda *given: mse_beside(*given)[1], (value.requires_grad_(), target, weight))


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_gradient_of_what_is_made_beside_an_error_is_added_to_the_errors(
    dtype: torch.dtype, weighted: bool
) -> None:
    generator = torch.Generator().manual_seed(0)
    value, target, other = (torch.randn(1, 5, 6, 7, generator=generator).to(dtype) for _ in range(3))
    weight = torch.rand(1, 1, 6, 7, generator=generator) if weighted else None
    value.requires_grad_()

    def gradient(loss: Tensor) -> Tensor:
        return torch.autograd.grad(loss, value)[0]

    def both() -> tuple[Tensor, Tensor]:
        same, error = mse_beside(value, target, weight)
        assert torch.equal(same, value)
        return (same * other).sum(), error

    kept = other.clone()
    alone = gradient(both()[1])
    assert torch.equal(alone, gradient(mse_beside(value, target, weight)[1]))
    assert torch.equal(gradient(both()[0]), other)
    torch.testing.assert_close(gradient(sum(both(), value.new_zeros(()))), alone + other)
    assert torch.equal(other, kept)


def test_a_gradient_that_others_have_too_is_not_overwritten() -> None:
    value, given = torch.ones(1, 2, 2, 2, requires_grad=True), torch.ones(1, 2, 2, 2)
    outputs = mse_beside(value, torch.zeros(1, 2, 2, 2))
    (gradient,) = torch.autograd.grad(outputs, value, (given, torch.tensor(4.0)))
    assert torch.equal(gradient, torch.full_like(given, 2))
    assert torch.equal(given, torch.ones_like(given))


def test_mean_square_makes_a_value_of_zeros_count_one() -> None:
    target = torch.tensor([3.0, 4.0])
    assert mean_square(target).item() == 12.5
    assert mse(torch.zeros(2), target) / mean_square(target) == 1


def test_mean_square_of_zeros_can_be_divided_by() -> None:
    assert torch.isfinite(mse(torch.zeros(2), torch.zeros(2)) / mean_square(torch.zeros(2)))


def test_total_variation_of_a_flat_image_is_zero() -> None:
    assert total_variation(torch.full((1, 3, 5, 5), 0.7)).item() == 0


def test_total_variation_of_a_checkerboard_is_two() -> None:
    board = (torch.arange(6)[:, None] + torch.arange(8)) % 2
    assert total_variation(board.float().expand(1, 3, 6, 8)).item() == 2


def test_total_variation_averages_each_direction_over_its_own_pairs() -> None:
    image = torch.tensor([[[[0.0, 1.0, 3.0], [2.0, 1.0, 1.0]]]])
    down, right = (4 + 0 + 4) / 3, (1 + 4 + 1 + 0) / 4
    assert total_variation(image).item() == pytest.approx(down + right)


def test_total_variation_of_what_wraps_around_counts_opposite_sides_as_neighbours() -> None:
    image = torch.tensor([[[[0.0, 1.0, 3.0], [2.0, 1.0, 1.0]]]])
    down, right = 2 * (4 + 0 + 4) / 6, ((1 + 4 + 9) + (1 + 0 + 1)) / 6
    assert total_variation(image, wrap=True).item() == pytest.approx(down + right)


def varying(variance: float) -> Moments:
    """One channel of mean 1, whose Gram matrix is 1 and the variance."""
    return Moments(torch.ones(1, 1, dtype=torch.float64), torch.full((1, 1, 1), 1 + variance, dtype=torch.float64))


@pytest.mark.parametrize("variance", [10.0, 0.5, 0.2])
def test_the_unit_of_a_covariance_is_its_own_mean_square(variance: float) -> None:
    assert covariance_unit(varying(variance)) == mean_square(varying(variance).covariance)


def test_the_less_a_style_varies_the_more_it_is_the_gram_matrixs() -> None:
    share = LEAST_VARIATION**2 / 0.05**2  # of the Gram matrix's mean square, 1.05^2, where the variance is 0.05
    assert covariance_unit(varying(0.05)).item() == pytest.approx(share * 1.05**4)
    for variance in (1e-3, 0.0):
        assert covariance_unit(varying(variance)).item() == pytest.approx((1 + variance) ** 2)
