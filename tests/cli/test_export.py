"""The command that makes the model: exit codes, and one sentence instead of a traceback."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import onnx
import pytest
import torch
from safetensors.torch import save_file

from nst.cli.main import main
from nst.cli.signals import Interrupted
from nst.network.model import open_model
from nst.network.weights import random_weights, torchvision_indices
from nst.taps import LAYERS


@pytest.fixture(autouse=True)
def _no_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NST_WEIGHTS", raising=False)


@pytest.fixture(scope="module")
def vgg16_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of vgg16 that is not ImageNet's."""
    tensors, path = random_weights(3).tensors, tmp_path_factory.mktemp("weights") / "mine.safetensors"
    places = zip(LAYERS, torchvision_indices(batch_norm=False), strict=True)
    save_file(
        {f"features.{i}.{part}": tensors[f"{layer.name}.{part}"] for layer, i in places for part in ("weight", "bias")},
        path,
    )
    return path


def export(*arguments: object) -> int:
    return main(["export", *map(str, arguments)])


def test_random_weights_are_written_to_the_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert export("--random", 7, "--output", tmp_path / "m.onnx") == 0
    assert open_model(tmp_path / "m.onnx").source == "seeded random numbers, seed 7"
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[-1] == f"Wrote {tmp_path / 'm.onnx'} (59 MB)."


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--weights", "FOLDER/none.pth"], "error: There is no weights file at FOLDER/none.pth."),
        (
            ["--weights", "FOLDER/text.pth"],
            "error: FOLDER/text.pth can't be read (UnpicklingError): "
            "give a safetensors file or a torch state dict of vgg16_bn or vgg16.",
        ),
        (["--random", "-1"], "error: The seed is -1, but must be from 0 to 2^63 - 1."),
        (
            ["--random", "1", "--output", "FOLDER/text.pth/m.onnx"],
            "error: FOLDER/text.pth/m.onnx can't be written: File exists.",
        ),
    ],
)
def test_a_mistake_gives_one_sentence_on_stderr_and_exit_code_2(
    arguments: list[str], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.pth").write_text("no weights")
    output = [] if "--output" in arguments else ["--output", "FOLDER/m.onnx"]
    assert export(*(argument.replace("FOLDER", str(tmp_path)) for argument in arguments + output)) == 2
    assert capsys.readouterr() == ("", sentence.replace("FOLDER", str(tmp_path)) + "\n")
    assert {path.name for path in tmp_path.iterdir()} == {"text.pth"}


@pytest.mark.parametrize(
    "arguments", [["--random", "x"], ["--random", "1", "--weights", "a"], ["--no-such"], ["extra"]]
)
def test_arguments_that_mean_nothing_give_exit_code_2(arguments: list[str], tmp_path: Path) -> None:
    assert export(*arguments, "--output", tmp_path / "m.onnx") == 2
    assert list(tmp_path.iterdir()) == []


def interrupt(*_: Any, **__: Any) -> NoReturn:
    raise Interrupted(signal.SIGINT)


@pytest.mark.parametrize("at", [(torch, "randn"), (onnx, "save")], ids=["the weights", "writing"])
def test_an_interrupt_gives_exit_code_130_and_one_sentence(
    at: tuple[Any, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(*at, interrupt)
    assert export("--random", 0, "--output", tmp_path / "m.onnx") == 130
    assert capsys.readouterr() == ("", "Stopped: nothing was written.\n")
    assert [path for path in tmp_path.iterdir() if path.suffix != ".lock"] == []


def with_option(file: Path, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    return ["--weights", file]


def with_environment(file: Path, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    monkeypatch.setenv("NST_WEIGHTS", str(file))
    return []


@pytest.mark.parametrize("named", [with_option, with_environment])
def test_weights_that_are_not_imagenets_are_refused(
    named: Callable[..., list[object]],
    vgg16_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "m.onnx"
    assert export(*named(vgg16_file, monkeypatch), "--output", path) == 2
    assert not path.exists()
    assert capsys.readouterr().err.startswith("error: These are not torchvision's ImageNet weights of vgg16: ")


def test_they_are_accepted_on_request_and_nst_model_says_where_the_file_goes(
    vgg16_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NST_MODEL", str(tmp_path / "named.onnx"))
    assert export("--weights", vgg16_file, "--unknown-weights") == 0
    assert open_model(tmp_path / "named.onnx").backbone == "vgg16 (unknown weights)"
