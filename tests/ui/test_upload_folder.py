"""The folder of uploads and results: whose it is, what is swept, and that it goes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nst.ui.upload_folder import own_folder, sweep
from tests.ui.conftest import ROOT


def test_a_sweep_takes_what_is_old_and_not_the_pages_own(tmp_path: Path) -> None:
    for name in ("page/thumb.jpg", "a/upload.jpg", "b/result.png"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(name)
    os.utime(tmp_path / "a/upload.jpg", (0, 0))  # a copy keeps the time of its original: that is not its age
    keep = frozenset({tmp_path / "page/thumb.jpg"})
    sweep(tmp_path, keep, hours=1)
    assert sum(path.is_file() for path in tmp_path.rglob("*")) == 3
    time.sleep(0.05)
    sweep(tmp_path, keep, hours=0.01 / 3600)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / "page/thumb.jpg"]
    assert not (tmp_path / "a").exists()


def test_the_folder_is_gradios_and_goes_with_its_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    with own_folder() as folder:
        assert folder.parent == tmp_path
        assert os.environ["GRADIO_TEMP_DIR"] == str(folder)
        (folder / "x").mkdir()
        (folder / "x" / "y.png").write_bytes(b"")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_the_app_ends_cleanly_and_leaves_nothing(end: signal.Signals, random_model: Path, tmp_path: Path) -> None:
    environment = os.environ | {"NST_MODEL": str(random_model), "GRADIO_TEMP_DIR": str(tmp_path)}
    process = subprocess.Popen(
        [sys.executable, "app.py", "--port", "0", "--no-browser"],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if "Running on local URL" in line:
            break
    assert list(tmp_path.iterdir()) != []
    process.send_signal(end)
    rest, _ = process.communicate(timeout=30)
    assert process.returncode == 0, [*said, rest]
    assert rest.strip().endswith("Stopped.")
    assert "Traceback" not in rest
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [(["--room", "-1"], "is not a number of jobs from 0"), (["--device", "tpu"], "error: The device 'tpu' is unknown")],
)
def test_wrong_options_are_one_line(options: list[str], message: str, random_model: Path) -> None:
    environment = os.environ | {"NST_MODEL": str(random_model)}
    done = subprocess.run(
        [sys.executable, "app.py", *options],
        check=False, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert message in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
