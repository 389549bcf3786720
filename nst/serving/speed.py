"""How fast a device is: the seconds of a painting from its cost.

Nearly all work lies in the convolutions, so a painting's seconds are its operations divided by what a device does in a
second, a little for each step whatever its size, and a start.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch

from ..painting.backbone import Backbone
from ..painting.painting import stylize
from ..recipe import Recipe
from .cost import Cost, operations_per_pixel

MARGIN = 1.25
"""How much longer than the best of a few steps a whole painting is reckoned to take, on a machine that is measured."""

TINY, CPU_SIDE, GPU_SIDE = 64, 256, 768
"""Pixels: sides of the squares whose steps are timed, one where pixels hardly count, and one where they do."""

TIMED_STEPS = 6


@dataclass(frozen=True)
class Speed:
    """What a device does.

    start: seconds before the first step.  step: seconds of each one, whatever its size.  operations: how many of those
    of `Cost` it does in a second.
    """

    start: float
    step: float
    operations: float

    def seconds(self, cost: Cost) -> float:
        """The estimate for a painting."""
        return self.start + self.step * cost.steps + cost.operations / self.operations

    def slower(self, factor: float) -> Speed:
        """That of a device on which all takes so many times as long."""
        return Speed(self.start * factor, self.step * factor, self.operations / factor)

    @classmethod
    def measured(cls, backbone: Backbone, most: int = GPU_SIDE, steps: int = TIMED_STEPS) -> Speed:
        """By a few steps at two sizes on this device, now; some seconds on a CPU.  Call it on the worker's thread.

        most: pixels of the larger side, where nothing larger is to be foretold.  steps: how many at each size.
        What a tiny step takes counts in the large one too, so the estimate is rather long than short.
        """
        side = min(most, CPU_SIDE if backbone.compute.device.type == "cpu" else GPU_SIDE)
        operations = 2 * side**2 * operations_per_pixel(Recipe().style_taps[-1])
        rate = operations / _timed_step(backbone, side, steps)
        return cls(MARGIN, MARGIN * _timed_step(backbone, TINY, steps), rate / MARGIN)


def _timed_step(backbone: Backbone, side: int, steps: int) -> float:
    """The seconds of one step of a square, the least of some."""
    ramp = torch.linspace(0, 1, side).expand(1, 3, side, side)
    recipe = Recipe(size=side, start_size=0, first_steps=steps)
    painting = stylize(ramp, ramp.flip(3), recipe, backbone=backbone)
    ends = []
    for progress in painting:
        progress.losses()  # waits for the device, so that the next step is timed alone
        ends.append(progress.seconds)
    return min(after - before for before, after in pairwise(ends))
