"""The export as a whole: a proven file or none, whatever fails and however many ask for it at once."""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import onnx
import pytest
import torch
from torch import Tensor

from nst.errors import ModelError, WeightsError
from nst.network import build
from nst.network.build import ensure_model, export_model, make_model
from nst.network.model import open_model
from nst.network.say import Say
from nst.network.verify import verify
from nst.network.weights import Weights, random_weights
from nst.painting.backbone import Backbone

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def weights() -> Weights:
    return random_weights(4)


def quick(path: Path) -> tuple[str, float]:
    """One small size is enough here."""
    return verify(path, sizes=[(16, 16)])


def fake_proof(path: Path) -> tuple[str, float]:
    """For tests that need no proof at all."""
    return "conv1", 0.0


def nobody(say: Say) -> Weights:
    pytest.fail("weights were looked for")


def files(folder: Path) -> set[str]:
    """All but the lock, which stays: to remove it would let two processes in."""
    return {path.name for path in folder.iterdir() if not path.name.endswith(".lock")}


def test_a_good_export_holds_the_weights_and_says_so_only_through_say(
    weights: Weights, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    lines: list[str] = []
    path = tmp_path / "new" / "folder" / "m.onnx"
    model = export_model(path, weights, lines.append, prove=quick)
    assert (model.path, model.backbone, model.source) == (path, weights.backbone, weights.source)
    assert all(torch.equal(model.weights[name], tensor) for name, tensor in weights.tensors.items())
    assert files(path.parent) == {"m.onnx"}
    assert re.fullmatch(r"ONNX Runtime and PyTorch agree at every tap; .* is \d\.\de-\d\d, at conv\d+\.", lines[0])
    assert lines[1:] == [f"Wrote {path} (59 MB)."]
    assert capfd.readouterr() == ("", "")


# Failures


class Failing(dict[str, Tensor]):
    """Tensors that can't be gone through."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def items(self) -> NoReturn:
        raise self.error


def save_half(error: BaseException) -> Callable[..., None]:
    def save(model: onnx.ModelProto, path: Path) -> None:
        Path(path).write_bytes(model.SerializeToString()[:1000])
        raise error

    return save


def fail(error: BaseException) -> Callable[..., Any]:
    def call(*_: Any, **__: Any) -> NoReturn:
        raise error

    return call


FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("older", [False, True], ids=["no older file", "an older file"])
@pytest.mark.parametrize("stage", ["the graph", "writing", "the proof", "moving"])
@pytest.mark.parametrize("error", [KeyboardInterrupt(), FULL, MemoryError()], ids=["interrupt", "full disk", "memory"])
def test_a_failure_at_any_stage_leaves_things_as_they_were(
    weights: Weights, tmp_path: Path, stage: str, error: BaseException, older: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, prove = tmp_path / "m.onnx", fail(error)
    if older:
        path.write_text("older")
    if stage == "the graph":
        weights = Weights(Failing(error), weights.backbone, weights.source)
    elif stage == "writing":
        monkeypatch.setattr(onnx, "save", save_half(error))
    elif stage == "moving":
        prove = fake_proof
        monkeypatch.setattr(os, "replace", fail(error))
    expected = ModelError if error is FULL else type(error)
    with pytest.raises(expected) as caught:
        export_model(path, weights, lambda _: None, prove=prove)
    if error is FULL:
        assert str(caught.value) == f"{path} can't be written: No space left on device."
    assert files(tmp_path) == ({"m.onnx"} if older else set())
    assert not older or path.read_text() == "older"


def test_a_file_on_which_the_two_disagree_is_not_kept(weights: Weights, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="disagree"):
        export_model(
            tmp_path / "m.onnx", weights, lambda _: None, prove=lambda path: verify(path, [(16, 16)], tolerance=0)
        )
    assert files(tmp_path) == set()


@pytest.mark.parametrize("name", ["m.onnx", "m[1].onnx"])
def test_what_a_killed_export_left_is_swept_and_nothing_else(weights: Weights, tmp_path: Path, name: str) -> None:
    for left in (f".{name}.123.part", ".other.onnx.123.part", "m.part"):
        (tmp_path / left).touch()
    export_model(tmp_path / name, weights, lambda _: None, prove=quick)
    assert files(tmp_path) == {name, ".other.onnx.123.part", "m.part"}


@pytest.mark.parametrize("folder", ["file/below", "/proc", "/proc/below"])
def test_a_folder_that_cannot_be_written_is_named_at_once(weights: Weights, tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").touch()
    path = tmp_path / folder / "m.onnx"
    message = rf"^{path} can't be written: [A-Z][a-z ]+\.$"
    with pytest.raises(ModelError, match=message):
        export_model(path, weights, lambda _: None, prove=quick)
    with pytest.raises(ModelError, match=message):
        ensure_model(path, lambda _: None, find=nobody)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_named_at_once(weights: Weights, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ModelError, match="Permission denied"):
        export_model(tmp_path / "m.onnx", weights, lambda _: None, prove=quick)


def test_an_output_that_is_a_folder_is_an_error(weights: Weights, tmp_path: Path) -> None:
    (tmp_path / "m.onnx").mkdir()
    with pytest.raises(ModelError, match="Is a directory"):
        export_model(tmp_path / "m.onnx", weights, lambda _: None, prove=quick)
    assert files(tmp_path) == {"m.onnx"}


# Unknown weights


def test_weights_that_are_not_imagenets_are_refused(weights: Weights, tmp_path: Path) -> None:
    claimed = Weights(weights.tensors, "vgg16", "a test")
    with pytest.raises(WeightsError, match="not torchvision's ImageNet weights of vgg16"):
        export_model(tmp_path / "m.onnx", claimed, lambda _: None, prove=quick)
    assert files(tmp_path) == set()


def test_weights_that_are_not_imagenets_are_written_on_request_and_the_model_says_so(
    weights: Weights, tmp_path: Path
) -> None:
    lines: list[str] = []
    claimed = Weights(weights.tensors, "vgg16_bn", "a test")
    model = export_model(tmp_path / "m.onnx", claimed, lines.append, unknown=True, prove=quick)
    assert model.backbone == "vgg16_bn (unknown weights)"
    assert not any("ImageNet" in line for line in lines)


@pytest.mark.weights
def test_imagenets_weights_keep_their_name_even_where_unknown_ones_are_accepted(
    real_backbone: Backbone, tmp_path: Path
) -> None:
    lines: list[str] = []
    real = real_backbone.model
    weights = Weights(real.weights, real.backbone, "a test")
    model = export_model(tmp_path / "m.onnx", weights, lines.append, unknown=True, prove=quick)
    assert (model.backbone, model.digest) == (real.backbone, real.digest)
    assert lines[0] == f"The weights are ImageNet's {real.backbone}: every layer has its fingerprint (a test)."


# Making one from a seed or a file


def test_a_model_is_made_of_a_seed(tmp_path: Path) -> None:
    model = make_model(tmp_path / "m.onnx", lambda _: None, seed=4, prove=fake_proof)
    assert model.source == "seeded random numbers, seed 4"


def test_a_model_is_made_of_a_named_file(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"There is no weights file at .*mine\.pth"):
        make_model(tmp_path / "m.onnx", lambda _: None, file=tmp_path / "mine.pth")


# Several at once


def test_a_model_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_text("older")
    lines: list[str] = []
    assert ensure_model(tmp_path / "m.onnx", lines.append, find=nobody) == tmp_path / "m.onnx"
    assert (tmp_path / "m.onnx").read_text() == "older"
    assert lines == []
    assert files(tmp_path) == {"m.onnx"}


def test_of_two_threads_that_need_the_model_one_exports_it(weights: Weights, tmp_path: Path) -> None:
    calls: list[float] = []

    def find(say: Say) -> Weights:
        calls.append(time.monotonic())
        time.sleep(0.3)
        return weights

    def ensure() -> None:
        paths.append(ensure_model(tmp_path / "m.onnx", lambda _: None, find=find, prove=quick))

    paths: list[Path] = []
    threads = [threading.Thread(target=ensure) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert paths == [tmp_path / "m.onnx"] * 2
    assert len(calls) == 1
    assert files(tmp_path) == {"m.onnx"}
    assert open_model(paths[0]).source == weights.source


PROCESS = """
import sys, time
from pathlib import Path
from nst.network.build import ensure_model
from nst.network.weights import random_weights

def find(say):
    with open(sys.argv[2], "a") as log:
        log.write("searched\\n")
    time.sleep(1)
    return random_weights(4)

ensure_model(Path(sys.argv[1]), find=find, prove=lambda _: ("conv1", 0.0))
"""


def test_of_two_processes_that_need_the_model_one_exports_it(weights: Weights, tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROCESS, str(tmp_path / "m.onnx"), str(tmp_path / "log")]
    processes = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait() for process in processes] == [0, 0]
    assert (tmp_path / "log").read_text() == "searched\n"
    assert files(tmp_path) == {"m.onnx", "log"}
    assert open_model(tmp_path / "m.onnx").source == weights.source


def test_an_export_that_failed_does_not_keep_the_next_one_out(weights: Weights, tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    with pytest.raises(WeightsError):
        ensure_model(path, lambda _: None, find=fail(WeightsError("none.")))
    assert open_model(ensure_model(path, lambda _: None, find=lambda _: weights, prove=quick)).source == weights.source


# Damaged files


def damage(path: Path) -> Path:
    path.write_bytes(path.read_bytes()[:100_000])
    return path


def test_a_damaged_model_that_nobody_named_is_made_again(
    weights: Weights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NST_MODEL", raising=False)
    monkeypatch.setattr(build, "model_path", lambda: tmp_path / "m.onnx")
    lines: list[str] = []
    sound = export_model(tmp_path / "m.onnx", weights, prove=fake_proof)
    assert ensure_model(say=lines.append, find=nobody) == sound.path
    assert lines == []
    damage(sound.path)
    assert ensure_model(say=lines.append, find=lambda _: weights, prove=fake_proof) == sound.path
    assert re.fullmatch(rf"{sound.path} is damaged \(\w+\)\. It is exported again\.", lines[0])
    assert open_model(sound.path).digest == sound.digest


def test_a_damaged_model_that_somebody_named_is_left_to_them(
    random_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = damage(Path(shutil.copy(random_model, tmp_path / "mine.onnx")))
    monkeypatch.setenv("NST_MODEL", str(path))
    assert ensure_model(find=nobody) == path
    with pytest.raises(ModelError, match=r"mine.onnx is damaged .*: delete it and run `python -m nst export`"):
        Backbone.open(path)


def test_what_is_damaged_stays_where_nothing_better_can_be_had(
    random_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = damage(Path(shutil.copy(random_model, tmp_path / "m.onnx")))
    monkeypatch.delenv("NST_MODEL", raising=False)
    monkeypatch.setattr(build, "model_path", lambda: path)
    with pytest.raises(WeightsError, match="none"):
        ensure_model(say=lambda _: None, find=fail(WeightsError("none.")))
    assert path.stat().st_size == 100_000
