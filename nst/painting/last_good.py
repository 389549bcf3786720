"""The last good picture of a scale, to go back to when the optimization leaves the finite numbers.

Whether a picture was good is told by its loss, which the next step computes anyway and which arrives from the device
while that goes on (see `nst.painting.convergence.Arriving`).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from .convergence import MAX_STEPS, WINDOW, Arriving
from .state import Saved, State


class LastGood:
    """Keeps the pixels after each window of steps, and knows of the window before whether its loss is a number.

    pixels: 1x3xHxW, those that are moved; where they are at first counts as good.
    """

    def __init__(self, pixels: Tensor) -> None:
        self._pixels = pixels.detach()
        self._steps = self._good_step = 0
        self._good = self._pixels.clone()
        self._kept: Tensor | None = None
        self._loss_of_kept: Arriving | None = None
        self._sound = True

    @property
    def picture(self) -> Tensor:
        """The last picture that is known to be good, 1x3xHxW; not clamped."""
        return self._good

    def add(self, loss: Tensor) -> None:
        """Count a step that was made.  loss: one number, of the pixels as they were before it."""
        self._steps += 1
        if self._kept is not None and self._loss_of_kept is None:
            self._loss_of_kept = Arriving(loss)
        if self._steps % WINDOW == 0:
            self._judge()
            self._kept, self._loss_of_kept = self._pixels.clone(), None

    def is_sound(self, *, look: bool) -> bool:
        """False when the numbers are no longer finite; that of a step is known at most two windows later.

        look: read the pixels themselves, which waits for the device.
        """
        return self._sound and not (look and not bool(torch.isfinite(self._pixels).all()))

    def restore(self) -> int:
        """Put the last good picture back into the pixels; returns how many steps are undone by that."""
        with torch.no_grad():
            self._pixels.copy_(self._good)
        return self._steps - self._good_step

    def state(self) -> State:
        """What it carries, as long as all is sound; waits for the device."""
        state: dict[str, Tensor | float] = {"steps": self._steps, "good_step": self._good_step, "good": self._good}
        if self._kept is not None:
            state["kept"] = self._kept
        if self._loss_of_kept is not None:
            state["loss_of_kept"] = self._loss_of_kept.value()
        return state

    def load_state(self, saved: Saved) -> None:
        """Watch on as the one that had this state.  Raises CheckpointError."""
        shape = tuple(self._pixels.shape)
        self._steps = saved.whole("steps", most=MAX_STEPS)
        self._good_step = saved.whole("good_step", most=self._steps)
        self._good = saved.tensor("good", shape)
        if self._steps >= WINDOW:
            self._kept = saved.tensor("kept", shape)
        if self._steps > WINDOW and self._steps % WINDOW:
            self._loss_of_kept = Arriving(self._pixels.new_tensor(saved.number("loss_of_kept")))

    def _judge(self) -> None:
        """Whether what was kept a window ago is good: what is no number stays none, so later steps need no look."""
        if self._kept is None or self._loss_of_kept is None:
            return
        if math.isfinite(self._loss_of_kept.value()):
            self._good, self._good_step = self._kept, self._steps - WINDOW
        else:
            self._sound = False
