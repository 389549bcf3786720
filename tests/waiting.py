"""How long tests wait for what is to happen at last."""

from __future__ import annotations

import time
from collections.abc import Callable

SLOW = 120
"""Seconds after which something is taken never to happen: far more than it takes, also where other tests have the
machine's cores meanwhile.  It is no measure of speed, and less than pytest gives a whole test."""


def until(condition: Callable[[], object], told: Callable[[], object] = lambda: "it did not come to that") -> None:
    """Look again and again whether it is so.  told: what is known where it never is."""
    ends_at = time.monotonic() + SLOW
    while not condition():
        assert time.monotonic() < ends_at, told()
        time.sleep(0.02)
