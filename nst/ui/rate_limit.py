"""How often each of many may do something: a bucket of tokens for each, which fills again with time."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

REMEMBERED = 10_000
"""Visitors whose buckets are kept: about 2 MB.  Who was not seen for longest is forgotten first, and has a full one."""


class RateLimit:
    """So many at once, and so many a second in the long run, for each key.  Safe to use from any thread."""

    def __init__(
        self,
        burst: float,
        per_second: float,
        *,
        remembered: int = REMEMBERED,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._burst = burst
        self._per_second = per_second
        self._remembered = remembered
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """How many buckets are kept."""
        return len(self._buckets)

    def wait(self, key: str) -> float:
        """Take a token and return 0; or the seconds until there is one, if there is none."""
        with self._lock:
            now = self._clock()
            tokens, seen = self._buckets.pop(key, (self._burst, now))
            tokens = min(self._burst, tokens + self._per_second * max(0.0, now - seen))
            seconds = 0.0 if tokens >= 1 else (1 - tokens) / self._per_second
            self._buckets[key] = (tokens - (seconds == 0), now)
            while len(self._buckets) > self._remembered:
                self._buckets.popitem(last=False)
            return seconds
