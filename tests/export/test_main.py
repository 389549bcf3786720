"""python -m export: exit codes, and one sentence instead of a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from export.__main__ import main
from nst.network.model import open_model
from nst.network.weights import Weights, random_weights

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nst.network.verify.SIZES", ((16, 16),))
    monkeypatch.delenv("NST_WEIGHTS", raising=False)


def test_random_weights_are_written_to_the_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--random", "7", "--output", str(tmp_path / "m.onnx")]) == 0
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
    assert main([argument.replace("FOLDER", str(tmp_path)) for argument in arguments + output]) == 2
    assert capsys.readouterr() == ("", sentence.replace("FOLDER", str(tmp_path)) + "\n")
    assert {path.name for path in tmp_path.iterdir()} == {"text.pth"}


@pytest.mark.parametrize(
    "arguments", [["--random", "x"], ["--random", "1", "--weights", "a"], ["--no-such"], ["extra"]]
)
def test_arguments_that_mean_nothing_give_exit_code_2(arguments: list[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as caught:
        main([*arguments, "--output", str(tmp_path / "m.onnx")])
    assert caught.value.code == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "at", ["nst.network.weights.find_weights", "nst.network.build.build_graph", "nst.network.build.verify"]
)
def test_an_interrupt_gives_exit_code_130_and_one_sentence(
    at: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("nst.network.weights.find_weights", lambda *_: random_weights(0))
    monkeypatch.setattr(at, interrupt)
    assert main(["--output", str(tmp_path / "m.onnx")]) == 130
    assert capsys.readouterr() == ("", "Interrupted: nothing was written.\n")
    assert [path for path in tmp_path.iterdir() if path.suffix != ".lock"] == []


def test_without_options_the_sources_are_searched_and_nst_model_says_where_the_file_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched: list[Path | None] = []

    def find(file: Path | None, say: Any) -> Weights:
        searched.append(file)
        return random_weights(0)

    monkeypatch.setattr("nst.network.weights.find_weights", find)
    monkeypatch.setenv("NST_MODEL", str(tmp_path / "named.onnx"))
    assert main([]) == 0
    assert searched == [None]
    assert open_model(tmp_path / "named.onnx").backbone == "vgg16 (random)"


@pytest.mark.parametrize(("options", "backbone"), [([], None), (["--unknown-weights"], "vgg16 (unknown weights)")])
def test_weights_that_are_not_imagenets_need_unknown_weights(
    options: list[str],
    backbone: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    claimed = Weights(random_weights(0).tensors, "vgg16", "a test")
    monkeypatch.setattr("nst.network.weights.from_file", lambda _: claimed)
    path = tmp_path / "m.onnx"
    assert main(["--weights", "mine.pth", "--output", str(path), *options]) == (0 if backbone else 2)
    assert path.exists() == bool(backbone)
    if backbone:
        assert open_model(path).backbone == backbone
    else:
        assert capsys.readouterr().err.startswith("error: These are not torchvision's ImageNet weights of vgg16: ")


def test_heavy_modules_are_imported_where_an_interrupt_is_caught() -> None:
    code = "import sys, export.__main__; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_the_module_runs_as_a_program(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "export", "--output", str(tmp_path / "m.onnx")]
    environment = os.environ | {"NST_WEIGHTS": str(tmp_path / "none.pth")}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == f"error: There is no weights file at {tmp_path / 'none.pth'}.\n"
