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
from .bookmark import Bookmark
from .last_good import LastGood
from .moving_average import MovingAverage
from .objective import Losses, Objective, Parts
from .room import Room
from .schedule import Progress, Schedule
from .stage import Stage
from .state import Saved
from .stopping import StopSignal

SMALLER_STEP = 0.1
"""What the learning rate is multiplied by, for the rest of a run, when its numbers have ceased to be finite."""


class Paintable(Protocol):
    """What the loop knows of its subject: `nst.painting.subject.Subject` is one."""

    @property
    def recipe(self) -> Recipe: ...

    @property
    def room(self) -> Room: ...

    def objective(self, size: Size) -> Objective:
        """The loss of a picture of this size, asked for once per scale."""

    def shown(self, image: Tensor) -> Tensor:
        """What was optimized -> what is to be seen, both 1x3xHxW in [0, 1] on the CPU."""


@dataclass(frozen=True)
class Live:
    """A handle to tensors on the device, which are read when somebody asks.

    numbers: of the losses, with their `parts`.  average: the image, also after the run has gone on.  last_good:
    what is shown where that is no longer made of numbers.
    """

    numbers: Tensor
    parts: Parts
    average: MovingAverage
    last_good: LastGood
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
            image = self.live.last_good.picture.to("cpu", torch.float32)
        return self.live.subject.shown(image.clamp(0, 1))

    def plain(self) -> Progress:
        """The numbers alone, which can go to another process."""
        return Progress(**{field.name: getattr(self, field.name) for field in fields(Progress)})


def optimize(
    subject: Paintable, start: Tensor | Saved, schedule: Schedule, stop: StopSignal, bookmark: Bookmark | None = None
) -> Iterator[LiveProgress]:
    """Optimize an image over the scales of a schedule and yield after each step.

    start: 1x3xHxW in [0, 1] on the device where the work is done; or what a bookmark held, to go on from there.
    When the numbers are no longer finite, it goes back to the last good picture and on from there with a smaller step,
    once in a run.  bookmark: is moved on with each step.  Raises DivergedError when the numbers cease to be finite
    again, Stopped after half a step when the signal is set, CheckpointError when what a bookmark held is damaged.
    """
    recipe, bookmark = subject.recipe, bookmark or Bookmark()
    if isinstance(start, Saved):
        average, rises, saved_stage = _restored(start, schedule, recipe)
        recipe = _with_smaller_step(recipe) if schedule.setbacks else recipe
    else:
        average, rises, saved_stage = MovingAverage(start, recipe.average), 0, None
    for size in schedule.scales():
        bookmark.leave_scale()
        objective = subject.objective(size)
        if saved_stage:
            stage, saved_stage = Stage.restored(saved_stage, size, objective, recipe, stop, subject.room), None
        else:
            assert average is not None
            average = average.resized(size, wrap=recipe.wraps)
            stage = Stage(objective, average.image().clamp(0, 1), average, recipe, stop, subject.room)
        while True:
            if not stage.is_sound(look=schedule.scale_is_done):
                if schedule.setbacks:
                    raise diverged(size, subject.recipe)
                bookmark.remove()
                schedule.go_back(stage.last_good.restore())
                recipe = _with_smaller_step(recipe)
                average = MovingAverage(stage.pixels, recipe.average)
                stage = Stage(objective, stage.pixels, average, recipe, stop, subject.room)
            if schedule.scale_is_done:
                break
            numbers = stage.step()
            progress = schedule.advance(scale_ends=stage.has_settled)
            progress = replace(progress, rises=rises + (schedule.scale_is_done and stage.went_up()))
            bookmark.move(stage, schedule, progress.rises)
            live = Live(numbers, objective.parts, stage.average, stage.last_good, subject)
            yield LiveProgress(**vars(progress), live=live)
        average, rises = stage.average, progress.rises


def _restored(saved: Saved, schedule: Schedule, recipe: Recipe) -> tuple[MovingAverage | None, int, Saved | None]:
    """Where a bookmark lay: between two scales with the average that the next one begins with, or in a stage."""
    schedule.load_state(saved.part("schedule"))
    rises = saved.whole("rises", most=len(schedule.sizes))
    if not schedule.scale_is_done:
        return None, rises, saved.part("stage")
    return MovingAverage.restored(saved.part("average"), schedule.size, recipe.average), rises, None


def _with_smaller_step(recipe: Recipe) -> Recipe:
    return recipe.changed(learning_rate=SMALLER_STEP * recipe.step_length)


def diverged(size: Size, recipe: Recipe) -> DivergedError:
    """The error of a picture whose pixels are no longer finite numbers."""
    return DivergedError(
        f"The optimization diverged to values that are not finite, at {size[0]}x{size[1]} px: lower learning_rate "
        f"(now {recipe.step_length:g}) or the weights."
    )
