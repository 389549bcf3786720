"""The errors with their written-out gradients, against the losses that they are and finite differences."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from nst.painting.losses import Moments, moments, mse
from nst.painting.moment_errors import moment_errors


def noise(*shape: int, seed: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def aims(style: Moments, which: str) -> tuple[Tensor, ...]:
    return (style.gram,) if which == "gram" else (style.mean, style.covariance)


EACH = pytest.mark.parametrize("which", ["gram", "mean and covariance"])


@EACH
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_the_gradient_is_that_of_finite_differences(which: str, layout: torch.memory_format) -> None:
    features = noise(1, 3, 4, 5, seed=1).contiguous(memory_format=layout).requires_grad_()
    style = aims(moments(noise(1, 3, 6, 6, seed=2)), which)
    weights = (0.3, 1.7)

    def loss(f: Tensor) -> Tensor:
        errors = moment_errors(f, *style)
        return torch.stack([error * weight for error, weight in zip(errors, weights, strict=False)]).sum()

    assert torch.autograd.gradcheck(loss, features)


@EACH
@pytest.mark.parametrize(
    ("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 1e-4), (torch.bfloat16, 0.02)]
)
@pytest.mark.parametrize("side", [9, 40])
def test_they_are_the_mean_squared_errors_of_the_moments(
    which: str, dtype: torch.dtype, tolerance: float, side: int
) -> None:
    """Values and gradients; 40x40 places are enough for bfloat16's sums to be taken in chunks.

    A bfloat16 feature is off by up to 0.4 %, a sum of many by less.
    """
    exact = noise(1, 24, side, side, seed=3).relu().requires_grad_()
    style = aims(moments(noise(1, 24, 20, 20, seed=4).relu()), which)
    expected = [mse(value, aim) for value, aim in zip(aims(moments(exact), which), style, strict=True)]
    given = exact.detach().to(dtype).requires_grad_()
    actual = moment_errors(given, *(aim.to(torch.promote_types(dtype, torch.float32)) for aim in style))
    for ours, theirs in zip(actual, expected, strict=True):
        assert ours.item() == pytest.approx(theirs.item(), rel=tolerance)
    gradients = [torch.autograd.grad(sum(e), f)[0].double() for e, f in ((actual, given), (expected, exact))]  # type: ignore[arg-type]
    assert (gradients[0] - gradients[1]).norm() < tolerance * gradients[1].norm()


def test_one_channel_by_hand() -> None:
    """Values 1 and 3: mean 2, mean square 5, variance 1."""
    features = torch.tensor([[[[1.0, 3.0]]]])
    assert moment_errors(features, torch.tensor([[[1.0]]]))[0].item() == 16
    errors = moment_errors(features, torch.tensor([[5.0]]), torch.tensor([[[4.0]]]))
    assert [error.item() for error in errors] == [9, 9]
