"""L-BFGS for pixels: one evaluation a step, two passes over its history, and no number read from the device.

`torch.optim.LBFGS` takes the same steps (the tests hold the two against each other), but waits for the device several
times in each and passes over its history about five times.
"""

from __future__ import annotations

import torch
from torch import Tensor

from .state import Saved, State

LEAST_CURVATURE = 1e-10
"""A step along which the gradient grew by less than this (s'y) teaches nothing and is left out of the history."""

WIDENED = 1 << 18
"""Numbers of each remembered vector that are widened at a time, where they are kept in half precision."""

_VECTORS, _SMALL = ("move", "gradient"), ("sy", "yy", "scale", "with_gradient")
"""Tensors that a state has whole, by their attributes' names: the small ones in float64, which not all devices have."""


class LBFGS:
    """Directions from a history of steps s and of what they changed in the gradient, y.

    The inverse Hessian is applied in its compact form (Byrd, Nocedal and Schnabel 1994, theorem 2.2):
    H = g I + [S, g Y] [[R^-T (D + g Y'Y) R^-1, -R^-T], [-R^-1, 0]] [S, g Y]', where R is the upper triangle of S'Y with
    the oldest pair first, D its diagonal, and g = s'y / y'y of the newest pair.  Only products of a few vectors with
    the whole history touch the pixels; the rest is `memory` x `memory`.

    pixels: any shape, moved in place.  memory: pairs that are kept.  precision: in which they are, default the pixels'.
    From the second step on, all that is remembered stays in the same tensors, so that a step can be recorded and
    replayed.
    """

    def __init__(self, pixels: Tensor, rate: float, memory: int, precision: torch.dtype | None = None) -> None:
        self._pixels, self._rate, self._memory = pixels.detach(), rate, memory
        small = torch.float32 if pixels.device.type == "mps" else torch.float64
        self._history = pixels.new_zeros((2 * memory, pixels.numel()), dtype=precision or pixels.dtype)
        self._sy = torch.zeros(memory, memory, dtype=small, device=pixels.device)
        self._yy = torch.zeros_like(self._sy)
        self._scale = torch.ones((), dtype=small, device=pixels.device)
        self._slot = torch.zeros(1, dtype=torch.long, device=pixels.device)
        self._ages = torch.arange(memory, device=pixels.device)
        self._move, self._gradient = pixels.new_zeros((2, pixels.numel()))
        self._with_gradient = self._sy.new_zeros(2 * memory)
        self._began = False

    @torch.no_grad()
    def step(self, gradient: Tensor) -> None:
        """Move the pixels, given the gradient where they are."""
        g = gradient.flatten()
        if self._began:
            self._learn(g)
            direction = self._inverse_hessian(g)
            torch.mul(direction, -self._rate, out=self._move)
        else:
            torch.mul(g, -self._rate * (1 / g.abs().sum()).clamp(max=1), out=self._move)
            self._began = True
        self._pixels += self._move.view_as(self._pixels)
        self._gradient.copy_(g)

    def state(self) -> State:
        """What it remembers, after at least one step, without the places in its history that are still empty."""
        pairs = int((self._sy.diagonal() != 0).sum())
        return {
            "pairs": pairs,
            "slot": int(self._slot),
            "moves": self._history[:pairs],
            "changes": self._history[self._memory : self._memory + pairs],
            **{name: getattr(self, f"_{name}") for name in _VECTORS},
            **{name: getattr(self, f"_{name}").cpu().double() for name in _SMALL},
        }

    @torch.no_grad()
    def load_state(self, saved: Saved) -> None:
        """Go on as the one that had this state, from where its pixels were.  Raises CheckpointError."""
        self._began = True
        pairs = saved.whole("pairs", most=self._memory)
        self._slot.fill_(saved.whole("slot", most=self._memory - 1))
        for name, first in (("moves", 0), ("changes", self._memory)):
            self._history[first : first + pairs] = saved.tensor(
                name, (pairs, self._pixels.numel()), self._history.dtype
            )
        for name in (*_VECTORS, *_SMALL):
            remembered: Tensor = getattr(self, f"_{name}")
            stored = torch.float64 if name in _SMALL else remembered.dtype
            remembered.copy_(saved.tensor(name, tuple(remembered.shape), stored, into=remembered.dtype))

    def _learn(self, g: Tensor) -> None:
        """Take in the last step and what it changed, and the products of the whole history with the gradient.

        What the history makes of y follows from what it made of the two gradients: so one pass over it is enough.
        Of S'Y only what lies on and above the diagonal is ever looked at: old steps with the new y.
        """
        s, y = self._move, g - self._gradient
        sy, yy = s @ y, y @ y
        learns = sy > LEAST_CURVATURE
        rows = torch.cat((self._slot, self._slot + self._memory))
        for row, vector in zip(torch.split(rows, 1), (s, y), strict=True):
            kept = self._history[row]
            self._history.index_copy_(0, row, torch.where(learns, vector.to(kept.dtype), kept))
        with_g = self._times(g).to(self._sy.dtype)
        with_y = (with_g - self._with_gradient).index_copy(0, rows, torch.stack((sy, yy)).to(self._sy.dtype))
        column_sy, column_yy = with_y[: self._memory], with_y[self._memory :]
        learned_sy = self._sy.index_copy(1, self._slot, column_sy[:, None])
        learned_yy = self._yy.index_copy(1, self._slot, column_yy[:, None])
        learned_yy = learned_yy.index_copy(0, self._slot, column_yy[None])
        self._sy.copy_(torch.where(learns, learned_sy, self._sy))
        self._yy.copy_(torch.where(learns, learned_yy, self._yy))
        self._scale.copy_(torch.where(learns, sy / yy, self._scale))
        self._slot.copy_((self._slot + learns) % self._memory)
        self._with_gradient.copy_(with_g)

    def _inverse_hessian(self, g: Tensor) -> Tensor:
        """Times g, of which S'g and Y'g are known; the next slot holds the oldest pair, or none yet."""
        sg, yg = self._with_gradient.chunk(2)
        order = (self._slot + self._ages) % self._memory
        sy, yy = self._sy[order][:, order], self._yy[order][:, order]
        diagonal = sy.diagonal()
        upper = sy.triu() + torch.diag((diagonal == 0).to(sy.dtype))
        u = torch.linalg.solve_triangular(upper, sg[order, None], upper=True)
        inner = diagonal[:, None] * u + self._scale * (yy @ u - yg[order, None])
        in_s = torch.linalg.solve_triangular(upper.T, inner, upper=False)
        factors = torch.zeros_like(torch.cat((sg, yg)))
        factors[torch.cat((order, order + self._memory))] = torch.cat((in_s, -self._scale * u)).squeeze(1)
        return self._combined(factors.to(g.dtype)) + self._scale.to(g.dtype) * g

    def _times(self, g: Tensor) -> Tensor:
        """The dot products of all that is remembered with a vector."""
        if self._history.dtype == g.dtype:
            return self._history @ g
        parts = zip(torch.split(self._history, WIDENED, 1), torch.split(g, WIDENED), strict=True)
        return torch.stack([history.to(g.dtype) @ part for history, part in parts]).sum(0)

    def _combined(self, factors: Tensor) -> Tensor:
        """What is remembered, each times its factor, added up."""
        if self._history.dtype == factors.dtype:
            return factors @ self._history
        return torch.cat([factors @ history.to(factors.dtype) for history in torch.split(self._history, WIDENED, 1)])
