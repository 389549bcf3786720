"""Scales, their steps, and the time that is left."""

from __future__ import annotations

from typing import Any

import pytest

from nst.errors import ImageError
from nst.painting.schedule import Progress, Schedule, scale_sizes
from nst.painting.state import Saved, flattened
from nst.pictures.picture import Size
from nst.recipe import Recipe

ROOT_2 = 2**0.5


@pytest.mark.parametrize(
    ("width", "height", "changes", "expected"),
    [
        (4000, 3000, {"size": 384}, [(96, 72), (192, 144), (384, 288)]),
        (3000, 4000, {"size": 256}, [(48, 64), (96, 128), (192, 256)]),
        (300, 200, {"size": 512}, [(75, 50), (150, 100), (300, 200)]),
        (300, 200, {"size": 512, "upscale": True, "start_size": 128}, [(128, 85), (256, 170), (512, 341)]),
        (4000, 3000, {"size": 384, "scale_step": ROOT_2, "start_size": 150}, [(192, 144), (272, 204), (384, 288)]),
        (4000, 3000, {"size": 384, "start_size": 0}, [(384, 288)]),
        (4000, 3000, {"size": 120}, [(120, 90)]),
        (4096, 256, {"size": 1024}, [(512, 32), (1024, 64)]),
        (4000, 3000, {"size": 384, "border": "wrap"}, [(96, 64), (192, 144), (384, 288)]),
        (300, 200, {"size": 512, "border": "wrap"}, [(80, 48), (144, 96), (304, 192)]),
        (19, 128, {"size": 128, "border": "wrap"}, [(16, 128)]),
    ],
)
def test_scales_grow_by_the_step_up_to_the_full_size(
    width: int, height: int, changes: dict[str, Any], expected: list[Size]
) -> None:
    assert scale_sizes(width, height, Recipe(**changes)) == expected


def test_scales_that_come_to_the_same_size_on_a_torus_are_one() -> None:
    sizes = scale_sizes(128, 128, Recipe(size=128, scale_step=1.1, border="wrap"))
    assert sizes == [(side, side) for side in (64, 80, 96, 112, 128)]


def test_a_picture_too_thin_for_its_size_is_refused_with_the_size_that_fits() -> None:
    with pytest.raises(ImageError, match=r"4096x32 px would be 512x4 px at size 512.*use size 2048 or more"):
        scale_sizes(4096, 32, Recipe(size=512))
    assert scale_sizes(4096, 32, Recipe(size=2048))[-1] == (2048, 16)


def test_time_left_is_estimated_from_the_work_that_is_done() -> None:
    ticks = iter([100.0, *(100.0 + 2 * n for n in range(1, 5))])
    schedule = Schedule([(48, 40)], Recipe(first_steps=4), clock=lambda: next(ticks))
    assert list(schedule.scales()) == [(48, 40)]
    progress = [schedule.advance() for _ in range(4)]
    assert [(p.seconds, p.seconds_left) for p in progress] == [(2, 6), (4, 4), (6, 2), (8, 0)]
    assert [p.time_left for p in progress] == ["0:06", "0:04", "0:02", "0:00"]


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0:00"), (9.6, "0:10"), (64.6, "1:05"), (3600, "60:00")])
def test_the_time_left_is_said_in_minutes_and_seconds(seconds: float, text: str) -> None:
    progress = Progress(
        scale=1, scales=1, size=(48, 40), step=1, steps=2, iteration=1, iterations=2, done=0.5, seconds=1.0,
        seconds_left=seconds,
    )  # fmt: skip
    assert progress.time_left == text


def test_a_scale_that_ends_early_takes_its_steps_out_of_the_plan() -> None:
    schedule = Schedule([(10, 10), (20, 20)], Recipe(first_steps=5, last_steps=2), clock=lambda: 0.0)
    scales = schedule.scales()
    next(scales)
    schedule.advance()
    progress = schedule.advance(scale_ends=True)
    assert (progress.step, progress.steps, progress.iterations) == (2, 2, 4)
    assert schedule.scale_is_done
    assert progress.done == pytest.approx(2 * 100 / (2 * 100 + 2 * 400))
    next(scales)
    assert not schedule.scale_is_done
    assert schedule.advance().iteration == 3


def test_steps_that_were_for_nothing_are_made_again_and_counted_on() -> None:
    recipe = Recipe(first_steps=6, last_steps=2)
    schedule = Schedule([(10, 10), (20, 20)], recipe)
    scales = schedule.scales()
    next(scales)
    before = [schedule.advance() for _ in range(4)]
    schedule.go_back(3)
    after = [schedule.advance() for _ in range(5)]
    assert [p.iteration for p in (*before, *after)] == list(range(1, 10))
    assert [(p.steps, p.iterations, p.setbacks) for p in (before[-1], after[-1])] == [(6, 8, 0), (9, 11, 1)]
    assert schedule.scale_is_done
    next(scales)
    assert [schedule.advance().done for _ in range(2)][-1] == 1


def test_a_scale_that_seemed_to_end_early_gets_all_of_its_steps_again() -> None:
    schedule = Schedule([(10, 10)], Recipe(first_steps=6))
    next(schedule.scales())
    schedule.advance()
    schedule.advance(scale_ends=True)
    assert schedule.scale_is_done
    schedule.go_back(2)
    assert schedule.steps == [8]


def test_a_schedule_goes_on_with_its_scales_its_clock_and_its_pace() -> None:
    """Two seconds a step; the time between, and the first step after it with its targets, tell nothing of the pace."""
    sizes, recipe = [(24, 20), (48, 40)], Recipe(first_steps=4, last_steps=3)
    before = Schedule(sizes, recipe, clock=iter([0.0, 9.0, 11.0, 13.0]).__next__)
    next(before.scales())
    for _ in range(3):
        before.advance()
    values = dict(flattened(before.state()))
    after = Schedule(sizes, recipe, clock=iter([100.0, 107.0, 109.0, 120.0]).__next__)
    after.load_state(Saved("it", values))
    scales = after.scales()
    assert next(scales) == (24, 20)
    resumed = after.advance()
    assert (resumed.scale, resumed.step, resumed.iteration, resumed.seconds) == (1, 4, 4, 20)
    assert resumed.seconds_left == 3 * 4 * 2  # steps of four times as many pixels
    assert after.scale_is_done
    assert next(scales) == (48, 40)
    assert (after.advance().step, after.advance().iteration) == (1, 6)


def test_after_its_last_step_a_scale_is_not_begun_again() -> None:
    sizes, recipe = [(24, 20), (48, 40)], Recipe(first_steps=4, last_steps=3)
    before = Schedule(sizes, recipe)
    next(before.scales())
    before.advance(scale_ends=True)
    after = Schedule(sizes, recipe)
    after.load_state(Saved("it", dict(flattened(before.state()))))
    assert (after.size, after.scale_is_done, after.is_done) == ((24, 20), True, False)
    assert list(after.scales()) == [(48, 40)]
    assert after.steps == [1, 3]
