"""The app as a process of its own, and what it takes of the machine, as the kernel's own account has it (Linux)."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
QUEUE = 8
MAX_SECONDS = 300
"""What one painting may take: the clients' own are far below, those that are to be refused far above."""

START_SECONDS = 180
STOP_SECONDS = 20


@dataclass(frozen=True)
class Sample:
    """What the app takes at one moment.

    seconds: since the start of the soak.  memory: resident, in MB.  descriptors: open files and sockets.  locks: on
    files.  files: temporary ones, and megabytes: of those.  scratch: folders in which a job's files are made.
    """

    seconds: float
    memory: float
    threads: int
    descriptors: int
    locks: int
    files: int
    megabytes: float
    scratch: int


@dataclass(frozen=True)
class App:
    """A running app.  folder: for its log and all of its temporary files."""

    process: subprocess.Popen[bytes]
    url: str
    folder: Path

    @property
    def log(self) -> str:
        """All that it has printed."""
        return (self.folder / "log.txt").read_text(errors="replace")

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def health(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/health", timeout=10) as answer:
            health: dict[str, Any] = json.load(answer)
        return health

    def seconds_until_idle(self, seconds: float) -> float | None:
        """Wait until no job runs or waits; None where that takes longer than so many seconds."""
        began = time.monotonic()
        while self.alive and time.monotonic() - began < seconds:
            with suppress(OSError):
                health = self.health()
                if health["running"] == health["waiting"] == 0:
                    return time.monotonic() - began
            time.sleep(0.2)
        return None

    def sample(self, seconds: float) -> Sample:
        """What it takes now.  seconds: since the start of the soak."""
        pid = self.process.pid
        status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        locks = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
        sizes = [size for path in self.folder.rglob("*") if (size := _size(path)) is not None]
        return Sample(
            round(seconds, 1),
            memory=int(status["VmRSS"].split()[0]) * 1024 / 1e6,
            threads=int(status["Threads"]),
            descriptors=len(os.listdir(f"/proc/{pid}/fd")),
            locks=sum(str(pid) in line for line in locks),
            files=len(sizes),
            megabytes=round(sum(sizes) / 1e6, 2),
            scratch=len([path for path in (self.folder / "tmp").iterdir() if path.is_dir()]),
        )


def _size(path: Path) -> int | None:
    """Of a file in bytes; None for a folder, and for what is gone meanwhile."""
    try:
        return path.stat().st_size if path.is_file() else None
    except OSError:
        return None


@contextmanager
def running_app(folder: Path) -> Iterator[App]:
    """`python app.py` on a free port of this machine alone, offline, with all of its files in a folder.

    NST_MODEL names the model; without it one of seeded random weights is made, which takes as long and as much.
    """
    for name in ("files", "tmp"):
        (folder / name).mkdir()
    variables = os.environ | {
        "GRADIO_TEMP_DIR": str(folder / "files"), "TMPDIR": str(folder / "tmp"), "HF_HUB_OFFLINE": "1",
        "NST_MODEL": os.environ.get("NST_MODEL") or str(_random_model(folder)),
    }  # fmt: skip
    port = _free_port()
    command = [sys.executable, "app.py", "--host", "127.0.0.1", "--port", str(port), "--no-browser"]
    command += ["--queue", str(QUEUE), "--max-seconds", str(MAX_SECONDS)]
    with (folder / "log.txt").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=variables, stdout=log, stderr=subprocess.STDOUT)
    app = App(process, f"http://127.0.0.1:{port}", folder)
    try:
        _await(app)
        yield app
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(app: App) -> None:
    until = time.monotonic() + START_SECONDS
    while app.alive and time.monotonic() < until:
        try:
            app.health()
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"The app did not start:\n{app.log}")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def _random_model(folder: Path) -> Path:
    """Made in a process of its own, so that this one needs no PyTorch."""
    path = folder / "random.onnx"
    code = (
        "import sys; from pathlib import Path; from nst.network.build import export_model; "
        "from nst.network.weights import random_weights; export_model(Path(sys.argv[1]), random_weights(0))"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], cwd=ROOT, check=True)
    return path
