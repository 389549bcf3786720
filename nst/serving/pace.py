"""What a painting is likely to take on this machine, told before it is begun: as measured, or as the last one took."""

from __future__ import annotations

from .cost import Cost
from .speed import Speed

FARTHEST = 8.0
"""How many times longer or shorter than reckoned a painting may have taken for it to say something of the next one."""


class Pace:
    """Safe to use from any thread.  speed: of the device, None where nobody has measured it yet."""

    def __init__(self, speed: Speed | None = None) -> None:
        self.speed = speed
        self._factor = 1.0

    def seconds(self, cost: Cost) -> float | None:
        """What a painting of this cost is reckoned to take, None where nothing is known."""
        return self._factor * self.speed.seconds(cost) if self.speed else None

    def learn(self, cost: Cost, seconds: float) -> None:
        """A whole painting of this cost has taken so many seconds: the next one is reckoned by it."""
        if self.speed is None:
            self.speed = Speed(0.0, 0.0, cost.operations / max(seconds, 1e-3))
            return
        self._factor = min(max(seconds / self.speed.seconds(cost), 1 / FARTHEST), FARTHEST)
