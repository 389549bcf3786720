"""The heart: move the pixels down the loss, from a coarse picture to a fine one.

Gatys et al. optimize at one size.  Here a small picture is painted first, which settles the composition and
the large strokes in little time, and each larger one starts from it; the article's way is a recipe of one
scale.  The loop yields after every step and reads nothing from the device itself.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..errors import DivergedError, ImageError
from ..pictures.picture import Size, fit, resize
from ..recipe import Recipe
from ..taps import MIN_SIDE
from .convergence import Convergence
from .cuda_graph import Replayed, Step
from .lbfgs import LBFGS
from .objective import Losses, Objective, Parts

COARSE_MIN_SIDE = 2 * MIN_SIDE
"""Pixels: a coarse scale with a shorter side would leave the deepest taps a single row to look at."""

HISTORY = 20
"""Steps that L-BFGS remembers, each as large as two images: pictures are as good as with 100."""

Develop = Callable[[Tensor], Tensor]
"""What was optimized -> what is shown, both 1x3xHxW in [0, 1] on the CPU."""


@dataclass(frozen=True, eq=False)
class Progress:
    """How far a run is, after one step.  Plain numbers are free; `losses` and `image` read the device.

    scale, scales: number of the current scale from 1, and how many there are.
    size: (width, height) of the current scale in pixels.
    step, steps: number of the step in this scale from 1, and how many it has.
    iteration, iterations: the same over all scales.  A scale that no longer improves ends early: at its last step
    `steps` and `iterations` are what they have come to.
    done: share of all work, 0 to 1, a step counted by its pixels.
    seconds, seconds_left: since the start, and the estimate until the end: the steps so far, a scale's first one
    with its targets left out, are the measure of those to come.
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
    _terms: Tensor
    _parts: Parts
    _average: MovingAverage
    _develop: Develop

    def losses(self) -> Losses:
        """The losses at this step's start, read from the device now."""
        return Losses.read(self._terms, self._parts)

    def image(self) -> Tensor:
        """1x3xHxW float32 on the CPU, 0 to 1: the image as it is now, even if the run has gone on since."""
        return self._develop(self._average.image().clamp(0, 1).to("cpu", torch.float32))

    def __str__(self) -> str:
        losses, (width, height) = self.losses(), self.size
        return (
            f"scale {self.scale}/{self.scales} {width}x{height} step {self.step}/{self.steps}: "
            f"content {losses.content:.4g}, style {losses.style:.4g}"
        )


def scale_sizes(width: int, height: int, recipe: Recipe) -> list[Size]:
    """Sizes from the coarsest to the full one, for a picture of this width and height.

    Raises ImageError when the picture is so long and thin that the full size leaves too little height.
    """
    full = fit((width, height), recipe.size, upscale=recipe.upscale)
    if min(full) < MIN_SIDE:
        least = math.ceil(MIN_SIDE * max(width, height) / min(width, height))
        raise ImageError(
            f"A picture of {width}x{height} px would be {full[0]}x{full[1]} px at size {recipe.size}, "
            f"but {MIN_SIDE} px are the least: use size {least} or more, or crop it."
        )
    sizes = [full]
    while recipe.start_size:
        long_side = round(max(full) / recipe.scale_step ** len(sizes))
        coarser = fit(full, long_side)
        if long_side < recipe.start_size or min(coarser) < COARSE_MIN_SIDE or coarser == sizes[0]:
            break
        sizes.insert(0, coarser)
    return sizes


def optimize(
    start: Tensor,
    sizes: Sequence[Size],
    objective_at: Callable[[Size], Objective],
    recipe: Recipe,
    develop: Develop = lambda image: image,
    clock: Callable[[], float] = time.perf_counter,
) -> Iterator[Progress]:
    """Optimize an image over scales and yield a `Progress` after each step.

    start: 1x3xHxW in [0, 1] on the device where the work is done.  objective_at: the loss for a size, asked
    for once per scale.  develop: see `Progress.image`.  Raises DivergedError when a scale ends in numbers that are
    not finite.
    """
    began = clock()
    steps_of = recipe.scale_steps(len(sizes))
    average = MovingAverage(start, recipe.average)
    work = iteration = measured = 0
    stepping, seconds = 0.0, 0.0
    for i, size in enumerate(sizes):
        objective = objective_at(size)
        parts = objective.parts
        average = average.resized(size)
        pixels = average.image().clamp(0, 1).requires_grad_()
        take_step = OPTIMIZERS[recipe.optimizer](pixels, objective, recipe)
        if pixels.is_cuda:
            take_step = Replayed(take_step, objective.check)
        convergence = Convergence(recipe.tolerance)
        step = 0
        while step < steps_of[i]:
            terms = take_step()
            average.add(pixels)
            convergence.add(terms[3])
            step += 1
            iteration += 1
            work += size[0] * size[1]
            if convergence.reached:
                steps_of[i] = step
            whole = sum(steps * width * height for steps, (width, height) in zip(steps_of, sizes, strict=True))
            before, seconds, done = seconds, clock() - began, work / whole
            if step > 1:
                stepping += seconds - before
                measured += size[0] * size[1]
            left = (whole - work) * (stepping / measured if measured else seconds / work)
            yield Progress(
                i + 1, len(sizes), size, step, steps_of[i], iteration, sum(steps_of),
                done, seconds, left, terms, parts, average, develop,
            )  # fmt: skip
        if not bool(torch.isfinite(pixels).all()):
            raise DivergedError(
                f"The optimization left the finite numbers at {size[0]}x{size[1]} px: lower learning_rate "
                f"(now {recipe.learning_rate:g}) or the weights."
            )


class MovingAverage:
    """Exponential moving average of the pixels, which takes the jitter of single steps out of the image.

    decay: share of the past kept at each step; 0 keeps the latest pixels alone.  As in Kingma and Ba 2014
    (section 7.2) the average is divided by the weight that it has gathered, so it is never biased.
    """

    def __init__(self, start: Tensor, decay: float) -> None:
        self._decay = decay
        self._sum = start.detach().clone()
        self._weight = 1.0
        self._fresh = True

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

    def resized(self, size: Size) -> MovingAverage:
        """The same average at another size, so that a new scale goes on from it smoothly."""
        other = MovingAverage(resize(self._sum, size), self._decay)
        other._weight, other._fresh = self._weight, self._fresh
        return other


def adam(pixels: Tensor, objective: Objective, recipe: Recipe) -> Step:
    """Adam (Kingma and Ba 2014).  Pixels are kept in [0, 1] after each step."""
    rate, on_cuda = recipe.learning_rate, pixels.is_cuda
    optimizer = torch.optim.Adam([pixels], lr=rate, betas=(0.9, 0.99), fused=True, capturable=on_cuda)

    def step() -> Tensor:
        terms, pixels.grad = objective(pixels)
        optimizer.step()
        with torch.no_grad():
            pixels.clamp_(0, 1)
        return terms

    return step


def lbfgs(pixels: Tensor, objective: Objective, recipe: Recipe) -> Step:
    """L-BFGS as Gatys et al. use it, one iteration and one evaluation a step.

    Pixels are not clamped between steps, which would falsify the curvature that the method has gathered.
    """
    optimizer = LBFGS(pixels, recipe.learning_rate, HISTORY)

    def step() -> Tensor:
        terms, gradient = objective(pixels)
        optimizer.step(gradient)
        return terms

    return step


OPTIMIZERS: dict[str, Callable[[Tensor, Objective, Recipe], Step]] = {"adam": adam, "lbfgs": lbfgs}
