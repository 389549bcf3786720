"""A run at one scale: what moves the pixels there, and what watches over that."""

from __future__ import annotations

from torch import Tensor

from ..pictures.picture import Size
from ..recipe import Recipe
from .banded_objective import BandedObjective
from .convergence import Convergence, Descent
from .cuda_graph import GraphedStep, Step
from .last_good import LastGood
from .moving_average import MovingAverage
from .objective import TOTAL, Objective
from .optimizers import Optimizer, optimizer_of
from .room import EVERYTHING, Room
from .state import Saved, State
from .stopping import StopSignal


class Stage:
    """Makes the steps of one scale, and carries all that each leaves to the next.

    objective: the scale's loss.  pixels: 1x3xHxW, where it begins; they are moved in place.  average: of the pixels so
    far, also those of the scale before.  recipe: the one that says how far a step goes.  room: what the
    optimizer does without.
    """

    def __init__(
        self,
        objective: Objective,
        pixels: Tensor,
        average: MovingAverage,
        recipe: Recipe,
        stop: StopSignal,
        room: Room = EVERYTHING,
    ) -> None:
        self.pixels = pixels.requires_grad_()
        self.average = average
        self.last_good = LastGood(pixels)
        self._convergence = Convergence(recipe.tolerance)
        self._descent = Descent()
        self._optimizer = optimizer_of(pixels, recipe, room)
        self._take_step = step_of(objective, pixels, self._optimizer, stop)
        if pixels.is_cuda and not isinstance(objective, BandedObjective):
            self._take_step = GraphedStep(self._take_step, stop, pixels.device)

    @classmethod
    def restored(
        cls, saved: Saved, size: Size, objective: Objective, recipe: Recipe, stop: StopSignal, room: Room = EVERYTHING
    ) -> Stage:
        """The one that had this state, at this size (width, height).  Raises CheckpointError."""
        average = MovingAverage.restored(saved.part("average"), size, recipe.average)
        stage = cls(objective, saved.tensor("pixels", (1, 3, size[1], size[0])), average, recipe, stop, room)
        stage._optimizer.load_state(saved.part("optimizer"))
        stage.last_good.load_state(saved.part("last_good"))
        stage._convergence.load_state(saved.part("convergence"), stage.pixels)
        stage._descent.load_state(saved.part("descent"), stage.pixels)
        return stage

    def step(self) -> Tensor:
        """Move the pixels once; returns the numbers of the loss before that, as `Losses.read` takes them."""
        numbers = self._take_step()
        self.average.add(self.pixels)
        for watcher in (self._convergence, self.last_good, self._descent):
            watcher.add(numbers[TOTAL])
        return numbers

    @property
    def has_settled(self) -> bool:
        """True when more steps would lower the loss by too little."""
        return self._convergence.reached

    def went_up(self) -> bool:
        """True if the latest loss is plainly higher than the first; waits for the device."""
        return self._descent.went_up()

    def is_sound(self, *, look: bool) -> bool:
        """False when the numbers are no longer finite; as `LastGood.is_sound`."""
        return self.last_good.is_sound(look=look)

    def state(self) -> State:
        """All that it carries, after a step."""
        return {
            "pixels": self.pixels,
            "average": self.average.state(),
            "optimizer": self._optimizer.state(),
            "last_good": self.last_good.state(),
            "convergence": self._convergence.state(),
            "descent": self._descent.state(),
        }


def step_of(objective: Objective, pixels: Tensor, optimizer: Optimizer, stop: StopSignal) -> Step:
    """One step: loss, gradient, and the optimizer's move."""

    def step() -> Tensor:
        evaluation = objective.evaluate(pixels)
        stop.check()
        optimizer.step(objective.gradient(pixels, evaluation))
        return evaluation.numbers()

    return step
