"""Seconds of calls that take turns, so that a machine whose rate changes by the minute is the same for all."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping

import torch

TimedCall = Callable[[], object]

WARM_UP = 2
"""Turns that are left out."""

CALLS_PER_TURN = {"cuda": 10}
"""By the kind of device, else 1: a GPU is only waited for after so many, as it is while a picture is painted."""


def finish(device: torch.device) -> None:
    """Wait until a device has done all that it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def seconds_each(calls: Mapping[str, TimedCall], rounds: int, device: torch.device) -> dict[str, float]:
    """Medians over the turns of what one call takes; rounds: turns that count."""
    seconds_of: dict[str, list[float]] = {name: [] for name in calls}
    count = CALLS_PER_TURN.get(device.type, 1)
    for _ in range(WARM_UP + rounds):
        for name, call in calls.items():
            seconds_of[name].append(seconds_of_calls(call, count, device))
    return {name: statistics.median(seconds[WARM_UP:]) for name, seconds in seconds_of.items()}


def seconds_of_calls(call: TimedCall, count: int, device: torch.device) -> float:
    """What one of so many calls in a row takes, from an idle device to an idle device."""
    finish(device)
    began = time.perf_counter()
    for _ in range(count):
        call()
    finish(device)
    return (time.perf_counter() - began) / count
