"""The picture as the average of its latest steps."""

from __future__ import annotations

import torch
from torch import Tensor

from ..pictures.picture import Size, resize
from ..pictures.torus import resize_torus
from .state import Saved, State


class MovingAverage:
    """Exponential moving average of the pixels, which takes the jitter of single steps out of the image.

    decay: share of the past kept at each step; 0 keeps the latest pixels alone.  As in Kingma and Ba 2014
    (section 7.2) the average is divided by the weight that it has gathered, so it is never biased.
    """

    def __init__(self, start: Tensor, decay: float) -> None:
        self._decay = decay
        self._sum = start.detach().clone(memory_format=torch.contiguous_format)
        self._weight = 1.0
        self._fresh = True

    @classmethod
    def restored(cls, saved: Saved, size: Size, decay: float) -> MovingAverage:
        """The one that had this state, at this size.  Raises CheckpointError."""
        average = cls(saved.tensor("sum", (1, 3, size[1], size[0])), decay)
        average._weight, average._fresh = saved.number("weight"), False
        return average

    def state(self) -> State:
        """What it carries, after at least one step."""
        return {"sum": self._sum, "weight": self._weight}

    def add(self, pixels: Tensor) -> None:
        """Take in the pixels after a step; the start itself is forgotten at the first."""
        if self._fresh:
            self._sum.zero_()
            self._weight, self._fresh = 0.0, False
        self._sum.lerp_(pixels.detach(), 1 - self._decay)
        self._weight = self._weight * self._decay + 1 - self._decay

    def image(self) -> Tensor:
        """The average as a new tensor."""
        return self._sum / self._weight

    def resized(self, size: Size, *, wrap: bool = False) -> MovingAverage:
        """The same average at another size, so that a new scale goes on from it smoothly; wrap: as a torus."""
        other = MovingAverage((resize_torus if wrap else resize)(self._sum, size), self._decay)
        other._weight, other._fresh = self._weight, self._fresh
        return other
