"""How a gradient moves the pixels: Adam and L-BFGS, with one signature."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import torch
from torch import Tensor

from ..recipe import OptimizerName, Recipe
from .lbfgs import LBFGS
from .spectral_basis import SpectralBasis

HISTORY = 20
"""Steps that L-BFGS remembers, each as large as two images: pictures are as good as with 100."""

Update = Callable[[Tensor], None]
"""Moves the pixels in place, given the gradient where they are, 1x3xHxW."""


def adam(pixels: Tensor, recipe: Recipe) -> Update:
    """Adam (Kingma and Ba 2014).  Pixels are kept in [0, 1] after each step."""
    rate, on_cuda = recipe.step_length, pixels.is_cuda
    optimizer = torch.optim.Adam([pixels], lr=rate, betas=(0.9, 0.99), fused=True, capturable=on_cuda)

    def update(gradient: Tensor) -> None:
        pixels.grad = gradient
        optimizer.step()
        with torch.no_grad():
            pixels.clamp_(0, 1)

    return update


def lbfgs(pixels: Tensor, recipe: Recipe) -> Update:
    """L-BFGS as Gatys et al. use it, one iteration and one evaluation a step, on the pixels or on their waves.

    Pixels are not clamped between steps, which would falsify the curvature that the method has gathered.
    """
    if not recipe.spectral_decay:
        return LBFGS(pixels, recipe.step_length, HISTORY).step
    basis = SpectralBasis(pixels, recipe.spectral_decay)
    coordinates = basis.coordinates(pixels.detach())
    optimizer = LBFGS(coordinates, recipe.step_length, HISTORY)

    def update(gradient: Tensor) -> None:
        optimizer.step(basis.gradient(gradient))
        with torch.no_grad():
            pixels.copy_(basis.image(coordinates))

    return update


OPTIMIZERS: Mapping[OptimizerName, Callable[[Tensor, Recipe], Update]] = MappingProxyType(
    {"adam": adam, "lbfgs": lbfgs}
)
