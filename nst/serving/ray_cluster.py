"""A Ray cluster: started on this machine or joined, its machines, and painters hired there.

Ray is imported here alone, when a cluster is opened.  It is told to send no statistics, to serve no dashboard and to be
quiet; one that is started here asks for a token that nobody else has, as whoever reaches its ports could run code.
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any

from ..errors import EngineError, shown
from ..pages import ASKED_BY, take_large_pages
from ..threads import WAITING, share_cores
from .machine_memory import machine_memory
from .shares import Machine, Shares

REACH_SECONDS = 20.0
"""After which an address is taken to be that of no cluster."""

STORE_BYTES = 1e9
"""Shared memory for what is on its way between processes, on a machine where the cluster is started here; what does not
fit there goes to the disk.  At most a `STORE_SHARE` of the machine's."""

STORE_SHARE = 0.1

QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}
"""Variables that Ray reads when it is imported: no statistics, and no hint on the terminal."""

OWN = {"RAY_memory_monitor_refresh_ms": "0"}
"""The same for a cluster that is started here: Ray does not kill painters when other programs fill the memory, of which
each painter has its share anyway."""

TOKEN = ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH")
"""Variables by which whoever has a token of their own says so."""

LONGEST_FOLDER = 40
"""Characters of the folder of a cluster: the paths of its sockets, which are longer by 60, may have 107."""


class Cluster:
    """A Ray cluster that this process is connected to.  Make it with `open_cluster`.

    ray: the package.  is_own: it was started here, and ends with this object.  is_lent: this process was connected
    to it before, and stays so.
    """

    def __init__(
        self,
        ray: ModuleType,
        *,
        is_own: bool = False,
        is_lent: bool = False,
        folder: Path | None = None,
    ) -> None:
        """folder: of the cluster's files, deleted with it."""
        self.ray: Any = ray
        self.is_own, self._is_lent = is_own, is_lent
        self._folder = folder

    def machines(self) -> list[Machine]:
        """Those that are there now."""
        resources = [node["Resources"] for node in self.ray.nodes() if node["Alive"]]
        return [
            Machine(int(each.get("CPU", 0)), int(each.get("GPU", 0)), each.get("memory", 0.0)) for each in resources
        ]

    def hire(self, shares: Shares) -> Any:
        """An actor of `nst.serving.ray_painter.Painter`, which begins to work when there is room for it."""
        from .ray_painter import THREADS, Painter

        for thread, methods in THREADS.items():
            for name in methods:
                self.ray.method(concurrency_group=thread)(getattr(Painter, name))
        groups = dict.fromkeys(THREADS, 1)
        kind = self.ray.remote(concurrency_groups=groups, max_restarts=0, max_task_retries=0)(Painter)
        variables = {name: value for name in (*WAITING, ASKED_BY) if (value := os.environ.get(name))}
        if self._folder is not None:
            variables["TMPDIR"] = str(self._folder)
        options = kind.options(
            num_cpus=shares.cores,
            num_gpus=shares.gpus,
            runtime_env={"env_vars": {"OMP_NUM_THREADS": str(shares.cores), **variables}},
        )
        return options.remote(shares.cores)

    def is_there(self, answer: Any, seconds: float) -> bool:
        """Wait for an answer, at most so many seconds."""
        return bool(self.ray.wait([answer], timeout=seconds)[0])

    def count_there(self, answers: Sequence[Any], seconds: float) -> int:
        """Wait for several answers, at most so many seconds; returns how many are there."""
        return len(self.ray.wait(list(answers), num_returns=len(answers), timeout=seconds)[0])

    def close(self) -> None:
        """Take leave of it, and end it where it was started here."""
        if not self._is_lent:
            self.ray.shutdown()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def open_cluster(address: str | None = None, workers: int | None = None, device: str = "auto") -> Cluster:
    """Join the cluster at an address, or start one on this machine.

    A program that is connected to one already goes on with that.
    address: "HOST:PORT", or "auto" for the one that this machine is a part of; None to start one.
    workers, device: those that it is started for.
    Raises EngineError when nothing answers there, or what answers is of another version.
    """
    share_cores()
    take_large_pages()
    os.environ.update(QUIET)
    if "ray" in sys.modules and sys.modules["ray"].is_initialized():
        return Cluster(sys.modules["ray"], is_lent=True)
    if address is not None:
        _require_answer(address)
    else:
        os.environ |= OWN
    if address is None and not any(name in os.environ for name in TOKEN):
        os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)  # which stays, as Ray reads it once for a process
    import ray

    logging.getLogger("ray").setLevel(logging.ERROR)

    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    with _own_signals():
        if address is not None:
            return _joined(ray, address, quiet)
        return _started(ray, workers, device, quiet)


