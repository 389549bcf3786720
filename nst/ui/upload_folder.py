"""The folder in which Gradio keeps uploads and results: one of our own, swept as it ages, gone at the end.

Gradio has `delete_cache` for this, but its sweep ends for good when a file is added while it runs: see
`test_gradios_own_sweep_ends_when_a_file_comes_meanwhile` in tests/ui/test_gradio_gaps.py.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

KEEP_HOURS = 6
"""Uploads and results are deleted after so many hours: a client may refer to them for a while."""

SWEEP_SECONDS = 600


@contextmanager
def own_folder() -> Iterator[Path]:
    """A new folder that Gradio uses in the meantime, as it reads GRADIO_TEMP_DIR; deleted with all that is in it."""
    parent = os.environ.get("GRADIO_TEMP_DIR")
    if parent:
        os.makedirs(parent, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="gramarye-", dir=parent, ignore_cleanup_errors=True) as name:
        os.environ["GRADIO_TEMP_DIR"] = name
        try:
            yield Path(name)
        finally:
            del os.environ["GRADIO_TEMP_DIR"]
            if parent:
                os.environ["GRADIO_TEMP_DIR"] = parent


def keep_swept(folder: Path) -> None:
    """Sweep from time to time, as long as the program runs; what lies there now belongs to the page and stays."""
    keep = frozenset(path for path in folder.rglob("*") if path.is_file())

    def forever() -> None:
        while True:
            time.sleep(SWEEP_SECONDS)
            sweep(folder, keep)

    threading.Thread(target=forever, name="sweep", daemon=True).start()


def sweep(folder: Path, keep: frozenset[Path], hours: float = KEEP_HOURS) -> None:
    """Delete files that came more than so many hours ago, and the folders that this leaves empty.

    The time of coming is that of the inode, as Gradio's copies keep the time of their original.
    """
    for path in sorted(folder.rglob("*"), reverse=True):
        with suppress(OSError):
            if path.is_dir():
                path.rmdir()
            elif path not in keep and time.time() - path.stat().st_ctime > hours * 3600:
                path.unlink()
