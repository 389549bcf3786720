"""How a gradient moves the pixels: Adam and L-BFGS, with one signature."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor

from ..recipe import Recipe
from .lbfgs import LBFGS
from .room import EVERYTHING, Room
from .spectral_basis import SpectralBasis
from .state import Saved, State


class Optimizer(Protocol):
    """Moves pixels in place, and carries what it learned from one step to the next."""

    def step(self, gradient: Tensor) -> None:
        """Move the pixels, given the gradient where they are, 1x3xHxW."""

    def state(self) -> State:
        """What it carries."""

    def load_state(self, saved: Saved) -> None:
        """Go on as the one that had this state, from where its pixels were.  Raises CheckpointError."""


class Adam:
    """Adam (Kingma and Ba 2014).  Pixels are kept in [0, 1] after each step."""

    def __init__(self, pixels: Tensor, rate: float) -> None:
        self._pixels = pixels
        self._adam = torch.optim.Adam([pixels], lr=rate, betas=(0.9, 0.99), fused=True, capturable=pixels.is_cuda)

    def step(self, gradient: Tensor) -> None:
        """Move the pixels, given the gradient where they are."""
        self._pixels.grad = gradient
        self._adam.step()
        with torch.no_grad():
            self._pixels.clamp_(0, 1)

    def state(self) -> State:
        """The two moments, and the steps behind them."""
        moments = self._adam.state[self._pixels]
        return {"steps": int(moments["step"]), "mean": moments["exp_avg"], "square": moments["exp_avg_sq"]}

    def load_state(self, saved: Saved) -> None:
        """Go on as the one that had this state.  Raises CheckpointError."""
        shape, steps = tuple(self._pixels.shape), saved.whole("steps", most=1 << 24)  # float32 counts no further
        self._adam.state[self._pixels] = {
            "step": torch.tensor(float(steps), dtype=torch.float32, device=self._pixels.device),
            "exp_avg": saved.tensor("mean", shape),
            "exp_avg_sq": saved.tensor("square", shape),
        }


class WaveLBFGS:
    """L-BFGS on a picture's waves."""

    def __init__(self, pixels: Tensor, recipe: Recipe, room: Room) -> None:
        self._pixels = pixels
        self._basis = SpectralBasis(pixels, recipe.spectral_decay)
        self._coordinates = self._basis.coordinates(pixels.detach())
        self._lbfgs = LBFGS(self._coordinates, recipe.step_length, room.history, room.precision)

    def step(self, gradient: Tensor) -> None:
        """Move the pixels, given the gradient where they are."""
        self._lbfgs.step(self._basis.gradient(gradient))
        with torch.no_grad():
            self._pixels.copy_(self._basis.image(self._coordinates))

    def state(self) -> State:
        """The waves, which rounding keeps from following from the pixels, and what L-BFGS carries."""
        return {"coordinates": self._coordinates, "lbfgs": self._lbfgs.state()}

    def load_state(self, saved: Saved) -> None:
        """Go on as the one that had this state.  Raises CheckpointError."""
        self._coordinates.copy_(saved.tensor("coordinates", tuple(self._coordinates.shape)))
        self._lbfgs.load_state(saved.part("lbfgs"))


def lbfgs(pixels: Tensor, recipe: Recipe, room: Room) -> Optimizer:
    """L-BFGS as Gatys et al. use it, one iteration and one evaluation a step, on the pixels or on their waves.

    Pixels are not clamped between steps, which would falsify the curvature that the method has gathered.
    """
    if recipe.spectral_decay:
        return WaveLBFGS(pixels, recipe, room)
    return LBFGS(pixels, recipe.step_length, room.history, room.precision)


def optimizer_of(pixels: Tensor, recipe: Recipe, room: Room = EVERYTHING) -> Optimizer:
    """What the recipe asks for, which moves these pixels."""
    return lbfgs(pixels, recipe, room) if recipe.optimizer == "lbfgs" else Adam(pixels, recipe.step_length)
