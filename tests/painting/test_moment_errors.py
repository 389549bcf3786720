"""The errors with their written-out gradients, against the losses that they are and finite differences."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from nst.painting.losses import Moments, moments, mse
from nst.painting.moment_errors import moment_errors_beside


def noise(*shape: int, seed: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def aims(style: Moments, which: str) -> tuple[Tensor, ...]:
    return (style.gram,) if which == "gram" else (style.mean, style.covariance)


EACH = pytest.mark.parametrize("which", ["gram", "mean and covariance"])


@EACH
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize(("channels", "height"), [(3, 4), (9, 1)])
def test_the_gradient_is_that_of_finite_differences(
    which: str, layout: torch.memory_format, channels: int, height: int
) -> None:
    """Of more and of fewer positions than channels."""
    features = noise(1, channels, height, 4, seed=1).contiguous(memory_format=layout).requires_grad_()
    style = aims(moments(noise(1, channels, 6, 6, seed=2)), which)
    weights = (0.3, 1.7)

    def loss(f: Tensor) -> Tensor:
        errors = moment_errors_beside(f, *style)[1]
        return torch.stack([error * weight for error, weight in zip(errors, weights, strict=False)]).sum()

    assert torch.autograd.gradcheck(loss, features)


@EACH
@pytest.mark.parametrize(
    ("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 1e-4), (torch.bfloat16, 0.02)]
)
@pytest.mark.parametrize(("side", "channels"), [(9, 24), (40, 24), (3, 24), (7, 128)])
def test_they_are_the_mean_squared_errors_of_the_moments(
    which: str, dtype: torch.dtype, tolerance: float, side: int, channels: int
) -> None:
    """Values and gradients; 40x40 places are enough for bfloat16's sums to be taken in chunks, 3x3 and 7x7 are few
    beside their channels, and 7x7 are multiplied in bfloat16.

    A bfloat16 feature is off by up to 0.4 %, a sum of many by less.
    """
    exact = noise(1, channels, side, side, seed=3).relu().requires_grad_()
    style = aims(moments(noise(1, channels, 20, 20, seed=4).relu()), which)
    expected = [mse(value, aim) for value, aim in zip(aims(moments(exact), which), style, strict=True)]
    given = exact.detach().to(dtype).requires_grad_()
    _, actual = moment_errors_beside(given, *(aim.to(torch.promote_types(dtype, torch.float32)) for aim in style))
    for ours, theirs in zip(actual, expected, strict=True):
        assert ours.item() == pytest.approx(theirs.item(), rel=tolerance)
    gradients = [torch.autograd.grad(sum(e), f)[0].double() for e, f in ((actual, given), (expected, exact))]  # type: ignore[arg-type]
    assert (gradients[0] - gradients[1]).norm() < tolerance * gradients[1].norm()


def test_one_channel_by_hand() -> None:
    """Values 1 and 3: mean 2, mean square 5, variance 1."""
    features = torch.tensor([[[[1.0, 3.0]]]])
    assert moment_errors_beside(features, torch.tensor([[[1.0]]]))[1][0].item() == 16
    errors = moment_errors_beside(features, torch.tensor([[5.0]]), torch.tensor([[[4.0]]]))[1]
    assert [error.item() for error in errors] == [9, 9]


@EACH
@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
@pytest.mark.parametrize(("side", "channels"), [(9, 24), (3, 24)])
def test_the_gradient_of_what_else_is_made_of_the_features_is_added(
    which: str, dtype: torch.dtype, side: int, channels: int
) -> None:
    """To a rounding of a value of each gradient or of their sum, and without writing over a tensor that others have."""
    features = noise(1, channels, side, side, seed=5).relu().to(dtype).requires_grad_()
    other = noise(1, channels, side, side, seed=6).to(dtype)
    style = [
        aim.to(torch.promote_types(dtype, torch.float32))
        for aim in aims(moments(noise(1, channels, 9, 9, seed=7)), which)
    ]

    def gradient(of_beside: Tensor | None, of_errors: float | None) -> Tensor:
        beside, errors = moment_errors_beside(features, *style)
        assert torch.equal(beside, features)
        asked = [(beside, of_beside)] if of_beside is not None else []
        asked += [(error, torch.full_like(error, of_errors)) for error in errors] if of_errors else []
        outputs, given = zip(*asked, strict=True)
        return torch.autograd.grad(outputs, features, given)[0]

    kept = other.clone()
    alone, both = gradient(None, 3.0), gradient(other, 3.0)
    assert torch.equal(gradient(other, None), other)
    rounding = 3 * torch.finfo(dtype).eps * max(float(t.abs().max()) for t in (alone, other, both))
    torch.testing.assert_close(both, alone + other, rtol=0, atol=rounding)
    assert torch.equal(other, kept)
