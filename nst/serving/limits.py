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


@dataclass(frozen=True)
class Limits:
    """What one painting may take; None for as much as it wants.

    seconds: at most so many, as `speed` estimates them.  bytes: of memory beside the network.  refuses: whether what
    takes more is refused, or only made to do with as little as it can.
    """

    seconds: float | None = None
    speed: Speed | None = None
    bytes: float | None = None
    refuses: bool = True

    def estimate(self, painting: Painting) -> float:
        """The seconds that a painting is reckoned to take, 0 where nobody has measured how fast the device is."""
        return self._seconds(self.cost(painting))

    def check(self, painting: Painting) -> None:
        """Have a painting do with the memory there is; raises CostError for one that takes more even so.

        The error names the nearest recipe that does not.
        """
        cost = self.cost(painting)
        if self._admits(cost) or not self.refuses:
            painting.make_do_with(cost.room)
            return
        if self._takes_too_long(cost):
            excess = f"would take about {self._seconds(cost):.0f} s; the limit here is {self.seconds:.0f} s"
        else:
            most = _gigabytes(self.bytes or 0)
            excess = f"would take about {_gigabytes(cost.bytes)} of memory; the limit here is {most}"
        width, height = painting.size
        raise CostError(f"This run ({width}x{height} px, {cost.steps} steps) {excess}: {self._advice(painting, cost)}")

    def check_beside_kept(self, painting: Painting) -> None:
        """As `check`, beside the targets that are kept for other paintings, which go where their memory is needed."""
        targets = painting.backbone.targets
        if self.bytes is not None:
            beside = replace(self, bytes=self.bytes - targets.used_bytes)
            if not beside.fits(painting) or beside.cost(painting).room != self.cost(painting).room:
                targets.forget()
        self.check(painting)

    def fits(self, painting: Painting, recipe: Recipe | None = None) -> bool:
        """True if the painting may be made; recipe: with this one instead of its own."""
        return self._admits(self.cost(painting, recipe))

    def comfortable(self, painting: Painting) -> Recipe:
        """Its recipe, at a smaller size where it takes more than a `COMFORT` of the seconds, if that helps."""
        patient = self if self.seconds is None else replace(self, seconds=self.seconds * COMFORT)
        if patient.fits(painting):
            return painting.recipe
        return patient.nearest(painting) or painting.recipe

    def nearest(self, painting: Painting) -> Recipe | None:
        """The same recipe at the largest size that fits, or with as many steps as fit if none does; None for neither.

        Sizes are multiples of `GRID` down to a quarter of the picture's side, below which another picture is made.
        """
        return next((recipe for recipe in _smaller(painting) if self.fits(painting, recipe)), None)

    def cost(self, painting: Painting, recipe: Recipe | None = None) -> Cost:
        """What it takes, in as much of the memory as it may have; recipe: with this one instead of its own."""
        return Cost.of(painting, recipe, self.bytes)

    def _admits(self, cost: Cost) -> bool:
        return not self._takes_too_long(cost) and (self.bytes is None or cost.bytes <= self.bytes)

    def _takes_too_long(self, cost: Cost) -> bool:
        return self.seconds is not None and self._seconds(cost) > self.seconds

    def _seconds(self, cost: Cost) -> float:
        return self.speed.seconds(cost) if self.speed else 0.0

    def _advice(self, painting: Painting, cost: Cost) -> str:
        recipe = self.nearest(painting)
        if recipe is None and self._takes_too_long(cost):
            return "use a smaller size and fewer steps."
        if recipe is None:
            return "use smaller pictures, a smaller size or style_scale, or fewer and shallower taps."
        nearest = self.cost(painting, recipe)
        about = f"about {self._seconds(nearest):.0f} s" if self.speed else f"about {_gigabytes(nearest.bytes)}"
        if recipe.size != painting.recipe.size:
            return f"size {recipe.size} fits ({about})."
        return f"first_steps {recipe.first_steps} and last_steps {recipe.last_steps} fit ({about})."


def _gigabytes(count: float) -> str:
    return f"{count / 1e9:.1f} GB"


def _smaller(painting: Painting) -> Iterator[Recipe]:
    """The recipe at less and less size, then with fewer and fewer steps."""
    longest = max(painting.size)
    for size in range(math.ceil(longest / GRID - 1) * GRID, longest // 4 - 1, -GRID):
        if min(fit(painting.size, size)) >= MIN_SIDE:
            yield painting.recipe.changed(size=size)
    for share in range(95, 0, -5):
        steps = {name: max(1, getattr(painting.recipe, name) * share // 100) for name in ("first_steps", "last_steps")}
        yield painting.recipe.changed(**steps)
