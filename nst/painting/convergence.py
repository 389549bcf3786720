"""Whether a scale improves: on the way, told without waiting for the device, and at its end."""

from __future__ import annotations

import torch
from torch import Tensor

from .state import Saved, State

WINDOW = 10
"""Steps whose least loss is compared with that of as many before."""

ROUNDING = 0.01
"""The share of a loss that is no difference: bf16 features are rounded to 0.4 %."""

NOTHING = 1e-6
"""A loss that is as good as none: a relative one is 1 where nothing is alike, a plain one is larger."""


COMPARED = 3
"""Windows that count: the latest, which may not have arrived yet, and the two before, which are compared."""

MAX_STEPS = 1 << 31
"""More than a scale ever has."""


class Convergence:
    """Takes in each step's loss; `reached` when a window of steps lowered the least loss by less than `tolerance`.

    The numbers compared are a window old, and have arrived from the device long before they are asked for: so a scale
    goes on for a window after it has settled.  They depend on nothing but the steps, so the same run ends at the same
    step.  tolerance: a share of the loss; 0 is never reached.
    """

    def __init__(self, tolerance: float) -> None:
        self._tolerance = tolerance
        self._steps = 0
        self._lowest: Tensor | None = None
        self._arriving: list[Arriving] = []

    def add(self, loss: Tensor) -> None:
        """loss: one number, on any device."""
        if not self._tolerance:
            return
        self._steps += 1
        self._lowest = loss if self._lowest is None else torch.minimum(self._lowest, loss)
        if self._steps % WINDOW == 0:
            self._arriving.append(Arriving(self._lowest))
            self._lowest = None

    def state(self) -> State:
        """What it carries; waits for the device."""
        state: dict[str, float | State] = {"steps": self._steps}
        if self._lowest is not None:
            state["lowest"] = float(self._lowest)
        windows = self._arriving[-COMPARED:]
        return {**state, "windows": {str(place): window.value() for place, window in enumerate(windows)}}

    def load_state(self, saved: Saved, like: Tensor) -> None:
        """Go on as the one that had this state.  like: of the losses' kind and device.  Raises CheckpointError."""
        self._steps = saved.whole("steps", most=MAX_STEPS)
        self._lowest = like.new_tensor(saved.number("lowest")) if self._steps % WINDOW else None
        windows = saved.part("windows")
        places = [str(place) for place in range(min(self._steps // WINDOW, COMPARED))]
        self._arriving = [Arriving(like.new_tensor(windows.number(place))) for place in places]

    @property
    def reached(self) -> bool:
        """True at the end of a window, if the one before it brought too little, or what is not a number."""
        if self._steps % WINDOW or len(self._arriving) < COMPARED:
            return False
        before, after = (arriving.value() for arriving in self._arriving[-COMPARED:-1])
        return not before - after >= self._tolerance * before


class Descent:
    """Takes in each step's loss, and tells at the end of a scale whether the way led up instead of down."""

    def __init__(self) -> None:
        self._first: Arriving | None = None
        self._latest: Tensor | None = None

    def add(self, loss: Tensor) -> None:
        """loss: one number, on any device."""
        self._first = self._first or Arriving(loss)
        self._latest = loss

    def state(self) -> State:
        """What it carries, after at least one step; waits for the device."""
        assert self._first is not None
        assert self._latest is not None
        return {"first": self._first.value(), "latest": float(self._latest)}

    def load_state(self, saved: Saved, like: Tensor) -> None:
        """Go on as the one that had this state.  like: of the losses' kind and device.  Raises CheckpointError."""
        self._first = Arriving(like.new_tensor(saved.number("first")))
        self._latest = like.new_tensor(saved.number("latest"))

    def went_up(self) -> bool:
        """True if the latest loss is plainly higher than the first; waits for the device."""
        assert self._first is not None
        assert self._latest is not None
        return Arriving(self._latest).value() > (1 + ROUNDING) * self._first.value() + NOTHING


class Arriving:
    """A number on its way from the device, which goes on meanwhile."""

    def __init__(self, number: Tensor) -> None:
        self._copy = number.to("cpu", non_blocking=number.is_cuda)  # elsewhere there is no event to wait for
        self._event: torch.cuda.Event | None = None
        if number.is_cuda:
            self._event = torch.cuda.Event()  # type: ignore[no-untyped-call]
            self._event.record(torch.cuda.current_stream(number.device))  # which need not be the thread's own GPU

    def value(self) -> float:
        """The number; waits for it alone."""
        if self._event is not None:
            self._event.synchronize()
        return float(self._copy.numpy())
