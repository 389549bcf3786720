"""The folder of uploads and results: whose it is, what is swept, and that it goes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from nst.errors import OutputError
from nst.ui.upload_folder import IN_USE_SECONDS, KEEP_HOURS, Sweeper, own_folder
from tests.ui.conftest import ROOT, serving
from tests.waiting import SLOW

HOUR = 3600.0


class Clock:
    """Seconds, set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def write(path: Path, size: int = 1) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    return path


def test_a_sweep_takes_what_is_old_and_not_the_pages_own(tmp_path: Path) -> None:
    own, clock = write(tmp_path / "page/thumb.jpg"), Clock()
    sweeper = Sweeper(tmp_path, clock=clock)
    old = write(tmp_path / "a/upload.jpg")
    os.utime(old, (0, 0))  # a copy keeps the time of its original: that is not its age
    sweeper.sweep()
    clock.now += KEEP_HOURS * HOUR
    young = write(tmp_path / "b/result.png")
    sweeper.sweep()
    assert old.exists()
    clock.now += 1
    sweeper.sweep()
    assert [path.exists() for path in (own, old, young)] == [True, False, True]


def test_the_machines_clock_may_jump(tmp_path: Path) -> None:
    """Ages count by a clock that never does, from when a file was first seen; the file's own times say nothing."""
    sweeper, path = Sweeper(tmp_path, clock=Clock()), write(tmp_path / "upload.jpg")
    for seconds in (0.0, 4e9):
        os.utime(path, (seconds, seconds))
        sweeper.sweep()
        assert path.exists()


def test_a_file_in_the_place_of_an_older_one_has_an_age_of_its_own(tmp_path: Path) -> None:
    clock, path = Clock(), write(tmp_path / "upload.jpg")
    path.unlink()
    sweeper = Sweeper(tmp_path, clock=clock)
    write(path)
    sweeper.sweep()
    clock.now += KEEP_HOURS * HOUR + 1
    path.rename(tmp_path / "elsewhere.jpg")
    write(path)
    sweeper.sweep()
    assert path.exists()


def test_beyond_so_many_bytes_the_oldest_go_and_never_what_is_in_use(tmp_path: Path) -> None:
    clock = Clock()
    sweeper = Sweeper(tmp_path, max_bytes=250, clock=clock)
    paths = []
    for name in ("1", "2", "3", "4"):
        paths.append(write(tmp_path / name, 100))
        sweeper.sweep()
        clock.now += 1
    assert all(path.exists() for path in paths)  # 400 bytes, but all of them came a moment ago
    clock.now += IN_USE_SECONDS - 2
    sweeper.sweep()
    assert [path.exists() for path in paths] == [False, False, True, True]
    clock.now += IN_USE_SECONDS
    sweeper.sweep()
    assert [path.exists() for path in paths] == [False, False, True, True]


def test_a_new_folder_stays_until_something_is_written_into_it(tmp_path: Path) -> None:
    clock = Clock()
    sweeper, folder = Sweeper(tmp_path, clock=clock), tmp_path / "hash"
    folder.mkdir()
    sweeper.sweep()
    clock.now += IN_USE_SECONDS
    sweeper.sweep()
    assert folder.exists()
    clock.now += 1
    sweeper.sweep()
    assert not folder.exists()


def test_the_folder_is_gradios_and_goes_with_its_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    before = tempfile.gettempdir()
    with own_folder() as folder:
        assert folder.parent.parent == tmp_path
        assert os.environ["GRADIO_TEMP_DIR"] == str(folder)
        (folder / "x").mkdir()
        (folder / "x" / "y.png").write_bytes(b"")
        with tempfile.NamedTemporaryFile() as file:  # everything else lies beside it
            assert Path(file.name).parent.parent == folder.parent
    assert os.environ["GRADIO_TEMP_DIR"] == str(tmp_path)
    assert tempfile.gettempdir() == before
    assert list(tmp_path.iterdir()) == []


def test_a_start_takes_what_a_killed_one_left_and_not_what_another_uses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    code = (
        "import sys, time; from nst.ui.upload_folder import own_folder\n"
        "with own_folder() as folder:\n"
        "    (folder / 'private.png').write_text('')\n"
        "    print(folder.parent.name, flush=True); time.sleep(600)\n"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    names = [process.stdout.readline().strip() for process in processes if process.stdout]
    others = [write(tmp_path / "gramarye-mine" / "a.txt"), write(tmp_path / "another" / "lock")]
    processes[0].kill()
    processes[0].wait()
    with own_folder():
        assert not (tmp_path / names[0]).exists()
        assert (tmp_path / names[1] / "files" / "private.png").exists()
        assert all(path.exists() for path in others)
    processes[1].kill()
    for process in processes:
        process.communicate()
    with own_folder():
        assert not (tmp_path / names[1]).exists()


@pytest.mark.parametrize("name", ["file/below", "/proc/below"])
def test_a_folder_that_cannot_be_written_is_one_sentence(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "file")
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / name))
    words = r"^Temporary files can't be written to '.*' \([A-Z][a-z ]+\): name another folder in GRADIO_TEMP_DIR\.$"
    with pytest.raises(OutputError, match=words), own_folder():
        pass
    assert os.environ["GRADIO_TEMP_DIR"] == str(tmp_path / name)


def test_a_server_that_is_killed_leaves_nothing_to_the_next(random_model: Path, tmp_path: Path) -> None:
    """Its visitors' files go at the next start; the address and the model are free at once."""
    with serving(tmp_path, "--no-mcp", NST_MODEL=str(random_model)) as server:
        (first,) = server.files.iterdir()
        upload = write(first / "files" / "hash" / "private.png")
        server.process.kill()
        server.process.wait()
        assert upload.exists()
    with serving(tmp_path, "--no-mcp", NST_MODEL=str(random_model)) as again:
        (second,) = again.files.iterdir()
        assert second != first
        assert again.health()["status"] == "ok"
    assert again.process.returncode == 0  # ended by SIGTERM
    assert again.log.read_text().endswith("Stopped.\n")
    assert list(again.files.iterdir()) == []


def test_the_app_ends_cleanly_by_ctrl_c_and_leaves_nothing(random_model: Path, tmp_path: Path) -> None:
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
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=SLOW)
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
        check=False, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=SLOW,
    )  # fmt: skip
    assert done.returncode == 2
    assert message in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
