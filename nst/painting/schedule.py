"""Scales and steps of a run: which come next, how much of the work is done, and how long the rest takes."""

from __future__ import annotations

import math
import operator
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from ..errors import ImageError
from ..pictures.picture import Size, area_of, fit
from ..recipe import Recipe
from ..taps import MIN_SIDE, TORUS_STEP
from .state import Saved, State

SETBACK = (
    "The optimization left the finite numbers once, and went on from the last good picture with a tenth of the step: "
    "a lower learning_rate avoids that."
)
"""What is said of a run that had to go back."""

RISE = (
    "The loss of a scale was higher at its end than at its start, so the picture may be noise: a lower "
    "learning_rate avoids that."
)
"""What is said of a run that moved away from what it was to match."""

COARSE_MIN_SIDE = 2 * MIN_SIDE
"""Pixels: a coarse scale with a shorter side would leave the deepest taps a single row to look at."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a run is, after one step, in plain numbers.

    scale, scales: number of the current scale from 1, and how many there are.
    size: (width, height) of the current scale in pixels.
    step, steps: number of the step in this scale from 1, and how many it has.
    iteration, iterations: the same over all scales.  A scale that no longer improves ends early: at its last step
    `steps` and `iterations` are what they have come to.
    done: share of all work, 0 to 1, a step counted by its pixels.
    seconds, seconds_left: since the start, and the estimate until the end: the steps so far, a scale's first one
    with its targets left out, are the measure of those to come.
    setbacks: how often it has gone back to a good picture, as its numbers were no longer finite; `iterations` has grown
    by the steps that were for nothing.
    rises: how many scales have ended with a higher loss than they began with.
    """

    scale: int
    scales: int
    size: Size
    step: int
    steps: int
    iteration: int
    iterations: int
    done: float
    seconds: float
    seconds_left: float
    setbacks: int = 0
    rises: int = 0

    @property
    def note(self) -> str:
        """What is to be said about the way so far; empty where there is nothing."""
        return " ".join(note for note, count in ((SETBACK, self.setbacks), (RISE, self.rises)) if count)

    @property
    def time_left(self) -> str:
        """`seconds_left` in minutes and seconds: "1:05"."""
        minutes, seconds = divmod(round(self.seconds_left), 60)
        return f"{minutes}:{seconds:02d}"


