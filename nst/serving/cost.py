"""What a run costs, before it is begun: its operations, seconds and bytes; and what fits where these are limited.

Nearly all work lies in the convolutions, so a run's seconds are its operations divided by what a device does in a
second, a little for each step whatever its size, and a start.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import torch

from ..errors import CostError
from ..painting.backbone import Backbone
from ..painting.optimize import HISTORY, scale_sizes
from ..painting.painting import Run, stylize
from ..painting.scene import style_size
from ..pictures.picture import Picture, Size, fit
from ..recipe import INPUTS, STYLE_ROLES, Recipe
from ..taps import BY_NAME, LAYERS, MIN_SIDE, Layer

GRID = 32
"""Pixels between the sizes that are proposed to whoever asked for more than fits."""

COMFORT = 1 / 3
"""The share of the seconds allowed that the page's opening recipe may take."""

MARGIN = 1.25
"""How much longer than the best of a few steps a whole run is reckoned to take, on a machine that is measured."""

TINY, CPU_SIDE, GPU_SIDE = 64, 256, 768
"""Pixels: sides of the squares whose steps are timed, one where pixels hardly count, and one where they do."""

TIMED_STEPS = 6


@dataclass(frozen=True)
class Cost:
    """steps: over all scales.  operations: multiplications and additions of all convolutions.  bytes: at the peak,
    beside the network and the inputs, with 4 bytes a feature.
    """

    steps: int
    operations: float
    bytes: float

    @classmethod
    def of(cls, run: Run, recipe: Recipe | None = None) -> Cost:
        """Of a run; or of one with another recipe and the same pictures.  Raises ImageError as `scale_sizes` does."""
        recipe = recipe or run.recipe
        styles = [run.inputs[role] for role in STYLE_ROLES if role in run.inputs]
        taps = {role: getattr(recipe, f"{role}_taps") for role in INPUTS[run.task]}
        deepest = max((tap for chosen in taps.values() for tap in chosen), key=list(BY_NAME).index)
        shape = next(iter(run.inputs.values()))
        sizes = scale_sizes(shape.width, shape.height, recipe)
        regions = min(len(styles), 2) if "mask" in run.inputs else 0
        passes = 2 + regions
        operations = 0.0
        for size, steps in zip(sizes, recipe.scale_steps(len(sizes)), strict=True):
            operations += steps * passes * _area(size) * operations_per_pixel(deepest)
            if "content" in taps:
                operations += _area(size) * operations_per_pixel(taps["content"][-1])
            for style in styles:
                shown = style_size(style, size, recipe.style_scale)
                operations += _area(shown) * operations_per_pixel(taps["style"][-1])
        return cls(sum(recipe.scale_steps(len(sizes))), operations, _bytes(sizes[-1], deepest, styles, regions, recipe))


def operations_per_pixel(tap: str) -> float:
    """Multiplications and additions of one forward pass up to a tap, for each pixel of the image.

    A 3x3 convolution takes 2 * 9 * in * out of them at each of its places.  The gradient for the pixels takes as
    many again (see `nst.network.extractor.FrozenConvReLU`).
    """
    upto = LAYERS[: LAYERS.index(BY_NAME[tap]) + 1]
    return sum(18 * layer.in_channels * layer.out_channels / layer.stride**2 for layer in upto)


def _bytes(size: Size, deepest: str, styles: Sequence[Picture], regions: int, recipe: Recipe) -> float:
    """The features that a gradient needs, the content's, and the pixels that L-BFGS remembers; or the largest style.

    The first layer's are made again when they are needed (see `FrozenConvReLU`).  Two of the widest feature maps come
    on top, which each pass needs for a moment, and a third where masked regions have a pass each; of every style tap
    such a region keeps what is inside, and what follows from it.
    """
    kept = sum(map(_features_per_pixel, LAYERS[1 : LAYERS.index(BY_NAME[deepest]) + 1]))
    targets, tapped = (
        sum(_features_per_pixel(BY_NAME[tap]) for tap in taps) for taps in (recipe.content_taps, recipe.style_taps)
    )
    widest = _features_per_pixel(LAYERS[0])
    moment = (3 if regions else 2) * widest
    step = _area(size) * (kept + targets + moment + regions * 2 * tapped + 3 * 2 * HISTORY)
    shown = [_area(style_size(style, size, recipe.style_scale)) for style in styles]
    return 4 * max(step, max(shown, default=0) * (tapped + 2 * widest))


def _features_per_pixel(layer: Layer) -> float:
    return layer.out_channels / layer.stride**2


