"""A run that is gone on with elsewhere ends as if it had never been interrupted; what is no such run is refused."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Collection
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from torch import Tensor

from nst.errors import CheckpointError, DivergedError, OutputError
from nst.painting import checkpoint
from nst.painting.backbone import Backbone
from nst.painting.painting import Painting, painting_of, reconstruct, stylize, synthesize
from nst.painting.schedule import RISE, SETBACK
from nst.painting.tensor_file import TensorFile, write_tensors
from nst.pictures.picture import Picture
from nst.recipe import Recipe
from tests.painting.step_paths import STEP_PATHS, scene_of
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

Make = Callable[[], Painting]


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


@pytest.fixture
def make(backbone: Backbone, content: Picture, style: Picture) -> Make:
    """A short run."""
    recipe = Recipe(**{**SMALL, "first_steps": 6, "last_steps": 4})
    return lambda: stylize(content, style, recipe, backbone=backbone)


@pytest.fixture
def data(make: Make) -> bytes:
    """Its checkpoint in the middle of the first scale."""
    painting = make()
    for _ in range(4):
        next(painting)
    taken = painting.checkpoint()
    assert taken is not None
    return taken


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


def tampered(data: bytes, change: Callable[[dict[str, str], dict[str, Tensor]], None]) -> bytes:
    """The same with other texts or tensors, and the checksum that goes with these."""
    file = TensorFile(io.BytesIO(data))
    texts, tensors, changed = file.metadata, file.tensors(), io.BytesIO()
    change(texts, tensors)
    write_tensors(changed, texts, tensors)
    return changed.getvalue()


def refusal(painting: Painting, source: bytes | Path) -> str:
    """What is said of a checkpoint with which no step is made."""

    def begin() -> None:
        painting.resume(source)
        next(painting)

    with pytest.raises(CheckpointError) as caught:
        begin()
    text = str(caught.value)
    assert "\n" not in text
    assert text.endswith(".")
    return text


def with_tensor(data: bytes, name: str, tensor: Tensor | None) -> bytes:
    """The same with another tensor of that name, or none."""

    def change(_: dict[str, str], tensors: dict[str, Tensor]) -> None:
        if tensor is None:
            del tensors[name]
        else:
            tensors[name] = tensor

    return tampered(data, change)


def with_numbers(data: bytes, numbers: dict[str, Any]) -> bytes:
    """The same with other numbers."""
    return tampered(data, lambda texts, _: texts.update(numbers=json.dumps(numbers)))


def test_each_of_its_tensors_must_be_what_it_is(data: bytes, make: Make) -> None:
    tensors = TensorFile(io.BytesIO(data)).tensors()
    assert len(tensors) > 10
    for name, tensor in tensors.items():
        flat = tensor.reshape(-1)
        no_number, too_large = tensor.clone(), tensor.clone()
        no_number.view(-1)[-1], too_large.view(-1)[0] = torch.nan, torch.inf
        for damage in (None, no_number, too_large, flat[:-1], tensor.long()):
            text = refusal(make(), with_tensor(data, name, damage))
            assert text.startswith(f"The checkpoint is damaged (its {name} is missing or not what it must be): delete")


def test_each_of_its_numbers_must_be_what_it_is(data: bytes, make: Make) -> None:
    numbers: dict[str, Any] = json.loads(TensorFile(io.BytesIO(data)).metadata["numbers"])
    assert len(numbers) > 10
    for name, number in numbers.items():
        of_any = (None, "1", True)
        for damage in (*of_any, -1, 0.5, 10**30) if isinstance(number, int) else of_any:
            text = refusal(make(), with_numbers(data, {**numbers, name: damage}))
            assert text.startswith("The checkpoint is damaged (")
        refusal(make(), with_numbers(data, {key: value for key, value in numbers.items() if key != name}))


def test_one_that_leaves_nothing_to_do_is_damaged(data: bytes, make: Make) -> None:
    """None is written after the last step."""
    numbers = json.loads(TensorFile(io.BytesIO(data)).metadata["numbers"])
    done = {**numbers, "schedule.scale": 1, "schedule.step": 4, "schedule.steps.1": 4}
    assert "its schedule.step is missing or not what it must be" in refusal(make(), with_numbers(data, done))


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "[" * 100_000, '{"task": 1}', '{"inputs": 5}', "NaN", '{"task": "stylize", "inputs": {}}']
)
def test_texts_that_say_nothing_are_damage(data: bytes, make: Make, text: str) -> None:
    said = refusal(make(), tampered(data, lambda texts, _: texts.update(origin=text)))
    assert said == (
        "The checkpoint is damaged (it does not say what it is of): delete it and begin the run anew, or use a copy of "
        "it."
    )
    refusal(make(), tampered(data, lambda texts, _: texts.update(numbers=text)))


def test_more_than_such_a_run_has_is_not_read(data: bytes, make: Make) -> None:
    def swollen(_: dict[str, str], tensors: dict[str, Tensor]) -> None:
        tensors["more"] = torch.zeros(50 * 3 * 64 * 53)

    assert "there is more in it than such a run has" in refusal(make(), tampered(data, swollen))


def test_a_file_that_is_cut_short_changed_or_another_one_is_refused(data: bytes, make: Make, tmp_path: Path) -> None:
    for length in (*range(0, 300, 7), len(data) // 2, len(data) - 1):
        assert "damaged" in refusal(make(), data[:length])
    for place in (*range(0, len(data), len(data) // 50), len(data) - 1):
        changed = bytearray(data)
        changed[place] ^= 0x10
        refusal(make(), bytes(changed))
    foreign = "The checkpoint is none that Gramarye wrote, or its beginning is damaged: name another file."
    torch.save({"pixels": torch.zeros(3)}, tmp_path / "pickle")
    assert refusal(make(), (tmp_path / "pickle").read_bytes()) == foreign
    assert refusal(make(), b"\x89PNG\r\n\x1a\n" + bytes(1000)) == foreign
    assert refusal(make(), b"") == foreign
    assert "no checksum" in refusal(make(), safetensors.torch.save({"pixels": torch.zeros(3)}))


def test_a_file_that_is_not_there_is_said(make: Make, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("missing", "", "pipe", "a\0b", "n" * 5000):
        assert "check the path" in (text := refusal(make(), tmp_path / name)) or "can't be read" in text


def test_a_later_format_is_left_to_its_version(data: bytes, make: Make) -> None:
    text = refusal(make(), tampered(data, lambda texts, _: texts.update({checkpoint.FORMAT_KEY: "2\x1b"})))
    assert text == (
        r"The checkpoint has the format '2\x1b', but this version of Gramarye reads '1': go on with the version that "
        "wrote it, or begin anew with another file."
    )


def of_other(data: bytes, **changes: Any) -> bytes:
    """The same, as if it were of another run."""

    def change(texts: dict[str, str], _: dict[str, Tensor]) -> None:
        texts["origin"] = json.dumps(json.loads(texts["origin"]) | changes)

    return tampered(data, change)


def test_what_differs_is_said_in_a_sentence_each(
    data: bytes, make: Make, backbone: Backbone, content: Picture, style: Picture
) -> None:
    recipe = make().recipe
    inputs = {"content": content, "style": style}

    def other(task: Any = "stylize", **changes: Any) -> Painting:
        given = {**inputs, **changes.pop("inputs", {})}
        return painting_of(task, given, recipe.changed(**changes), backbone)

    assert refusal(other(size=48, seed=3), data) == (
        "The checkpoint is of a run with another recipe (size was 64 and is 48; seed was 0 and is 3): give it the same "
        "settings, or begin anew with another file."
    )
    assert refusal(other(inputs={"style": content}), data) == (
        "The checkpoint is of a run whose style was 'picture 2', which picture 1 is not, or it was changed since: give "
        "it that image, or begin anew with another file."
    )
    assert refusal(other(inputs={"style_2": content}), data) == (
        "The checkpoint is of a run with other images (content, style) than this one has (content, style, style 2): "
        "give it the same ones, or begin anew with another file."
    )
    task = refusal(painting_of("reconstruct", {"content": content}, recipe.changed(init="random"), backbone), data)
    assert "is of the task stylize, but this is reconstruct: give it that task" in task
    assert "is of a run in bf16, but this is one in fp32: choose" in refusal(make(), of_other(data, precision="bf16"))
    written_by = refusal(make(), of_other(data, program="gramarye 0.1"))
    assert "was written by gramarye 0.1, but this is gramarye " in written_by
    network = {"name": "vgg\x1b19", "digest": "f" * 64}
    assert r"is of a run on the network vgg\x1b19 ffffffffffff, but this is vgg16 (random)" in refusal(
        make(), of_other(data, backbone=network)
    )


def test_what_may_differ_is_told(data: bytes, make: Make) -> None:
    differences = make().resume(of_other(data, torch="1.0", device="cuda:7"))
    assert differences == [f"PyTorch was 1.0 and is {torch.__version__}", "the device was cuda:7 and is cpu"]
