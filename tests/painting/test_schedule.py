"""Scales, their steps, and the time that is left."""

from __future__ import annotations

from typing import Any

import pytest

from nst.errors import ImageError
from nst.painting.schedule import Progress, Schedule, scale_sizes
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