def _area(size: Size) -> int:
    return size[0] * size[1]


@dataclass(frozen=True)
class Speed:
    """What a device does.

    start: seconds before the first step.  step: seconds of each one, whatever its size.  operations: a second.
    """

    start: float
    step: float
    operations: float

    def seconds(self, cost: Cost) -> float:
        """The estimate for a run."""
        return self.start + self.step * cost.steps + cost.operations / self.operations

    @classmethod
    def measured(cls, backbone: Backbone) -> Speed:
        """By a few steps at two sizes on this device, now; some seconds on a CPU.  Call it on the engine's thread.

        What a tiny step takes counts in the large one too, so the estimate is rather long than short.
        """
        side = CPU_SIDE if backbone.compute.device.type == "cpu" else GPU_SIDE
        operations = 2 * side**2 * operations_per_pixel(Recipe().style_taps[-1])
        rate = operations / _timed_step(backbone, side)
        return cls(MARGIN, MARGIN * _timed_step(backbone, TINY), rate / MARGIN)


def _timed_step(backbone: Backbone, side: int) -> float:
    """The seconds of one step of a square, the least of some."""
    ramp = torch.linspace(0, 1, side).expand(1, 3, side, side)
    recipe = Recipe(size=side, start_size=0, first_steps=TIMED_STEPS)
    run = stylize(ramp, ramp.flip(3), recipe, backbone=backbone)
    at = []
    for progress in run:
        progress.losses()  # waits for the device
        at.append(progress.seconds)
    return min(after - before for before, after in pairwise(at))


@dataclass(frozen=True)
class Limits:
    """What one run may take.  seconds: at most so many, as `speed` estimates them.  bytes: of memory, None for any."""

    seconds: float
    speed: Speed
    bytes: float | None = None

    def estimate(self, run: Run) -> float:
        """The seconds that a run is reckoned to take."""
        return self.speed.seconds(Cost.of(run))

    def check(self, run: Run) -> None:
        """Raises CostError for a run that takes more; it names the nearest recipe that does not."""
        cost = Cost.of(run)
        if self._admits(cost):
            return
        seconds, memory = self.speed.seconds(cost), cost.bytes / 1e9
        if seconds > self.seconds:
            what = f"takes about {seconds:.0f} s here, and {self.seconds:.0f} s are the most"
        else:
            what = f"takes about {memory:.1f} GB of memory, and {(self.bytes or 0) / 1e9:.1f} GB are the most"
        width, height = run.size
        raise CostError(f"This run ({width}x{height} px, {cost.steps} steps) {what}: {self._advice(run)}")

    def fits(self, run: Run, recipe: Recipe) -> bool:
        """True if the run may be made with this recipe instead."""
        return self._admits(Cost.of(run, recipe))

    def _admits(self, cost: Cost) -> bool:
        return self.speed.seconds(cost) <= self.seconds and (self.bytes is None or cost.bytes <= self.bytes)

    def comfortable(self, run: Run) -> Recipe:
        """A run's recipe, at a smaller size where it takes more than a `COMFORT` of the seconds, if that helps."""
        patient = replace(self, seconds=self.seconds * COMFORT)
        return run.recipe if patient.fits(run, run.recipe) else patient.nearest(run) or run.recipe

    def nearest(self, run: Run) -> Recipe | None:
        """The same recipe at the largest size that fits, or with as many steps as fit if none does; None for neither.

        Sizes are multiples of `GRID` down to a quarter of the pixels' side, below which another picture is made.
        """
        return next((recipe for recipe in _smaller(run) if self.fits(run, recipe)), None)

    def _advice(self, run: Run) -> str:
        recipe = self.nearest(run)
        if recipe is None:
            return "use a smaller size and fewer steps."
        seconds = self.speed.seconds(Cost.of(run, recipe))
        if recipe.size != run.recipe.size:
            return f"size {recipe.size} fits (about {seconds:.0f} s)."
        return f"first_steps {recipe.first_steps} and last_steps {recipe.last_steps} fit (about {seconds:.0f} s)."


def _smaller(run: Run) -> Iterator[Recipe]:
    """The recipe at less and less size, then with fewer and fewer steps."""
    longest = max(run.size)
    for size in range(math.ceil(longest / GRID - 1) * GRID, longest // 4 - 1, -GRID):
        if min(fit(run.size, size)) >= MIN_SIDE:
            yield run.recipe.changed(size=size)
    for share in range(95, 0, -5):
        steps = {name: max(1, getattr(run.recipe, name) * share // 100) for name in ("first_steps", "last_steps")}
        yield run.recipe.changed(**steps)
