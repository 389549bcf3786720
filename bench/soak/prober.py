"""Asks for the page and for its health every second, and writes down how long each answer took.

A process of its own, `python -m bench.soak.prober URL FILE`, so that it does not wait for the other clients' threads.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

PATHS = ("/", "/health")
TIMEOUT = 10.0


class Probe(NamedTuple):
    """One question.  began: seconds of `time.time`.  seconds: until the whole answer was there.  error: none if ""."""

    began: float
    path: str
    seconds: float
    error: str


@contextmanager
def probing(url: str, file: Path) -> Iterator[None]:
    """Have the page asked for as long as this lasts; `probes_in` reads what was written."""
    process = subprocess.Popen([sys.executable, "-m", "bench.soak.prober", url, str(file)])
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def probes_in(file: Path) -> list[Probe]:
    """All that were written whole."""
    lines = file.read_text().splitlines(keepends=True) if file.exists() else []
    return [Probe(*json.loads(line)) for line in lines if line.endswith("\n")]


def probe(url: str, path: str) -> Probe:
    began, clock = time.time(), time.perf_counter()
    error = ""
    try:
        with urllib.request.urlopen(url + path, timeout=TIMEOUT) as answer:
            answer.read()
    except OSError as problem:
        error = f"{type(problem).__name__}: {problem}"
    return Probe(began, path, time.perf_counter() - clock, error)


def main() -> None:
    """Probe until it is ended."""
    url, file = sys.argv[1:]
    with Path(file).open("a") as lines:
        while True:
            began = time.monotonic()
            for path in PATHS:
                lines.write(json.dumps(probe(url, path)) + "\n")
            lines.flush()
            time.sleep(max(0.0, began + 1 - time.monotonic()))


if __name__ == "__main__":
    main()
