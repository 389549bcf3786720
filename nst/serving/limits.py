"""What one painting may take where many share a device, and the nearest that fits."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..errors import CostError
from ..painting.painting import Painting
from ..pictures.picture import fit
from ..recipe import Recipe
from ..taps import MIN_SIDE
from .cost import Cost
from .speed import Speed

GRID = 32
"""Pixels between the sizes that are proposed to whoever asked for more than fits."""

COMFORT = 1 / 3
"""The share of the seconds allowed that the page's opening recipe may take."""

SHARE_OF_MEMORY = 0.8
"""How much of a device's memory a painting may be reckoned to need."""


@dataclass(frozen=True)
class Limits:
    """What one painting may take.

    seconds: at most so many, as `speed` estimates them.  bytes: of memory beside the network, None for any.
    """

    seconds: float
    speed: Speed
    bytes: float | None = None

    def estimate(self, painting: Painting) -> float:
        """The seconds that a painting is reckoned to take."""
        return self.speed.seconds(Cost.of(painting))

    def check(self, painting: Painting) -> None:
        """Raises CostError for a painting that takes more; it names the nearest recipe that does not."""
        cost = Cost.of(painting)
        if self._admits(cost):
            return
        seconds = self.speed.seconds(cost)
        if seconds > self.seconds:
            excess = f"would take about {seconds:.0f} s; the limit here is {self.seconds:.0f} s"
        else:
            gigabytes, most = cost.bytes / 1e9, (self.bytes or 0) / 1e9
            excess = f"would take about {gigabytes:.1f} GB of memory; the limit here is {most:.1f} GB"
        width, height = painting.size
        raise CostError(f"This run ({width}x{height} px, {cost.steps} steps) {excess}: {self._advice(painting)}")

    def fits(self, painting: Painting, recipe: Recipe | None = None) -> bool:
        """True if the painting may be made; recipe: with this one instead of its own."""
        return self._admits(Cost.of(painting, recipe))

    def comfortable(self, painting: Painting) -> Recipe:
        """Its recipe, at a smaller size where it takes more than a `COMFORT` of the seconds, if that helps."""
        patient = replace(self, seconds=self.seconds * COMFORT)
        if patient.fits(painting):
            return painting.recipe
        return patient.nearest(painting) or painting.recipe

    def nearest(self, painting: Painting) -> Recipe | None:
        """The same recipe at the largest size that fits, or with as many steps as fit if none does; None for neither.

        Sizes are multiples of `GRID` down to a quarter of the picture's side, below which another picture is made.
        """
        return next((recipe for recipe in _smaller(painting) if self.fits(painting, recipe)), None)

    def _admits(self, cost: Cost) -> bool:
        return self.speed.seconds(cost) <= self.seconds and (self.bytes is None or cost.bytes <= self.bytes)

    def _advice(self, painting: Painting) -> str:
        recipe = self.nearest(painting)
        if recipe is None:
            return "use a smaller size and fewer steps."
        seconds = self.speed.seconds(Cost.of(painting, recipe))
        if recipe.size != painting.recipe.size:
            return f"size {recipe.size} fits (about {seconds:.0f} s)."
        return f"first_steps {recipe.first_steps} and last_steps {recipe.last_steps} fit (about {seconds:.0f} s)."


def _smaller(painting: Painting) -> Iterator[Recipe]:
    """The recipe at less and less size, then with fewer and fewer steps."""
    longest = max(painting.size)
    for size in range(math.ceil(longest / GRID - 1) * GRID, longest // 4 - 1, -GRID):
        if min(fit(painting.size, size)) >= MIN_SIDE:
            yield painting.recipe.changed(size=size)
    for share in range(95, 0, -5):
        steps = {name: max(1, getattr(painting.recipe, name) * share // 100) for name in ("first_steps", "last_steps")}
        yield painting.recipe.changed(**steps)
