"""How fast a device is: sums by hand, and steps whose seconds are known.  `bench.duration` asks real ones."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle, islice
from types import SimpleNamespace
from typing import Any

import pytest

from nst.painting.backbone import Backbone
from nst.painting.painting import stylize
from nst.recipe import Recipe
from nst.serving import speed
from nst.serving.cost import Cost
from nst.serving.speed import CPU_SIDE, MARGIN, TINY, Speed
from tests.serving.support import noise


def test_seconds_are_start_steps_and_operations() -> None:
    device = Speed(start=1.0, step=0.5, operations=100.0)
    assert device.seconds(Cost(steps=10, operations=300.0, bytes=1e9)) == 1 + 10 * 0.5 + 300 / 100


STEP, PER_PIXEL = 0.01, 1e-6
"""Seconds of a step here, whatever its size, and of each pixel in it."""


class TimedPainting:
    """Stands in for a painting: each step takes the seconds above, but for those that something else held up."""

    held_up = (1.0, 0.0, 3.0, 0.0, 0.5, 2.0)

    def __init__(self, recipe: Recipe) -> None:
        self._step = STEP + PER_PIXEL * recipe.size**2
        self._steps = recipe.first_steps

    def __iter__(self) -> Iterator[Any]:
        seconds = 0.0
        for held_up in islice(cycle(self.held_up), self._steps):
            seconds += self._step + held_up
            yield SimpleNamespace(seconds=seconds, losses=lambda: None)


def test_a_measured_speed_foretells_a_painting(backbone: Backbone, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the margin, and a little too long, as what each step takes is also in the large one that is timed."""
    monkeypatch.setattr(speed, "stylize", lambda content, style, recipe, backbone: TimedPainting(recipe))
    measured = Speed.measured(backbone)
    assert measured.start == MARGIN
    assert measured.step == pytest.approx(MARGIN * (STEP + PER_PIXEL * TINY**2))
    for side in (CPU_SIDE, 2 * CPU_SIDE):
        picture = noise(side, side)
        painting = stylize(picture, picture, Recipe(size=side, start_size=0, first_steps=100), backbone=backbone)
        takes = 1 + 100 * (STEP + PER_PIXEL * side**2)
        assert 1 < measured.seconds(Cost.of(painting)) / (MARGIN * takes) < 1.25


def test_a_real_device_takes_time(backbone: Backbone) -> None:
    measured = Speed.measured(backbone)
    assert min(measured.start, measured.step, measured.operations) > 0
