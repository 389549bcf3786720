"""The real app, as a process of its own, with seeded random weights; and a browser to visit it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from nst.learn.feature_maps import FeatureMaps, feature_maps
from nst.painting.backbone import Backbone
from nst.serving.local import LocalWorker
from tests.conftest import smooth_picture
from tests.waiting import SLOW, until

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Server:
    """A running app."""

    url: str
    log: Path
    files: Path
    process: subprocess.Popen[bytes]

    def health(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/health", timeout=SLOW) as answer:
            health: dict[str, Any] = json.load(answer)
        return health

    def until(self, condition: Callable[[dict[str, Any]], bool]) -> None:
        """Wait until the health route says so."""
        until(lambda: condition(self.health()), self._logged)

    def until_free(self) -> None:
        self.until(lambda health: health["running"] == health["waiting"] == 0)

    def until_up(self) -> None:
        """Wait until the health route answers at all."""
        until(self._answers, self._logged)

    def end(self) -> None:
        """By SIGTERM, and where that does not help, by what does."""
        self.process.terminate()
        try:
            self.process.wait(SLOW)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"The server did not end: {self._logged()}") from None

    def _answers(self) -> bool:
        assert self.process.poll() is None, self._logged()
        try:
            return bool(self.health())
        except OSError:
            return False

    def _logged(self) -> str:
        return self.log.read_text()[-2000:]


@contextmanager
def serving(
    folder: Path,
    *options: str,
    program: str | Path = "app.py",
    cwd: Path = ROOT,
    within: Sequence[str] = (),
    **environment: str,
) -> Iterator[Server]:
    """An app on a free port, offline.

    folder: for its log and its files.  program: what Python runs, in `cwd`.  within: a command that runs it.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log, files = folder / "log.txt", folder / "files"
    variables = os.environ | {"GRADIO_TEMP_DIR": str(files), "HF_HUB_OFFLINE": "1", **environment}
    python = [*within, sys.executable, str(program)]
    command = [*python, "--port", str(port), "--device", "cpu", "--no-browser", *options]
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=cwd, env=variables, stdout=out, stderr=subprocess.STDOUT)
    server = Server(f"http://127.0.0.1:{port}", log, files, process)
    try:
        server.until_up()
        yield server
    finally:
        server.end()


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of what looks like Ghostscript and ffmpeg, and leaves a file beside itself when it is started."""
    folder = tmp_path_factory.mktemp("programs")
    for name in ("gs", "ffmpeg"):
        (program := folder / name).write_text(f"#!/bin/sh\ntouch '{program}.started'\n")
        program.chmod(0o755)
    return folder


@pytest.fixture(scope="session")
def server(random_model: Path, programs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`python app.py` with room for four waiting jobs, on a machine that has programs to be misused.

    Without MCP, which has the docs open with another view.
    """
    folder, path = tmp_path_factory.mktemp("server"), f"{programs}{os.pathsep}{os.environ['PATH']}"
    with serving(folder, "--room", "4", "--no-mcp", NST_MODEL=str(random_model), PATH=path) as server:
        yield server
    assert "Traceback" not in server.log.read_text()


@pytest.fixture(scope="session")
def agents(random_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app as it is where the extra for MCP is installed."""
    with serving(tmp_path_factory.mktemp("agents"), NST_MODEL=str(random_model)) as server:
        yield server
    assert "Traceback" not in server.log.read_text()


@pytest.fixture
def worker(backbone: Backbone) -> Iterator[LocalWorker]:
    """One that computes on a thread of its own."""
    worker = LocalWorker(backbone).start()
    yield worker
    worker.close()


@pytest.fixture(scope="session")
def features(backbone: Backbone) -> FeatureMaps:
    """Those of a 96x64 picture."""
    return feature_maps(smooth_picture(96, 64, seed=5), backbone=backbone)