def _joined(ray: ModuleType, address: str, quiet: dict[str, Any]) -> Cluster:
    try:
        ray.init(address, **quiet)
    except Exception as error:
        ray.shutdown()
        raise EngineError(_unreached(address, _last_line(str(error)))) from None
    _hush(ray)
    return Cluster(ray)


def _started(ray: ModuleType, workers: int | None, device: str, quiet: dict[str, Any]) -> Cluster:
    folder = Path(tempfile.mkdtemp(prefix="gramarye-ray-"))
    options: dict[str, Any] = {"include_dashboard": False, "configure_logging": False, **quiet}
    options["object_store_memory"] = int(min(STORE_BYTES, STORE_SHARE * machine_memory()))
    if len(str(folder)) <= LONGEST_FOLDER:
        options["_temp_dir"] = str(folder)
    if workers is not None:
        options["num_cpus"] = max(workers, os.cpu_count() or 1)
    if device in ("cpu", "mps"):
        options["num_gpus"] = 0
    try:
        ray.init("local", **options)
    except BaseException as error:
        ray.shutdown()
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, Exception):
            raise EngineError(f"Ray can't be started on this machine: {_last_line(str(error))}") from None
        raise
    _hush(ray)
    return Cluster(ray, is_own=True, folder=folder)


def _require_answer(address: str) -> None:
    """EngineError unless a cluster answers there in time.

    It is asked in a process of its own, as Ray itself asks for minutes and then ends the process that it is in.
    """
    if "://" in address:
        raise EngineError(
            f"The address {shown(address)} is for clients of a cluster, who can't follow jobs there: run this on a "
            "machine that is a part of the cluster, with HOST:PORT or auto."
        )
    command = [sys.executable, "-m", "ray.scripts.scripts", "health-check", "--address", address]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=REACH_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise EngineError(_unreached(address, f"no answer in {REACH_SECONDS:.0f} s")) from None
    if done.returncode:
        raise EngineError(_unreached(address, _last_line(done.stderr)))


def _unreached(address: str, reason: str) -> str:
    return (
        f"No Ray cluster can be joined at {shown(address)} ({reason.rstrip('.')}): check the address, that `ray start "
        "--head` runs there with the same versions of Ray and Python, that its ports are open to this machine, and "
        "that both have the same token. Without --ray-address one is started on this machine."
    )


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:200] if lines else "no reason was given"


@contextmanager
def _own_signals() -> Iterator[None]:
    """What signals do stays as it is: Ray would have SIGTERM end the process in its own way."""
    before: dict[signal.Signals, Any] = {}
    with suppress(ValueError):  # where this is not the main thread, which alone may set them
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            with suppress(ValueError):
                signal.signal(number, handler)


def _hush(ray: ModuleType) -> None:
    """No word of Ray's own of a worker that has died: that is said in ours."""
    internals = sys.modules["ray._private.worker"]

    def say_nothing(*_args: object, **_options: object) -> None:
        """In place of what prints it, for which Ray has no switch."""

    assert hasattr(internals, "print_to_stdstream"), ray.__version__
    internals.print_to_stdstream = say_nothing  # type: ignore[attr-defined]
