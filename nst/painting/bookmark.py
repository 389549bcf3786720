"""Where a run is after its latest step, so that another one can go on from there."""

from __future__ import annotations

from .moving_average import MovingAverage
from .schedule import Schedule
from .stage import Stage
from .state import State, flattened, is_finite


class Bookmark:
    """Lies in a loop, which moves it on with each step.  It holds on to the loop's tensors, which are large."""

    def __init__(self) -> None:
        self._place: tuple[Stage | MovingAverage, State, int, bool] | None = None

    def move(self, stage: Stage, schedule: Schedule, rises: int) -> None:
        """A step was made.  rises: how many scales have ended with a higher loss, this one too if it is over."""
        self._place = None if schedule.is_done else (stage, schedule.state(), rises, schedule.scale_is_done)

    def leave_scale(self) -> None:
        """The next scale is about to begin: of the one that is over it holds on to the average alone."""
        if self._place is not None:
            at, schedule, rises, scale_is_done = self._place
            self._place = (at.average if isinstance(at, Stage) else at, schedule, rises, scale_is_done)

    def remove(self) -> None:
        """What it held is about to change, or is no longer needed."""
        self._place = None

    def state(self) -> State | None:
        """All that the loop carries; `optimize` begins there.  Reads the device; its tensors are the loop's own.

        None when there is nothing to go on from: before the first step, after the last one, and while the numbers are
        not finite, as the loop is about to go back then.
        """
        if self._place is None:
            return None
        at, schedule, rises, scale_is_done = self._place
        if isinstance(at, MovingAverage):
            carried: State = {"average": at.state()}
        elif not at.is_sound(look=True):
            return None
        else:
            carried = {"average": at.average.state()} if scale_is_done else {"stage": at.state()}
        state: State = {"schedule": schedule, "rises": rises, **carried}
        return state if all(is_finite(value) for _, value in flattened(state)) else None