class Schedule:
    """The sizes of a run, the coarsest first, with the steps at each.  Its clock starts with the first scale.

    setbacks: how often `go_back` was called.
    """

    def __init__(self, sizes: Sequence[Size], recipe: Recipe, clock: Callable[[], float] = time.perf_counter) -> None:
        self.sizes = tuple(sizes)
        self.steps = recipe.scale_steps(len(sizes))
        self.setbacks = 0
        self._planned = tuple(self.steps)
        self._clock = clock
        self._scale = self._step = self._iteration = 0
        self._seconds = 0.0
        self._work = self._timed_work = 0
        self._timed_seconds = 0.0
        self._is_timed = False

    def scales(self) -> Iterator[Size]:
        """The size of each scale when its turn comes, of one that is under way at once."""
        self._began = self._clock() - self._seconds
        for scale in range(self._scale + self.scale_is_done, len(self.sizes)):
            if scale != self._scale:
                self._scale, self._step = scale, 0
            self._is_timed = False
            yield self.sizes[scale]

    @property
    def size(self) -> Size:
        """Of the current scale."""
        return self.sizes[self._scale]

    @property
    def scale_is_done(self) -> bool:
        """True when no step of the current scale is left."""
        return self._step >= self.steps[self._scale]

    @property
    def is_done(self) -> bool:
        """True when no step is left at all."""
        return self._scale == len(self.sizes) - 1 and self.scale_is_done

    def state(self) -> State:
        """How far it is, after at least one step, and how long that took."""
        return {
            "scale": self._scale,
            "step": self._step,
            "setbacks": self.setbacks,
            "steps": {str(scale): self.steps[scale] for scale in range(self._scale + 1)},
            "seconds": self._seconds,
            "timed_seconds": self._timed_seconds,
            "timed_work": self._timed_work,
        }

    def load_state(self, saved: Saved) -> None:
        """Be as far as the one that had this state, before the first scale is asked for.

        Raises CheckpointError, also where nothing would be left to do.
        """
        self._scale = saved.whole("scale", len(self.sizes) - 1)
        for scale in range(self._scale + 1):  # one that went back was made at most twice
            self.steps[scale] = saved.part("steps").whole(str(scale), 2 * self._planned[scale], least=1)
        is_last = self._scale == len(self.sizes) - 1
        self._step = saved.whole("step", self.steps[self._scale] - is_last, least=1)
        self.setbacks = saved.whole("setbacks", 1)
        made = [*self.steps[: self._scale], self._step]
        self._iteration, self._work = sum(made), sum(map(operator.mul, made, map(area_of, self.sizes)))
        self._seconds, self._timed_seconds = saved.number("seconds"), saved.number("timed_seconds")
        self._timed_work = saved.whole("timed_work", self._work)

    def go_back(self, steps: int) -> None:
        """So many steps of the current scale were for nothing: it gets as many more, wherever it was to end."""
        self.setbacks += 1
        self.steps[self._scale] = self._planned[self._scale] + steps

    def advance(self, *, scale_ends: bool = False) -> Progress:
        """Count one step that was made; scale_ends: it was the last one of its scale, whatever was planned."""
        size, scale = self.size, self._scale
        self._step += 1
        self._iteration += 1
        self._work += area_of(size)
        if scale_ends:
            self.steps[scale] = self._step
        before, self._seconds = self._seconds, self._clock() - self._began
        if self._is_timed:
            self._timed_seconds += self._seconds - before
            self._timed_work += area_of(size)
        self._is_timed = True
        whole = sum(map(operator.mul, self.steps, map(area_of, self.sizes)))
        pace = self._timed_seconds / self._timed_work if self._timed_work else self._seconds / self._work
        return Progress(
            scale=scale + 1,
            scales=len(self.sizes),
            size=size,
            step=self._step,
            steps=self.steps[scale],
            iteration=self._iteration,
            iterations=sum(self.steps),
            done=self._work / whole,
            seconds=self._seconds,
            seconds_left=(whole - self._work) * pace,
            setbacks=self.setbacks,
        )


def scale_sizes(width: int, height: int, recipe: Recipe) -> list[Size]:
    """Sizes from the coarsest to the full one, for a picture of this width and height.

    Of a recipe that wraps, each side is the nearest multiple of `TORUS_STEP`.
    Raises ImageError when the picture is so long and thin that the full size leaves too little height.
    """
    full = fit((width, height), recipe.size, upscale=recipe.upscale)
    if min(full) < MIN_SIDE:
        least = math.ceil(MIN_SIDE * max(width, height) / min(width, height))
        raise ImageError(
            f"A picture of {width}x{height} px would be {full[0]}x{full[1]} px at size {recipe.size}, "
            f"but {MIN_SIDE} px are the least: use size {least} or more, or crop it."
        )
    sizes = [_as_torus(full) if recipe.wraps else full]
    for smaller in count(1) if recipe.start_size else ():
        long_side = round(max(full) / recipe.scale_step**smaller)
        coarser = _as_torus(fit(full, long_side)) if recipe.wraps else fit(full, long_side)
        if long_side < recipe.start_size or min(coarser) < COARSE_MIN_SIDE:
            break
        if coarser != sizes[0]:
            sizes.insert(0, coarser)
    return sizes


def _as_torus(size: Size) -> Size:
    """The nearest size that can wrap around."""
    width, height = (max(1, round(side / TORUS_STEP)) * TORUS_STEP for side in size)
    return width, height
