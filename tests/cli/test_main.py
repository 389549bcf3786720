"""The command line, in this process and as a user starts it."""

from __future__ import annotations

import errno
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from nst.cli.main import main
from nst.errors import OutputError
from nst.pictures.picture import Picture
from nst.pictures.reading import load_image
from nst.pictures.writing import save_image
from nst.recipe import SETTINGS, Recipe

ROOT = Path(__file__).parents[2]
QUICK = ["--size", "48", "--start-size", "0", "--first-steps", "3", "--device", "cpu"]


@pytest.fixture(autouse=True)
def folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, random_model: Path, content: Picture, style: Picture
) -> Path:
    """An empty working folder with two images in it, and a model of random weights."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NST_MODEL", str(random_model))
    save_image(content, "content.png")
    save_image(style, "style.png")
    return tmp_path


@pytest.mark.parametrize(
    ("task", "inputs", "size"),
    [
        ("stylize", ["content.png", "style.png"], (48, 40)),
        ("reconstruct", ["content.png"], (48, 40)),
        ("synthesize", ["style.png"], (40, 44)),
    ],
)
def test_each_task_writes_its_picture(task: str, inputs: list[str], size: tuple[int, int]) -> None:
    assert main([task, *inputs, "-o", "result.png", *QUICK, "--seed", "5", "--quiet"]) == 0
    picture = load_image("result.png")
    assert (picture.width, picture.height) == size
    assert picture.provenance is not None
    made = Recipe.from_json(picture.provenance["recipe"])
    assert (picture.provenance["task"], made.seed, made.first_steps) == (task, 5, 3)


def test_the_output_is_out_png_when_none_is_named() -> None:
    assert main(["stylize", "content.png", "style.png", *QUICK]) == 0
    assert Path("out.png").is_file()


def test_it_says_network_device_losses_and_where_the_picture_is(capsys: pytest.CaptureFixture[str]) -> None:
    main(["stylize", "content.png", "style.png", *QUICK])
    told = capsys.readouterr().err.splitlines()
    assert told[0].startswith("vgg16 (random) (seeded random numbers, seed 0) on cpu in ")
    assert re.match(r"scale 1/1 48x40 step 3/3: content [\d.e+-]+, style [\d.e+-]+, [\d.]+ s$", told[1])
    assert re.match(r"out.png: done in [\d.]+ s\.$", told[-1])


def test_a_preset_can_be_changed_option_by_option() -> None:
    arguments = ["--preset", "article", "--style-taps", "conv4,conv1", "--optimizer", "adam", "--upscale", *QUICK]
    assert main(["stylize", "content.png", "style.png", *arguments, "--quiet"]) == 0
    provenance = load_image("out.png").provenance
    assert provenance is not None
    expected = Recipe.preset(
        "article", size=48, start_size=0, first_steps=3, style_taps=("conv1", "conv4"), optimizer="adam", upscale=True
    )
    assert Recipe.from_json(provenance["recipe"]) == expected


def test_an_init_image_sets_the_init() -> None:
    assert main(["stylize", "content.png", "style.png", *QUICK, "--init-image", "style.png"]) == 0
    provenance = load_image("out.png").provenance
    assert provenance is not None
    assert provenance["recipe"]["init"] == "image"
    assert set(provenance["inputs"]) == {"content", "style", "init_image"}


def test_help_shows_every_setting_with_its_range(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["stylize", "--help"])
    told = " ".join(capsys.readouterr().out.split())
    assert caught.value.code == 0
    assert all("--" + name.replace("_", "-") in told for name in SETTINGS)
    assert "16 to 4096 px (default: 512)" in told


def break_model(folder: Path) -> None:
    bad = folder / "bad.onnx"
    bad.write_bytes(Path(os.environ["NST_MODEL"]).read_bytes()[:1000])
    os.environ["NST_MODEL"] = str(bad)


def truncate(folder: Path) -> None:
    save_image(load_image("content.png"), "full.jpg")
    Path("content.jpg").write_bytes(Path("full.jpg").read_bytes()[:700])


STYLIZE = ["stylize", "content.png", "style.png"]


@pytest.mark.parametrize(
    ("arguments", "prepare", "message"),
    [
        (["stylize", "nope.png", "style.png"], None, "There is no file 'nope.png'"),
        (["stylize", ".", "style.png"], None, "'.' is a folder"),
        (["stylize", "text.jpg", "style.png"], lambda f: (f / "text.jpg").write_text("hi"), "text.jpg is not an image"),
        (["stylize", "content.jpg", "style.png"], truncate, "content.jpg is damaged or cut short"),
        (["stylize", "dot.png", "style.png"], lambda f: Image.new("RGB", (1, 1)).save("dot.png"), "dot.png is 1x1 px"),
        (["stylize", "wire.png", "style.png"], lambda f: Image.new("L", (10000, 1)).save("wire.png"), "is 10000x1 px"),
        ([*STYLIZE, "--size", "5"], None, "size is 5: allowed is a whole number, 16 to 4096 px."),
        ([*STYLIZE, "--size", "big"], None, "size is 'big'"),
        ([*STYLIZE, "--content-weight", "nan"], None, "content_weight is 'nan'"),
        ([*STYLIZE, "--style-taps", "relu1"], None, "no layer for style_taps 'relu1'"),
        ([*STYLIZE, "--preset", "quick"], None, "invalid choice: 'quick'"),
        ([*STYLIZE, "--stile", "1"], None, "unrecognized arguments: --stile 1"),
        ([*STYLIZE, "--preview-every", "-1"], None, "'-1' is not a whole number of steps"),
        ([*STYLIZE, "--init", "content", "--init-image", "style.png"], None, "exclude each other"),
        ([*STYLIZE, "--content-weight", "0", "--style-weight", "0"], None, "both 0"),
        ([*STYLIZE, "--device", "tpu"], None, "The device 'tpu' is unknown"),
        ([*STYLIZE, "--precision", "fp8"], None, "The precision 'fp8' is unknown"),
        ([*STYLIZE, "-o", "out.xyz"], None, "'out.xyz' does not end in a format"),
        ([*STYLIZE, "-o", "nowhere/out.png"], None, "The folder 'nowhere' does not exist"),
        (STYLIZE, break_model, "bad.onnx is damaged"),
        (["stylize", "content.png"], None, "the following arguments are required: STYLE"),
        (["paint"], None, "invalid choice: 'paint'"),
        ([], None, "the following arguments are required"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    prepare: Callable[[Path], object] | None,
    message: str,
) -> None:
    if prepare:
        prepare(folder)
    assert main(arguments) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert message in told.err
    assert told.err.startswith("error: ") or told.err.splitlines()[-1].startswith("error: ")
    assert "Traceback" not in told.err
    assert not [path for path in folder.iterdir() if path.name.startswith(("out", ".out"))]


def test_a_full_disk_leaves_no_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(self: Image.Image, file: object, *_: object, **__: object) -> None:
        file.write(b"some bytes")  # type: ignore[attr-defined]
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Image.Image, "save", full)
    assert main([*STYLIZE, *QUICK]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == "error: 'out.png' can't be written: No space left on device."
    assert sorted(path.name for path in folder.iterdir()) == ["content.png", "style.png"]


def test_previews_are_written_on_the_way_and_gone_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []

    def record(picture: Picture, path: Path) -> Path:
        written.append(f"{path} {picture.provenance['iterations'][0] if picture.provenance else None}")
        return save_image(picture, path)

    monkeypatch.setattr("nst.pictures.writing.save_image", record)
    assert main([*STYLIZE, *QUICK, "--first-steps", "5", "--preview-every", "2"]) == 0
    assert written == ["out.preview.png 2", "out.preview.png 4", "out.png 5"]
    assert not Path("out.preview.png").exists()


def start(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "nst", *arguments]
    return subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE, text=True)


def test_ctrl_c_saves_the_image_as_it_is_and_says_so() -> None:
    steps = ["--first-steps", "10000", "--tolerance", "0", "--size", "48", "--start-size", "0", "--preview-every", "1"]
    process = start(*STYLIZE, *steps)
    deadline = time.monotonic() + 120
    while not Path("out.preview.png").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert re.search(r"out\.png: stopped at step \d+ of 10000 in [\d.]+ s\.\n$", told)
    assert "Traceback" not in told
    picture = load_image("out.png")
    assert picture.provenance is not None
    assert 1 <= picture.provenance["iterations"][0] < 10000
    assert not Path("out.preview.png").exists()


def test_ctrl_c_before_the_first_step_writes_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("nst.painting.painting.optimize", interrupt)
    assert main([*STYLIZE, *QUICK]) == 130
    assert capsys.readouterr().err.endswith("Stopped before the first step: nothing was written.\n")
    assert not Path("out.png").exists()


def test_a_missing_model_is_exported_first_and_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], random_model: Path
) -> None:
    from nst.network import build
    from nst.network.weights import random_weights

    monkeypatch.setenv("NST_MODEL", str(folder / "new" / "model.onnx"))
    monkeypatch.setattr(build, "find_weights", lambda *_, **__: random_weights(0))
    assert main([*STYLIZE, *QUICK]) == 0
    told = capsys.readouterr().err
    assert told.startswith(f"There is no model at {folder / 'new' / 'model.onnx'} yet: it is exported once")
    assert (folder / "new" / "model.onnx").read_bytes() == random_model.read_bytes()


def test_help_needs_no_heavy_import() -> None:
    command = [sys.executable, "-X", "importtime", "-m", "nst", "stylize", "--help"]
    told = subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True).stderr
    assert "nst.cli.main" in told
    assert not re.search(r"\| +(torch|numpy|PIL|onnx)$", told, re.MULTILINE)


def test_an_unwritable_folder_is_refused_before_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert main([*STYLIZE, *QUICK]) == 2
    with pytest.raises(OutputError, match=r"The folder '\.' can't be written to"):
        save_image(load_image("content.png"), "out.png")


def test_a_terminal_gets_a_bar_with_speed_time_left_and_losses(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "120")
    assert main([*STYLIZE, *QUICK]) == 0
    last = capsys.readouterr().err.splitlines()[-2]
    assert re.search(r"100%\|.+\| 48x40 \(1/1\), [\d.]+ it/s, 0:00 left, content [\d.e+-]+, style [\d.e+-]+ *$", last)
