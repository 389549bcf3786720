"""Pages of a few lines: made in this process, or served by one of their own."""

from __future__ import annotations

import asyncio
import inspect
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.waiting import SLOW


def inside_a_loop(work: Callable[[], Any]) -> Any:
    """What some work gives that makes a page: outside of an event loop Gradio makes its own, and leaves it open."""

    async def inside() -> Any:
        result = work()
        return await result if inspect.isawaitable(result) else result

    return asyncio.run(inside())


def output_of(script: str) -> str:
    """What a program prints that launches a page: one of its own, as Gradio leaves its event loop open."""
    environment = os.environ | {"GRADIO_ANALYTICS_ENABLED": "False"}
    return subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True, env=environment, timeout=SLOW
    ).stdout


@contextmanager
def serving_lines(program: str, *arguments: str) -> Iterator[str]:
    """The page's address.  program: Python that prints the address, and serves until its standard input ends."""
    server = subprocess.Popen(
        [sys.executable, "-c", program, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    try:
        yield server.stdout.readline().strip()
    finally:
        server.communicate("")
