"""A run that is gone on with elsewhere ends as if it had never been interrupted; what is no such run is refused."""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from torch import Tensor

from nst.errors import DivergedError, OutputError
from nst.painting import checkpoint
from nst.painting.backbone import Backbone
from nst.painting.painting import Painting, reconstruct, stylize, synthesize
from nst.painting.schedule import RISE, SETBACK
from nst.pictures.picture import Picture
from nst.recipe import Recipe
from tests.painting.conftest import Make
from tests.painting.step_paths import STEP_PATHS, scene_of
from tests.painting.tampering import tampered
from tests.serving.support import UnsoundExtractor

SMALL: dict[str, Any] = {
    "size": 64,
    "start_size": 40,
    "scale_step": 1.5,
    "first_steps": 24,
    "last_steps": 12,
    "upscale": True,
}
"""Two scales, of 43x36 and 64x53 px."""

ALONE: dict[str, Any] = {"size": 48, "start_size": 0, "first_steps": 30, "tolerance": 0.0}


def told(painting: Painting, checkpoints: dict[int, bytes | None] | None = None) -> list[tuple[Any, ...]]:
    """What is said of each step that is still to come, but for the time it took, and how the picture looks then.

    checkpoints: where they go to, by the number of the step.
    """
    steps = []
    for progress in painting:
        plain = vars(progress.plain()) | {"seconds": 0, "seconds_left": 0}
        steps.append((tuple(plain.values()), progress.losses(), progress.image().numpy().tobytes()))
        if checkpoints is not None:
            checkpoints[progress.iteration] = painting.checkpoint()
    return steps


def kept(painting: Painting) -> dict[int, bytes | None]:
    """The checkpoint after each step."""
    checkpoints: dict[int, bytes | None] = {}
    told(painting, checkpoints)
    return checkpoints


def goes_on_alike(make: Make, at: Collection[int]) -> None:
    """Interrupted after any of these steps, all steps behind it are the same, to the last bit."""
    checkpoints: dict[int, bytes | None] = {}
    whole = told(make(), checkpoints)
    for iteration in at:
        data, resumed = checkpoints[iteration], make()
        assert data is not None
        assert resumed.resume(data) == []
        assert told(resumed) == whole[iteration:]


