"""Images as waves: what the map promises, by hand, and the way that L-BFGS takes in it against PyTorch's."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from nst.painting.optimizers import lbfgs
from nst.painting.room import EVERYTHING
from nst.painting.spectral_basis import SpectralBasis
from nst.recipe import Recipe

SHAPES = pytest.mark.parametrize("shape", [(1, 3, 8, 12), (1, 3, 7, 12), (1, 3, 12, 7), (2, 1, 9, 9)])


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@SHAPES
def test_there_and_back_again(shape: tuple[int, ...]) -> None:
    image = noise(*shape)
    basis = SpectralBasis(image, 0.5)
    torch.testing.assert_close(basis.image(basis.coordinates(image)), image)


@SHAPES
def test_the_gradient_is_that_of_autograd(shape: tuple[int, ...]) -> None:
    coordinates, other = noise(*shape).requires_grad_(), noise(*shape, seed=1)
    basis = SpectralBasis(other, 0.5)
    expected = torch.autograd.grad((basis.image(coordinates).square() * other).sum(), coordinates)[0]
    actual = basis.gradient(2 * basis.image(coordinates) * other)
    torch.testing.assert_close(actual, expected)


@SHAPES
def test_a_single_pixel_is_spread_without_loss(shape: tuple[int, ...]) -> None:
    """The mean square of A is the sum of squares of what a single 1 becomes (Parseval)."""
    single = torch.zeros(shape, dtype=torch.float64)
    single[0, 0, 2, 3] = 1
    assert SpectralBasis(single, 0.5).image(single).square().sum().item() == pytest.approx(1)


@pytest.mark.parametrize("decay", [0.25, 1.0])
def test_a_wave_counts_less_by_a_power_of_its_frequency(decay: float) -> None:
    """Cycles over the long side, here 16: four across the width count as four, two down the height of 8 as four too."""
    along = torch.arange(16, dtype=torch.float64) * 2 * math.pi / 16
    down = torch.arange(8, dtype=torch.float64)[:, None] * 2 * math.pi / 8
    once, four = ((n * along).cos().expand(1, 1, 8, 16) for n in (1, 4))
    twice_down = (2 * down).cos().expand(1, 1, 8, 16)
    basis = SpectralBasis(once, decay)
    strength = [(basis.image(wave) / wave).flatten()[0].item() for wave in (once, four, twice_down)]
    assert strength[1] / strength[0] == pytest.approx(4**-decay)
    assert strength[2] == pytest.approx(strength[1])


def test_without_a_decay_it_is_the_image() -> None:
    image = noise(1, 3, 6, 10)
    torch.testing.assert_close(SpectralBasis(image, 0.0).coordinates(image), image)


def test_l_bfgs_takes_the_way_of_pytorchs_in_the_coordinates() -> None:
    """A function of the image with minima of unlike steepness; `torch.optim.LBFGS` moves z of x(z)."""
    start, aim = noise(1, 3, 6, 8), noise(1, 3, 6, 8, seed=1)
    basis, steepness = SpectralBasis(start, 0.5), torch.linspace(1, 30, 8, dtype=torch.float64)

    def value(image: Tensor) -> Tensor:
        return ((image - aim).square() * steepness).sum()

    coordinates, expected = basis.coordinates(start).requires_grad_(), []
    theirs = torch.optim.LBFGS([coordinates], lr=1, max_iter=1, history_size=20, tolerance_grad=0, tolerance_change=-1)

    def closure() -> Tensor:
        theirs.zero_grad()
        loss = value(basis.image(coordinates))
        loss.backward()
        expected.append(loss.item())
        return loss

    pixels, values = start.clone().requires_grad_(), []
    optimizer = lbfgs(pixels, Recipe(spectral_decay=0.5), EVERYTHING)
    for _ in range(12):
        theirs.step(closure)
        loss = value(pixels)
        values.append(loss.item())
        optimizer.step(torch.autograd.grad(loss, pixels)[0])
    assert values == pytest.approx(expected, rel=1e-6)
