"""The commands' exit codes, and what is said of mistakes: one line, no traceback."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from signal import SIGHUP, SIGINT, SIGTERM, Signals

import pytest
from PIL import Image

from nst.cli.main import main
from nst.pictures.reading import load_image
from nst.pictures.writing import save_image
from nst.version import VERSION
from tests.cli.support import ENDLESS, QUICK, ROOT, STYLIZE, start, wait_for
from tests.waiting import SLOW


def break_model(folder: Path) -> None:
    bad = folder / "bad.onnx"
    bad.write_bytes(Path(os.environ["NST_MODEL"]).read_bytes()[:1000])
    os.environ["NST_MODEL"] = str(bad)


def truncate(folder: Path) -> None:
    save_image(load_image("content.png"), "full.jpg")
    Path("content.jpg").write_bytes(Path("full.jpg").read_bytes()[:700])


@pytest.mark.parametrize(
    ("arguments", "prepare", "message"),
    [
        (["stylize", "nope.png", "style.png"], None, "There is no file 'nope.png'"),
        (["stylize", ".", "style.png"], None, "'.' is a folder"),
        (["stylize", "text.jpg", "style.png"], lambda f: (f / "text.jpg").write_text("hi"), "text.jpg is not an image"),
        (["stylize", "content.jpg", "style.png"], truncate, "content.jpg is damaged or cut short"),
        (["stylize", "dot.png", "style.png"], lambda f: Image.new("RGB", (1, 1)).save("dot.png"), "dot.png is 1x1 px"),
        (["stylize", "wire.png", "style.png"], lambda f: Image.new("L", (10000, 1)).save("wire.png"), "is 10000x1 px"),
        ([*STYLIZE, "--size", "5"], None, "size is 5: allowed is a whole number, 16 to 8192 px."),
        ([*STYLIZE, "--size", "big"], None, "size is 'big'"),
        ([*STYLIZE, "--content-weight", "nan"], None, "content_weight is 'nan'"),
        ([*STYLIZE, "--style-taps", "relu1"], None, "no layer for style_taps 'relu1'"),
        ([*STYLIZE, "--preset", "quick"], None, "invalid choice: 'quick'"),
        ([*STYLIZE, "--stile", "1"], None, "unrecognized arguments: --stile 1"),
        ([*STYLIZE, "--preview-every", "-1"], None, "'-1' is not a whole number of steps"),
        ([*STYLIZE, "--preview-every", "²"], None, "'²' is not a whole number of steps"),
        ([*STYLIZE, "--keep-every", "0.5"], None, "'0.5' is not a whole number of steps"),
        ([*STYLIZE, "--time-lapse", "out.gif"], None, "'out.gif' does not end in .webp"),
        ([*STYLIZE, "--time-lapse", "nowhere/out.webp"], None, "The folder 'nowhere' does not exist"),
        ([*STYLIZE, "--init", "content", "--init-image", "style.png"], None, "exclude each other"),
        ([*STYLIZE, "--content-weight", "0", "--style-weight", "0"], None, "both 0"),
        ([*STYLIZE, "--device", "tpu"], None, "The device 'tpu' is unknown"),
        ([*STYLIZE, "--precision", "fp8"], None, "The precision 'fp8' is unknown"),
        ([*STYLIZE, "-o", "out.xyz"], None, "'out.xyz' does not end in a format"),
        ([*STYLIZE, "-o", "nowhere/out.png"], None, "The folder 'nowhere' does not exist"),
        (STYLIZE, break_model, "bad.onnx is damaged"),
        (["stylize", "content.png"], None, "the following arguments are required: STYLE"),
        (["replay", "content.png"], None, "content.png holds no recipe"),
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


def test_a_file_name_does_not_steer_the_terminal(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = "\x1b[2Jgone\n.png"
    (folder / name).write_text("no picture")
    assert main(["stylize", name, "style.png"]) == 2
    assert main([*STYLIZE, "-o", name, *QUICK, "--quiet"]) == 0
    told = capsys.readouterr().err
    assert "\\x1b[2Jgone\\n.png is not an image" in told
    assert "\\x1b[2Jgone\\n.png: done in" in told
    assert "\x1b" not in told


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


def test_an_unwritable_folder_is_refused_before_the_work(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert main([*STYLIZE, *QUICK]) == 2
    assert capsys.readouterr().err.startswith("error: The folder '.' can't be written to")


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


@pytest.mark.parametrize(("number", "exit_code"), [(SIGINT, 130), (SIGTERM, 143), (SIGHUP, 129)])
def test_a_signal_saves_the_image_as_it_is_and_says_so(folder: Path, number: Signals, exit_code: int) -> None:
    process = start(*STYLIZE, *ENDLESS, "--preview-every", "1")
    wait_for("out.preview.png", process)
    process.send_signal(number)
    _, told = process.communicate(timeout=SLOW)
    assert process.returncode == exit_code
    assert re.search(r"out\.png: stopped at step \d+ of 10000 in [\d.]+ s\.\n$", told)
    assert "Traceback" not in told
    picture = load_image("out.png")
    assert picture.provenance is not None
    assert 1 <= picture.provenance["iterations"][0] < 10000
    assert not Path("out.preview.png").exists()


def test_ctrl_c_while_modules_are_loaded_is_one_line(folder: Path) -> None:
    """From the moment on that the command line is this project's: what Python itself loads first is out of reach."""
    for seconds in (0.0, 0.1, 0.4):
        signal_at_import = (
            "import builtins, signal, sys, threading, time\n"
            "from nst.cli.main import main\n"
            "real = builtins.__import__\n"
            "def slow(name, *rest):\n"
            "    if name == 'torch' and 'torch' not in sys.modules:\n"
            f"        threading.Timer({seconds}, signal.raise_signal, [signal.SIGINT]).start()\n"
            "    return real(name, *rest)\n"
            "builtins.__import__ = slow\n"
            "sys.exit(main(sys.argv[1:]))\n"
        )
        process = start(*STYLIZE, *ENDLESS, program=("-c", signal_at_import))
        _, told = process.communicate(timeout=SLOW)
        assert (process.returncode, told.splitlines()[-1]) == (
            130,
            "Stopped before the first step: nothing was written.",
        )
        assert "Traceback" not in told