OPTIMIZERS: dict[str, dict[str, Any]] = {
    "waves": {},
    "pixels": {"spectral_decay": 0.0},
    "waves, averaged": {"average": 0.9},
    "adam": {"optimizer": "adam"},
    "adam, averaged": {"optimizer": "adam", "average": 0.9},
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_interrupted_anywhere_it_ends_in_the_same_picture(
    backbone: Backbone, content: Picture, style: Picture, name: str
) -> None:
    """Also after the first step and a window of ten, with a full history, and between two scales."""
    recipe = Recipe(**{**SMALL, "tolerance": 0.0, **OPTIMIZERS[name]})
    goes_on_alike(lambda: stylize(content, style, recipe, backbone=backbone), at=[1, 10, 23, 24, 35])


@pytest.mark.parametrize("path", STEP_PATHS)
def test_whatever_is_compared_it_ends_in_the_same_picture(
    backbone: Backbone, content: Picture, style: Picture, path: str
) -> None:
    recipe = Recipe(**{**SMALL, "first_steps": 6, "last_steps": 4})
    scene = scene_of(path, recipe, content, style, content)
    goes_on_alike(lambda: Painting("stylize", scene, backbone=backbone), at=[3, 6, 8])


@pytest.mark.parametrize("init", ["random", "style-noise"])
def test_a_start_in_noise_is_not_made_again(backbone: Backbone, content: Picture, style: Picture, init: str) -> None:
    recipe = Recipe(**{**SMALL, "first_steps": 4, "last_steps": 3, "init": init, "seed": 7})
    goes_on_alike(lambda: stylize(content, style, recipe, backbone=backbone), at=[2, 4, 5])


def test_the_other_tasks_go_on_as_well(backbone: Backbone, content: Picture, style: Picture) -> None:
    few: dict[str, Any] = {"size": 48, "first_steps": 4, "last_steps": 3}
    texture, copy = (Recipe.preset(task=task, **few) for task in ("synthesize", "reconstruct"))
    goes_on_alike(lambda: synthesize(style, texture, backbone=backbone), at=[2])
    goes_on_alike(lambda: reconstruct(content, copy, backbone=backbone), at=[2])


def test_scales_that_ended_early_stay_so(backbone: Backbone, content: Picture, style: Picture) -> None:
    recipe = Recipe(**{**SMALL, "first_steps": 100, "last_steps": 60, "tolerance": 0.2})
    painting = stylize(content, style, recipe, backbone=backbone)
    first = [progress.iteration for progress in painting if progress.scale == 1]
    assert painting.latest is not None
    assert len(first) < 100
    assert painting.latest.step < 60  # so does the second
    ends = (first[-1], painting.latest.iteration)
    goes_on_alike(lambda: stylize(content, style, recipe, backbone=backbone), at=[ends[0] - 1, ends[0], ends[1] - 1])


def test_a_rise_is_remembered(backbone: Backbone, content: Picture, style: Picture) -> None:
    recipe = Recipe(**{**SMALL, "optimizer": "adam", "learning_rate": 1.0, "first_steps": 8, "last_steps": 8})
    checkpoints = kept(stylize(content, style, recipe, backbone=backbone))
    for iteration in (3, 8, 12):  # in the scale that rises, at its end, and in the next
        resumed = stylize(content, style, recipe, backbone=backbone)
        resumed.resume(checkpoints[iteration] or b"")
        resumed.result()
        assert resumed.latest is not None
        assert (resumed.latest.rises, resumed.latest.note) == (2, RISE)


def unsound(backbone: Backbone, *failing: int) -> Backbone:
    """One that sees no numbers in these steps, counted from 1."""
    return replace(
        backbone,
        extractor=UnsoundExtractor(**vars(backbone.extractor), sound=(step not in failing for step in count(1))),
    )


@pytest.mark.parametrize("changes", [{}, {"optimizer": "adam", "average": 0.9}])
def test_a_run_that_goes_back_has_no_checkpoint_until_it_is_on_its_way_again(
    backbone: Backbone, content: Picture, style: Picture, changes: dict[str, Any]
) -> None:
    """The loss of step 5 is no number, which is known after step 20; 30 steps are made from there."""
    recipe = Recipe(**{**ALONE, **changes})

    def make(*failing: int) -> Painting:
        return stylize(content, style, recipe, backbone=unsound(backbone, *failing))

    checkpoints: dict[int, bytes | None] = {}
    whole = told(make(5), checkpoints)
    assert [n for n, data in checkpoints.items() if data is None] == [*range(5, 21), 50]
    for iteration, failing in ((4, (1,)), (21, ()), (34, ())):
        resumed = make(*failing)
        resumed.resume(checkpoints[iteration] or b"")
        again = told(resumed)
        assert resumed.latest is not None
        assert (len(again), resumed.latest.note) == (50 - iteration, SETBACK)
        assert again[-1] == whole[-1]
        assert again[20 if iteration < 5 else 0 :] == whole[iteration + (20 if iteration < 5 else 0) :]
    resumed = make(3)
    resumed.resume(checkpoints[30] or b"")
    with pytest.raises(DivergedError):  # it went back once already
        resumed.result()


def test_the_next_scale_goes_on_with_the_smaller_steps(backbone: Backbone, content: Picture, style: Picture) -> None:
    recipe = Recipe(**{**SMALL, "first_steps": 4, "last_steps": 3, "tolerance": 0.0})

    def make(*failing: int) -> Painting:
        return stylize(content, style, recipe, backbone=unsound(backbone, *failing))

    checkpoints: dict[int, bytes | None] = {}
    whole = told(make(2), checkpoints)
    for iteration in (6, 8, 9):
        resumed = make()
        resumed.resume(checkpoints[iteration] or b"")
        assert told(resumed) == whole[iteration:]


def test_there_is_none_before_the_first_step_nor_after_the_last(make: Make, tmp_path: Path) -> None:
    painting = make()
    assert painting.checkpoint() is None
    painting.result()
    assert painting.checkpoint() is None
    assert painting.save_checkpoint(tmp_path / "run") is False
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_is_stopped_keeps_it_only_if_that_is_asked_for(make: Make) -> None:
    whole = told(make())
    for to_resume in (True, False):
        painting = make()
        next(painting)
        next(painting)
        painting.stop(to_resume=to_resume)
        assert list(painting) == []
        if to_resume:
            resumed = make()
            resumed.resume(painting.checkpoint() or b"")
            assert told(resumed) == whole[2:]
        else:
            assert painting.checkpoint() is None


def test_after_an_error_within_a_step_there_is_none(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    painting = make()
    next(painting)
    assert painting.checkpoint() is not None
    monkeypatch.setattr("nst.painting.moving_average.MovingAverage.add", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        next(painting)
    assert painting.checkpoint() is None


def test_a_run_that_went_on_can_be_interrupted_again(make: Make) -> None:
    whole, taken = told(make()), b""
    for iteration in range(1, len(whole)):
        painting = make()
        if taken:
            painting.resume(taken)
        next(painting)
        assert painting.latest is not None
        assert painting.latest.iteration == iteration
        taken = painting.checkpoint() or b""
    painting = make()
    painting.resume(taken)
    assert told(painting) == whole[-1:]


def test_a_file_is_what_the_bytes_are_and_takes_the_place_of_the_one_before(make: Make, tmp_path: Path) -> None:
    painting, path = make(), tmp_path / "run"
    path.write_text("older")
    next(painting)
    assert painting.save_checkpoint(path) is True
    assert path.read_bytes() == painting.checkpoint()
    assert list(tmp_path.iterdir()) == [path]
    resumed = make()
    resumed.resume(path)
    assert told(resumed) == told(make())[1:]


def test_time_goes_on_from_where_it_was(data: bytes, make: Make) -> None:
    def later(texts: dict[str, str], tensors: dict[str, Tensor]) -> None:
        texts["numbers"] = json.dumps(json.loads(texts["numbers"]) | {"schedule.seconds": 1000.0})

    painting = make()
    painting.resume(tampered(data, later))
    assert 1000 < next(painting).seconds < 2000


def test_nothing_is_left_where_it_can_not_be_written(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    painting, path = make(), tmp_path / "run"
    next(painting)
    with pytest.raises(OutputError, match=r"The checkpoint '.*missing/run' can't be written: No such file"):
        painting.save_checkpoint(tmp_path / "missing" / "run")
    path.write_text("older")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="No space left on device"):
        painting.save_checkpoint(path)
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_text() == "older"
    next(painting)  # and the painting goes on


def test_what_killed_processes_left_is_deleted_and_nothing_else(tmp_path: Path) -> None:
    others = [tmp_path / name for name in ("run", "run.part", ".run.part", f".run.b.{'0' * 32}.part", ".run.x.part")]
    for path in (*others, tmp_path / f".run.{'0123abcd' * 4}.part"):
        path.touch()
    checkpoint.remove_parts(tmp_path / "run")
    assert set(tmp_path.iterdir()) == set(others)


def test_one_that_is_stopped_in_the_first_step_of_a_scale_goes_on_there(make: Make) -> None:
    """Whatever it has done there: between two scales it holds on to where it was."""
    painting, whole = make(), told(make())
    last = 0
    for progress in painting:
        last = progress.iteration
        if progress.step == progress.steps and progress.scale == 1:
            break
    painting.stop(to_resume=True)
    assert list(painting) == []
    resumed, data = make(), painting.checkpoint()
    assert data is not None
    resumed.resume(data)
    assert told(resumed) == whole[last:]
