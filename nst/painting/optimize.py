"""The heart: move the pixels down the loss, from a coarse picture to a fine one.

Gatys et al. optimize at one size.  Here a small picture is painted first, which settles the composition and
the large strokes in little time, and each larger one starts from it; the article's way is a recipe of one
scale.  The loop yields after every step and reads nothing from the device itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Protocol

import torch
from torch import Tensor

from ..errors import DivergedError
from ..pictures.picture import Size
from ..recipe import Recipe
from .checkpoint import Checkpoint
from .convergence import Convergence, Descent
from .cuda_graph import GraphedStep, Step
from .moving_average import MovingAverage
from .objective import TOTAL, Losses, Objective, Parts
from .optimizers import OPTIMIZERS
from .schedule import Progress, Schedule
from .stopping import StopSignal

SMALLER_STEP = 0.1
"""What the learning rate is multiplied by, for the rest of a run, when its numbers have ceased to be finite."""


class Paintable(Protocol):
    """What the loop knows of its subject: `nst.painting.subject.Subject` is one."""

    @property
    def recipe(self) -> Recipe: ...

    def objective(self, size: Size) -> Objective:
        """The loss of a picture of this size, asked for once per scale."""

    def shown(self, image: Tensor) -> Tensor:
        """What was optimized -> what is to be seen, both 1x3xHxW in [0, 1] on the CPU."""


@dataclass(frozen=True)
class Live:
    """A handle to tensors on the device, which are read when somebody asks.

    numbers: of the losses, with their `parts`.  average: the image, also after the run has gone on.  checkpoint:
    what is shown where that is no longer made of numbers.
    """

    numbers: Tensor
    parts: Parts
    average: MovingAverage
    checkpoint: Checkpoint
    subject: Paintable


@dataclass(frozen=True, kw_only=True)
class LiveProgress(Progress):
    """Progress on the device that computes it: its numbers are free, `losses` and `image` read the device."""

    live: Live

    def losses(self) -> Losses:
        """The losses at this step's start, read from the device now."""
        return Losses.read(self.live.numbers, self.live.parts)

    def image(self) -> Tensor:
        """1x3xHxW float32 on the CPU, 0 to 1: the image as it is now, even if the run has gone on since.

        Where it is no longer made of finite numbers, the last good one, to which the run is about to go back.
        """
        image = self.live.average.image().to("cpu", torch.float32)
        if not bool(torch.isfinite(image).all()):
            image = self.live.checkpoint.picture.to("cpu", torch.float32)
        return self.live.subject.shown(image.clamp(0, 1))

    def plain(self) -> Progress:
        """The numbers alone, which can go to another process."""
        return Progress(**{field.name: getattr(self, field.name) for field in fields(Progress)})


def optimize(subject: Paintable, start: Tensor, schedule: Schedule, stop: StopSignal) -> Iterator[LiveProgress]:
    """Optimize an image over the scales of a schedule and yield after each step.

    start: 1x3xHxW in [0, 1] on the device where the work is done.  When the numbers are no longer finite, it goes back
    to the last good picture and on from there with a smaller step, once in a run.  Raises DivergedError when that
    happens again, Stopped after half a step when the signal is set.
    """
    recipe = subject.recipe
    average, rises = MovingAverage(start, recipe.average), 0
    for size in schedule.scales():
        objective = subject.objective(size)
        average = average.resized(size, wrap=recipe.wraps)
        pixels = average.image().clamp(0, 1).requires_grad_()
        take_step, convergence, checkpoint = _beginning(objective, pixels, recipe, stop)
        descent = Descent()
        while not schedule.scale_is_done:
            numbers = take_step()
            average.add(pixels)
            convergence.add(numbers[TOTAL])
            checkpoint.add(numbers[TOTAL])
            descent.add(numbers[TOTAL])
            progress = schedule.advance(scale_ends=convergence.reached)
            progress = replace(progress, rises=rises + (schedule.scale_is_done and descent.went_up()))
            yield LiveProgress(**vars(progress), live=Live(numbers, objective.parts, average, checkpoint, subject))
            if checkpoint.is_sound(look=schedule.scale_is_done):
                continue
            if schedule.setbacks:
                raise diverged(size, subject.recipe)
            schedule.go_back(checkpoint.restore())
            recipe = _with_smaller_step(recipe)
            average, descent = MovingAverage(pixels, recipe.average), Descent()
            take_step, convergence, checkpoint = _beginning(objective, pixels, recipe, stop)
        rises = progress.rises


def _beginning(
    objective: Objective, pixels: Tensor, recipe: Recipe, stop: StopSignal
) -> tuple[Step, Convergence, Checkpoint]:
    """What moves the pixels, and what watches over that, from where they are now."""
    take_step = step_of(objective, pixels, recipe, stop)
    if pixels.is_cuda:
        take_step = GraphedStep(take_step, stop, pixels.device)
    return take_step, Convergence(recipe.tolerance), Checkpoint(pixels)


def _with_smaller_step(recipe: Recipe) -> Recipe:
    return recipe.changed(learning_rate=SMALLER_STEP * recipe.step_length)


def step_of(objective: Objective, pixels: Tensor, recipe: Recipe, stop: StopSignal) -> Step:
    """One step: loss, gradient, and the optimizer's move."""
    update = OPTIMIZERS[recipe.optimizer](pixels, recipe)

    def step() -> Tensor:
        evaluation = objective.evaluate(pixels)
        stop.check()
        update(objective.gradient(pixels, evaluation))
        return evaluation.numbers()

    return step


def diverged(size: Size, recipe: Recipe) -> DivergedError:
    """The error of a picture whose pixels are no longer finite numbers."""
    return DivergedError(
        f"The optimization diverged to values that are not finite, at {size[0]}x{size[1]} px: lower learning_rate "
        f"(now {recipe.step_length:g}) or the weights."
    )
