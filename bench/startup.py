"""How soon a command is at work: `python -m bench.startup [CHECKOUT ...]`.

Seconds from the prompt to the first picture of `gramarye stylize` on the disk, after its first step of optimization,
and to a page of `gramarye serve` that has answered.  Each is a process of its own, after one that is not counted, which
warms the disk's cache and compiles what is to be compiled; medians are given.  The model has to be there already.

Other checkouts of this project are measured in turn with this one, named by their folders.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from nst.locations import EXAMPLES, model_path

ROOT = Path(__file__).parent.parent
CONTENT, STYLE = EXAMPLES / "content" / "colosseum.jpg", EXAMPLES / "style" / "starry_night.jpg"

PATIENCE = 120.0
"""Seconds after which a process is given up."""

GLANCE = 0.005
"""Seconds between two looks at whether it is at work."""


def seconds_to_first_step(checkout: Path, folder: Path) -> float:
    """Of `stylize` with the default recipe.  folder: for its picture."""
    preview = folder / "out.preview.png"
    preview.unlink(missing_ok=True)
    command = ["stylize", str(CONTENT), str(STYLE), "-o", str(folder / "out.png"), "--preview-every", "1", "--quiet"]
    return _seconds_until(preview.exists, command, checkout, folder)


def seconds_to_page(checkout: Path, folder: Path) -> float:
    """Of `serve`.  folder: for its log."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def answers() -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=PATIENCE) as page:
                return bool(page.read())
        except (urllib.error.URLError, ConnectionError):
            return False

    return _seconds_until(answers, ["serve", "--port", str(port), "--no-browser"], checkout, folder)


def _seconds_until(at_work: Callable[[], bool], command: list[str], checkout: Path, folder: Path) -> float:
    """From the start of a process until it is at work, when it is ended.

    RuntimeError where it ends by itself, or takes longer than `PATIENCE`.
    """
    with (folder / "log.txt").open("w+") as log:
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "nst", *command], env=_environment(checkout), cwd=checkout, stdout=log, stderr=log
        )
        try:
            while not at_work():
                if process.poll() is not None or time.monotonic() - began > PATIENCE:
                    log.seek(0)
                    raise RuntimeError(f"`gramarye {command[0]}` of {checkout} did not come to work: {log.read()}")
                time.sleep(GLANCE)
            return time.monotonic() - began
        finally:
            process.kill()
            process.wait()


def _environment(checkout: Path) -> Mapping[str, str]:
    """As a user has it: what is compiled is kept."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPATH": str(checkout), "NST_MODEL": str(model_path())}


FIGURES: Mapping[str, Callable[[Path, Path], float]] = {
    "first_step": seconds_to_first_step,
    "page": seconds_to_page,
}


def measured(checkouts: list[Path], rounds: int) -> list[dict[str, Any]]:
    """A row for each checkout: the median of each figure, and all that it is the median of."""
    seconds: dict[Path, dict[str, list[float]]] = {checkout: {name: [] for name in FIGURES} for checkout in checkouts}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(1 + rounds):
            for name, figure in FIGURES.items():
                for checkout in checkouts:
                    seconds[checkout][name].append(round(figure(checkout, Path(folder)), 2))
    return [
        {"checkout": "this" if checkout == ROOT else checkout.name}
        | {name: statistics.median(values[1:]) for name, values in of_one.items()}
        | {f"{name}_each": values[1:] for name, values in of_one.items()}
        for checkout, of_one in seconds.items()
    ]


def main() -> None:
    """Measure, print and save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "others", metavar="CHECKOUT", type=Path, nargs="*", help="other checkouts to be measured in turn"
    )
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    rows = measured([*(path.resolve() for path in options.others), ROOT], options.rounds)
    for row in rows:
        print(json.dumps(row), flush=True)
    from nst.painting.backbone import Backbone

    from .results import save_results

    print(save_results("startup", str(Backbone.open()), rows))


if __name__ == "__main__":
    main()
