"""What the README says is true: its Python prints what it says, its commands and names exist."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

from export import space
from nst.cli.main import main
from nst.recipe import PRESETS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def test_the_python_lines_print_what_the_readme_says(
    random_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    match = re.search(r"```python\n((?:(?!```).)*)```\n\n```\n(.*?)```", README, re.DOTALL)
    assert match is not None
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NST_MODEL", str(random_model))
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(match[1], {})
    assert printed.getvalue() == match[2]
    assert len(match[1].strip().splitlines()) <= 9  # eight lines and a blank one


def test_every_preset_and_every_option_that_is_named_exists(capsys: pytest.CaptureFixture[str]) -> None:
    for show_help in (
        lambda: main(["stylize", "--help"]),
        lambda: main(["serve", "--help"]),
        lambda: space.main(["--help"]),
    ):
        with pytest.raises(SystemExit):
            show_help()
    options = set(re.findall(r"--[a-z][a-z-]+", capsys.readouterr().out))
    elsewhere = {"--weights", "--race", "--sizes", "--memory-steps"}  # the export's and the benches'
    assert set(re.findall(r"(?<=[ `])--[a-z][a-z-]+", README)) <= options | elsewhere
    assert all(f"`{name}`" in README for name in PRESETS)


def test_every_file_that_is_named_exists() -> None:
    for path in re.findall(r"`((?:nst|export|tests|models|examples|\.ci)/[\w./]*)`|\]\(([\w./]+)\)", README):
        name = path[0] or path[1]
        if name != "models/vgg16_bn.onnx":
            assert (ROOT / name).exists(), name


def test_the_first_command_runs_the_main_job_and_the_second_the_tests() -> None:
    commands = [line for line in README.splitlines() if line.startswith("python3.11 -m venv")]
    assert len(commands) == 2
    assert commands[0].endswith(" app.py")
    assert commands[1].endswith(" -m pytest")
