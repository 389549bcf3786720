"""What is refused as a checkpoint of a run, in a sentence each."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from torch import Tensor

from nst.errors import CheckpointError
from nst.painting import checkpoint
from nst.painting.backbone import Backbone
from nst.painting.painting import Painting, painting_of
from nst.painting.tensor_file import TensorFile
from nst.pictures.picture import Picture
from tests.painting.conftest import Make
from tests.painting.tampering import tampered


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