def test_the_version_is_that_of_gramarye(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"gramarye {VERSION}\n"


@pytest.mark.parametrize(
    "program", [("-m", "nst"), ("-c", "import sys; from nst.cli.main import main; sys.exit(main())")]
)
def test_the_program_has_one_name(folder: Path, program: tuple[str, ...]) -> None:
    process = start("paint", program=program)
    assert "(gramarye --help shows all options)" in process.communicate(timeout=SLOW)[1]
    assert process.returncode == 2


def test_a_wrong_device_is_said_before_anything_heavy_is_loaded(folder: Path) -> None:
    heavy = "torch", "numpy", "PIL", "onnx", "onnxruntime", "gradio", "tqdm"
    batch = ["batch", "--content", "content.png", "--style", "style.png", "--out", "out"]
    for arguments in (STYLIZE, batch, ["replay", "content.png"], ["serve"]):
        code = (
            f"import sys; from nst.cli.main import main; code = main({[*arguments, '--device', '0']});"
            f"print(code, sorted(set({heavy}) & set(sys.modules)))"
        )
        done = subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, capture_output=True, text=True)
        assert done.stdout == "2 []\n"
        assert done.stderr.endswith("Did you mean 'cuda:0'?\n")


@pytest.mark.parametrize("command", ["stylize", "reconstruct", "synthesize", "batch", "replay", "serve", "export"])
def test_help_loads_nothing_heavy(command: str) -> None:
    options = [sys.executable, "-X", "importtime", "-m", "nst", command, "--help"]
    told = subprocess.run(options, check=True, cwd=ROOT, capture_output=True, text=True).stderr
    assert "nst.cli.parser" in told
    assert not re.search(r"\| +(torch|numpy|PIL|onnx|gradio|tqdm)$", told, re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([*STYLIZE, *ENDLESS], "Stopped before the first step: nothing was written."),
        (["export"], "Stopped: nothing was written."),
    ],
)
def test_a_signal_while_the_model_is_exported_leaves_none(folder: Path, arguments: list[str], told: str) -> None:
    """It sleeps again and again, as Python would sleep through a signal that comes right before it falls asleep."""
    code = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from nst.cli.main import main\n"
        "from nst.network import build\n"
        "def slow(*_, **__):\n"
        "    Path('searching').touch()\n"
        "    while True:\n"
        "        time.sleep(0.05)\n"
        "build.find_weights = slow\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    os.environ["NST_MODEL"] = str(folder / "models" / "new.onnx")
    process = start(*arguments, program=("-c", code))
    wait_for("searching", process)
    process.send_signal(SIGTERM)
    said = process.communicate(timeout=SLOW)[1]
    assert (process.returncode, said.splitlines()[-1]) == (143, told)
    assert "Traceback" not in said
    assert [*folder.rglob("*.onnx"), *folder.rglob("*.part")] == []
