"""The export as a whole: a proven file or none, whatever fails and however many ask for it at once."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import pytest
import torch

from nst.errors import ModelError, WeightsError
from nst.network.build import ensure_model, export_model
from nst.network.model import open_model
from nst.network.weights import Weights, random_weights

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def weights() -> Weights:
    return random_weights(4)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """One small size is enough for `verify` here."""
    monkeypatch.setattr("nst.network.verify.SIZES", ((16, 16),))


def files(folder: Path) -> set[str]:
    """All but the lock, which stays: to remove it would let two processes in."""
    return {path.name for path in folder.iterdir() if not path.name.endswith(".lock")}


@pytest.mark.usefixtures("quick")
def test_a_good_export_holds_the_weights_and_says_so_only_through_say(
    weights: Weights, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path, lines = tmp_path / "new" / "folder" / "m.onnx", []
    model = export_model(path, weights, lines.append)
    assert (model.path, model.backbone, model.source) == (path, weights.backbone, weights.source)
    assert all(torch.equal(model.weights[name], tensor) for name, tensor in weights.tensors.items())
    assert files(path.parent) == {"m.onnx"}
    assert re.fullmatch(r"ONNX Runtime and PyTorch agree at every tap; .* is \d\.\de-\d\d, at conv\d+\.", lines[0])
    assert lines[1:] == [f"Wrote {path} (59 MB)."]
    assert capfd.readouterr() == ("", "")


# Failures


def save_half(error: BaseException) -> Callable[..., None]:
    def save(model: onnx.ModelProto, path: Path) -> None:
        Path(path).write_bytes(model.SerializeToString()[:1000])
        raise error

    return save


def fail(error: BaseException) -> Callable[..., None]:
    def call(*_: Any, **__: Any) -> None:
        raise error

    return call


FULL = OSError(errno.ENOSPC, "No space left on device")
STAGES = {
    "the graph": "nst.network.build.build_graph",
    "writing": "nst.network.build.onnx.save",
    "the proof": "nst.network.build.verify",
    "moving": "nst.network.build.os.replace",
}


@pytest.mark.parametrize("older", [False, True], ids=["no older file", "an older file"])
@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("error", [KeyboardInterrupt(), FULL, MemoryError()], ids=["interrupt", "full disk", "memory"])
def test_a_failure_at_any_stage_leaves_things_as_they_were(
    weights: Weights, tmp_path: Path, stage: str, error: BaseException, older: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "m.onnx"
    if older:
        path.write_text("older")
    quick_stages = {
        "nst.network.build.build_graph": lambda *_: onnx.ModelProto(),
        "nst.network.build.verify": lambda _: ("conv1", 0.0),
    }
    for name, stand_in in quick_stages.items():
        monkeypatch.setattr(name, stand_in)
    monkeypatch.setattr(STAGES[stage], save_half(error) if stage == "writing" else fail(error))
    expected = ModelError if error is FULL else type(error)
    with pytest.raises(expected) as caught:
        export_model(path, weights, lambda _: None)
    if error is FULL:
        assert str(caught.value) == f"{path} can't be written: No space left on device."
    assert files(tmp_path) == ({"m.onnx"} if older else set())
    assert not older or path.read_text() == "older"


def test_a_file_on_which_the_two_disagree_is_not_kept(
    weights: Weights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nst.network.verify.SIZES", ((16, 16),))
    monkeypatch.setattr("nst.network.verify.TOLERANCE", 0.0)
    with pytest.raises(ModelError, match="disagree"):
        export_model(tmp_path / "m.onnx", weights, lambda _: None)
    assert files(tmp_path) == set()


@pytest.mark.parametrize("name", ["m.onnx", "m[1].onnx"])
@pytest.mark.usefixtures("quick")
def test_what_a_killed_export_left_is_swept_and_nothing_else(weights: Weights, tmp_path: Path, name: str) -> None:
    for left in (f".{name}.123.part", ".other.onnx.123.part", "m.part"):
        (tmp_path / left).touch()
    export_model(tmp_path / name, weights, lambda _: None)
    assert files(tmp_path) == {name, ".other.onnx.123.part", "m.part"}


@pytest.mark.parametrize("folder", ["file/below", "/proc", "/proc/below"])
def test_a_folder_that_cannot_be_written_is_named_at_once(
    weights: Weights, tmp_path: Path, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr("nst.network.build.find_weights", lambda **_: pytest.fail("weights were looked for"))
    path = tmp_path / folder / "m.onnx"
    message = rf"^{path} can't be written: [A-Z][a-z ]+\.$"
    with pytest.raises(ModelError, match=message):
        export_model(path, weights, lambda _: None)
    with pytest.raises(ModelError, match=message):
        ensure_model(path, lambda _: None)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_named_at_once(weights: Weights, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ModelError, match="Permission denied"):
        export_model(tmp_path / "m.onnx", weights, lambda _: None)


@pytest.mark.usefixtures("quick")
def test_an_output_that_is_a_folder_is_an_error(weights: Weights, tmp_path: Path) -> None:
    (tmp_path / "m.onnx").mkdir()
    with pytest.raises(ModelError, match="Is a directory"):
        export_model(tmp_path / "m.onnx", weights, lambda _: None)
    assert files(tmp_path) == {"m.onnx"}


# Unknown weights


def test_weights_that_are_not_imagenets_are_refused(weights: Weights, tmp_path: Path) -> None:
    claimed = Weights(weights.tensors, "vgg16", "a test")
    with pytest.raises(WeightsError, match="not torchvision's ImageNet weights of vgg16"):
        export_model(tmp_path / "m.onnx", claimed, lambda _: None)
    assert files(tmp_path) == set()


@pytest.mark.usefixtures("quick")
def test_weights_that_are_not_imagenets_are_written_on_request_and_the_model_says_so(
    weights: Weights, tmp_path: Path
) -> None:
    claimed, lines = Weights(weights.tensors, "vgg16_bn", "a test"), []
    model = export_model(tmp_path / "m.onnx", claimed, lines.append, unknown=True)
    assert model.backbone == "vgg16_bn (unknown weights)"
    assert not any("ImageNet" in line for line in lines)


@pytest.mark.usefixtures("quick")
def test_weights_with_the_right_fingerprint_keep_their_name(
    weights: Weights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nst.network.build.check_fingerprint", lambda *_: None)
    claimed, lines = Weights(weights.tensors, "vgg16_bn", "a test"), []
    assert export_model(tmp_path / "m.onnx", claimed, lines.append, unknown=True).backbone == "vgg16_bn"
    assert lines[0] == "The weights are ImageNet's vgg16_bn: every layer has its fingerprint (a test)."


# Several at once


def test_a_model_that_is_there_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nst.network.build.find_weights", lambda **_: pytest.fail("weights were looked for"))
    (tmp_path / "m.onnx").write_text("older")
    lines: list[str] = []
    assert ensure_model(tmp_path / "m.onnx", lines.append) == tmp_path / "m.onnx"
    assert (tmp_path / "m.onnx").read_text() == "older"
    assert lines == []
    assert files(tmp_path) == {"m.onnx"}


@pytest.mark.usefixtures("quick")
def test_of_two_threads_that_need_the_model_one_exports_it(
    weights: Weights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[float] = []

    def find(say: Any) -> Weights:
        calls.append(time.monotonic())
        time.sleep(0.3)
        return weights

    monkeypatch.setattr("nst.network.build.find_weights", find)
    found: list[Path] = []
    threads = [
        threading.Thread(target=lambda: found.append(ensure_model(tmp_path / "m.onnx", lambda _: None)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [tmp_path / "m.onnx"] * 2
    assert len(calls) == 1
    assert files(tmp_path) == {"m.onnx"}
    assert open_model(found[0]).source == weights.source


PROCESS = """
import sys, time
from pathlib import Path
import nst.network.build, nst.network.verify
from nst.network.weights import random_weights

def find(say):
    with open(sys.argv[2], "a") as log:
        log.write("searched\\n")
    time.sleep(1)
    return random_weights(4)

nst.network.build.find_weights = find
nst.network.verify.SIZES = ((16, 16),)
nst.network.build.ensure_model(Path(sys.argv[1]))
"""


def test_of_two_processes_that_need_the_model_one_exports_it(weights: Weights, tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROCESS, str(tmp_path / "m.onnx"), str(tmp_path / "log")]
    processes = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait() for process in processes] == [0, 0]
    assert (tmp_path / "log").read_text() == "searched\n"
    assert files(tmp_path) == {"m.onnx", "log"}
    assert open_model(tmp_path / "m.onnx").source == weights.source


@pytest.mark.usefixtures("quick")
def test_an_export_that_failed_does_not_keep_the_next_one_out(
    weights: Weights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nst.network.build.find_weights", fail(WeightsError("none.")))
    with pytest.raises(WeightsError):
        ensure_model(tmp_path / "m.onnx", lambda _: None)
    monkeypatch.setattr("nst.network.build.find_weights", lambda **_: weights)
    assert open_model(ensure_model(tmp_path / "m.onnx", lambda _: None)).source == weights.source
