"""L-BFGS for pixels: one evaluation a step, two passes over its history, and no number read from the device.

`torch.optim.LBFGS` takes the same steps (the tests hold the two against each other), but waits for the device several
times in each and passes over its history about five times.
"""

from __future__ import annotations

import torch
from torch import Tensor

LEAST_CURVATURE = 1e-10
"""A step along which the gradient grew by less than this (s'y) teaches nothing and is left out of the history."""


class LBFGS:
    """Directions from a history of steps s and of what they changed in the gradient, y.

    The inverse Hessian is applied in its compact form (Byrd, Nocedal and Schnabel 1994, theorem 2.2):
    H = g I + [S, g Y] [[R^-T (D + g Y'Y) R^-1, -R^-T], [-R^-1, 0]] [S, g Y]', where R is the upper triangle of S'Y with
    the oldest pair first, D its diagonal, and g = s'y / y'y of the newest pair.  Only products of a few vectors with
    the whole history touch the pixels; the rest is `memory` x `memory`.

    pixels: any shape, moved in place.  memory: pairs that are kept.
    """

    def __init__(self, pixels: Tensor, rate: float, memory: int) -> None:
        self._pixels, self._rate, self._memory = pixels.detach(), rate, memory
        small = torch.float32 if pixels.device.type == "mps" else torch.float64
        square = {"size": (memory, memory), "dtype": small, "device": pixels.device}
        self._history = pixels.new_zeros((2 * memory, pixels.numel()))
        self._sy, self._yy = torch.zeros(**square), torch.zeros(**square)
        self._scale = torch.ones((), dtype=small, device=pixels.device)
        self._slot = torch.zeros(1, dtype=torch.long, device=pixels.device)
        self._ages = torch.arange(memory, device=pixels.device)
        self._before: tuple[Tensor, Tensor] | None = None

    @torch.no_grad()
    def step(self, gradient: Tensor) -> None:
        """Move the pixels, given the gradient where they are."""
        g = gradient.flatten()
        if self._before is None:
            move = -g * (self._rate * (1 / g.abs().sum()).clamp(max=1))
        else:
            s, before = self._before
            move = self._direction(g, s, g - before) * self._rate
        self._pixels += move.view_as(self._pixels)
        self._before = move, g.clone()

    def _direction(self, g: Tensor, s: Tensor, y: Tensor) -> Tensor:
        memory, small = self._memory, self._sy.dtype
        curvature = s @ y
        learns = curvature > LEAST_CURVATURE
        rows = torch.cat((self._slot, self._slot + memory))
        pair = torch.stack((s, y))
        self._history.index_copy_(0, rows, torch.where(learns, pair, self._history[rows]))
        with_g, with_s, with_y = (self._history @ torch.stack((g, s, y)).T).to(small).T
        self._sy = torch.where(learns, self._sy.index_copy(1, self._slot, with_y[:memory, None]), self._sy)
        self._sy = torch.where(learns, self._sy.index_copy(0, self._slot, with_s[None, memory:]), self._sy)
        self._yy = torch.where(learns, self._yy.index_copy(1, self._slot, with_y[memory:, None]), self._yy)
        self._yy = torch.where(learns, self._yy.index_copy(0, self._slot, with_y[None, memory:]), self._yy)
        self._scale = torch.where(learns, curvature.to(small) / (y @ y).to(small), self._scale)
        self._slot = (self._slot + learns) % memory
        return -self._inverse_hessian(g, with_g[:memory], with_g[memory:])

    def _inverse_hessian(self, g: Tensor, sg: Tensor, yg: Tensor) -> Tensor:
        """Times g, of which S'g and Y'g are known; the next slot holds the oldest pair, or none yet."""
        order = (self._slot + self._ages) % self._memory
        sy, yy = self._sy[order][:, order], self._yy[order][:, order]
        diagonal = sy.diagonal()
        upper = sy.triu() + torch.diag((diagonal == 0).to(sy.dtype))
        u = torch.linalg.solve_triangular(upper, sg[order, None], upper=True)
        inner = diagonal[:, None] * u + self._scale * (yy @ u - yg[order, None])
        in_s = torch.linalg.solve_triangular(upper.T, inner, upper=False)
        factors = torch.zeros_like(torch.cat((sg, yg)))
        factors[torch.cat((order, order + self._memory))] = torch.cat((in_s, -self._scale * u)).squeeze(1)
        return factors.to(g.dtype) @ self._history + self._scale.to(g.dtype) * g
