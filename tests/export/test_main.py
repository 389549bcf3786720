"""python -m export: the command of `nst.cli.export`, in a checkout."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import export
from export.__main__ import main

ROOT = Path(__file__).parents[2]


def test_it_takes_the_commands_options(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = capsys.readouterr().out
    assert all(option in shown for option in ("--weights", "--random", "--output", "--unknown-weights"))


def test_the_module_runs_as_a_program(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "export", "--output", str(tmp_path / "m.onnx")]
    environment = os.environ | {"NST_WEIGHTS": str(tmp_path / "none.pth")}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == f"error: There is no weights file at {tmp_path / 'none.pth'}.\n"


def test_the_package_says_which_commands_it_has() -> None:
    commands = {path for path in (ROOT / "export").glob("*.py") if 'if __name__ == "__main__":' in path.read_text()}
    named = re.findall(r"^python -m export\.(\w+)", export.__doc__ or "", re.MULTILINE)
    assert sorted(named) == sorted(path.stem for path in commands if path.stem != "__main__")
