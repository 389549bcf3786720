"""What a painting is likely to take on this machine, told before it is begun: as measured, or as the last one took."""

from __future__ import annotations

from .cost import Cost
from .speed import Speed

FARTHEST = 8.0
"""How many times longer or shorter than reckoned a painting may have taken for it to say something of the next one."""


class Pace:
    """Safe to use from any thread.  measured: the speed of the device, None where nobody has measured it yet."""

    def __init__(self, measured: Speed | None = None) -> None:
        self.measured = measured
        self._factor = 1.0

    @property
    def speed(self) -> Speed | None:
        """By which the next painting is reckoned, None where nothing is known."""
        return self.measured.slower(self._factor) if self.measured else None

    def seconds(self, cost: Cost) -> float | None:
        """What a painting of this cost is reckoned to take, None where nothing is known."""
        speed = self.speed
        return speed.seconds(cost) if speed else None

    def learn(self, cost: Cost, seconds: float) -> None:
        """A whole painting of this cost has taken so many seconds: the next one is reckoned by it."""
        if self.measured is None:
            self.measured = Speed(0.0, 0.0, cost.operations / max(seconds, 1e-3))
            return
        self._factor = min(max(seconds / self.measured.seconds(cost), 1 / FARTHEST), FARTHEST)
