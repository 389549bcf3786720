"""The folder in which Gradio keeps uploads and results: one of our own, swept as it ages and grows, gone at the end.

Gradio has `delete_cache` for this, but its sweep ends for good when a file is added while it runs: see
`test_gradios_own_sweep_ends_when_a_file_comes_meanwhile` in tests/ui/test_gradio_gaps.py.

Around it lies the folder of this process, which has all of its temporary files, and a lock that it holds as long as it
lives: so the next start can tell what a killed one has left from what belongs to another that is running.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import OutputError

try:
    import fcntl
except ImportError:  # on Windows
    fcntl = None  # type: ignore[assignment]

KEEP_HOURS = 6
"""Uploads and results are deleted after so many hours: a client may refer to them for a while."""

KEEP_BYTES = 4e9
"""What they may occupy; beyond that the oldest go first."""

SHARE_OF_DISK = 0.25
"""Or this share of what is free where the program starts, if that is less."""

IN_USE_SECONDS = 300
"""What came so lately is about to be read, or still being written, and stays whatever it occupies."""

SWEEP_SECONDS = 60

PREFIX = "gramarye-"

_LOCK, _UPLOADS, _PASSING = "lock", "files", "passing"
"""In the folder of a process: its lock, the folder of uploads and results, all other temporary files."""


@contextmanager
def own_folder() -> Iterator[Path]:
    """A new folder that Gradio uses in the meantime, as it reads GRADIO_TEMP_DIR; deleted with all that is in it.

    Other temporary files of the process lie beside it.  What killed processes have left is deleted first.
    Raises OutputError where no file can be written.
    """
    parent = os.environ.get("GRADIO_TEMP_DIR")
    try:
        folder, lock = _make_folder(Path(parent or tempfile.gettempdir()))
    except OSError as error:
        raise OutputError(
            f"Temporary files can't be written to {parent or tempfile.gettempdir()!r} ({error.strerror or error}): "
            "name another folder in GRADIO_TEMP_DIR."
        ) from None
    before = tempfile.tempdir
    os.environ["GRADIO_TEMP_DIR"], tempfile.tempdir = str(folder / _UPLOADS), str(folder / _PASSING)
    try:
        yield folder / _UPLOADS
    finally:
        tempfile.tempdir = before
        del os.environ["GRADIO_TEMP_DIR"]
        if parent:
            os.environ["GRADIO_TEMP_DIR"] = parent
        remove_own(folder / _UPLOADS)
        if lock is not None:
            os.close(lock)


def remove_own(uploads: Path) -> None:
    """Delete at once what `own_folder` made.  uploads: what it gave."""
    shutil.rmtree(uploads.parent, ignore_errors=True)


def keep_swept(uploads: Path) -> None:
    """Sweep from time to time, as long as the program runs; what lies there now belongs to the page and stays."""
    sweeper = Sweeper(uploads, min(KEEP_BYTES, SHARE_OF_DISK * shutil.disk_usage(uploads).free))

    def forever() -> None:
        while True:
            time.sleep(SWEEP_SECONDS)
            with suppress(OSError):
                sweeper.sweep()

    threading.Thread(target=forever, name="sweep", daemon=True).start()


class Sweeper:
    """Deletes what has been in a folder for long, and the oldest of what is too much; what is there at first stays.

    max_bytes: what all else may occupy.  clock: seconds that never jump; a file's own times are those of the machine's
    clock, or of its original, so its age counts from the sweep that first saw it.
    """

    def __init__(
        self, folder: Path, max_bytes: float = KEEP_BYTES, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._clock = clock
        self._kept = frozenset(_files_in(folder))
        self._files: dict[tuple[Path, int], float] = {}
        self._empty: dict[tuple[Path, int], float] = {}

    def sweep(self) -> None:
        """Look through the folder once."""
        now, files = self._clock(), _files_in(self._folder)
        ours = [(path, file.st_ino) for path, file in files.items() if path not in self._kept]
        self._files = {key: self._files.get(key, now) for key in ours}
        occupied = sum(files[path].st_size for path, _ in ours)
        for (path, _), since in sorted(self._files.items(), key=lambda item: (item[1], files[item[0][0]].st_ctime)):
            age = now - since
            if age > KEEP_HOURS * 3600 or (occupied > self._max_bytes and age > IN_USE_SECONDS):
                occupied -= files[path].st_size
                with suppress(OSError):
                    path.unlink()
        self._remove_empty_folders(now)

    def _remove_empty_folders(self, now: float) -> None:
        """Those that have been empty for a while: into a new one something is about to be written."""
        empty = {}
        for folder in sorted((path for path in self._folder.rglob("*") if path.is_dir()), reverse=True):
            with suppress(OSError):
                if not any(folder.iterdir()):
                    empty[folder, folder.stat().st_ino] = now
        self._empty = {key: self._empty.get(key, now) for key in empty}
        for (folder, _), since in self._empty.items():
            if now - since > IN_USE_SECONDS:
                with suppress(OSError):
                    folder.rmdir()


def _files_in(folder: Path) -> dict[Path, os.stat_result]:
    files = {}
    for path in folder.rglob("*"):
        with suppress(OSError):  # gone meanwhile
            if path.is_file():
                files[path] = path.stat()
    return files


def _make_folder(parent: Path) -> tuple[Path, int | None]:
    """The folder of this process and its lock, which is held before the folder has the name that others look for."""
    parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(parent)
    new = Path(tempfile.mkdtemp(prefix=f".{PREFIX}", dir=parent))
    for name in (_UPLOADS, _PASSING):
        (new / name).mkdir()
    lock = _lock(new / _LOCK)
    return new.rename(parent / new.name.lstrip(".")), lock


def _lock(path: Path) -> int | None:
    """The open file, locked until it is closed or the process ends; None where another holds it, or without locks."""
    if fcntl is None:
        return None
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        return None
    return file


def _remove_abandoned(parent: Path) -> None:
    """Delete the folders here of processes of one's own that ended without doing so, as after kill -9."""
    for folder in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):
            if folder.is_symlink() or folder.stat().st_uid != os.getuid() or not (folder / _LOCK).is_file():
                continue
            lock = _lock(folder / _LOCK)
            if lock is not None:
                shutil.rmtree(folder, ignore_errors=True)
                os.close(lock)
