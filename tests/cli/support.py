"""The command line as the tests use it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
QUICK = ["--size", "48", "--start-size", "0", "--first-steps", "3", "--device", "cpu"]
ENDLESS = ["--size", "48", "--start-size", "0", "--first-steps", "10000", "--tolerance", "0", "--device", "cpu"]
STYLIZE = ["stylize", "content.png", "style.png"]


STARTED: list[subprocess.Popen[str]] = []
"""Processes of the test that is running: none outlives it."""


def start(*arguments: str, program: tuple[str, ...] = ("-m", "nst")) -> subprocess.Popen[str]:
    """The command as a process of its own, in the working folder."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, *program, *arguments]
    STARTED.append(subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True))
    return STARTED[-1]


def end_all() -> None:
    """Kill what a test that has failed left behind."""
    while STARTED:
        process = STARTED.pop()
        process.kill()
        process.communicate()


def wait_for(path: str, process: subprocess.Popen[str], seconds: float = 120) -> None:
    """Until the process has written a file of this name."""
    deadline = time.monotonic() + seconds
    while not Path(path).exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
