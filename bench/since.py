"""Whole runs beside those of another checkout, such as the commit before: `python -m bench.since CHECKOUT`.

Seconds from the call to the finished picture, targets included, with the network loaded.  The two processes stay, so
that imports are not in the times, and take turns picture by picture, each pair of pictures once; the ratio is the
median of the pairs' own.  Wants a quiet machine.  Writes bench/results/since-MACHINE.json.

The other checkout is one made by `git worktree add`; it is run by this Python, and needs no more than its `nst`.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

from nst.locations import EXAMPLES, model_path
from nst.recipe import PresetName

from .pairs import FEW, Pair
from .results import save_results

HERE = Path(__file__).parent.parent

PAINTER = """
import sys, time
from pathlib import Path
from nst.threads import share_cores
share_cores()
try:
    from nst.pages import take_large_pages
    take_large_pages()
except ImportError:
    pass
from nst import Recipe, stylize
from nst.painting.backbone import Backbone
backbone = Backbone.open(Path(sys.argv[1]))
print(backbone, flush=True)
for line in sys.stdin:
    content, style, preset, size = line.split("|")
    began = time.perf_counter()
    run = stylize(content, style, Recipe.preset(preset, size=int(size)), backbone=backbone)
    run.result()
    print(time.perf_counter() - began, run.latest.iteration, flush=True)
"""
"""Paints what it is told, a line each, and answers with the seconds and steps.  It runs in either checkout, so it says
everything by names that both have."""


@contextmanager
def painter(checkout: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A process of that checkout that has loaded everything, with its backbone in words."""
    environment = os.environ | {"PYTHONPATH": str(checkout)}
    process = subprocess.Popen(
        [sys.executable, "-c", PAINTER, str(model_path())],
        cwd=checkout, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip(), process
        finally:
            process.kill()


def paint(process: subprocess.Popen[str], pair: Pair, preset: str, size: int) -> tuple[float, int]:
    """Seconds and steps of one picture.  Raises RuntimeError where the process has ended."""
    assert process.stdin is not None
    assert process.stdout is not None
    content, style = EXAMPLES / "content" / f"{pair[0]}.jpg", EXAMPLES / "style" / f"{pair[1]}.jpg"
    print(content, style, preset, size, sep="|", file=process.stdin, flush=True)
    seconds, _, steps = process.stdout.readline().partition(" ")
    if not steps:
        raise RuntimeError(f"{process.args!r} has ended without a picture.")
    return float(seconds), int(steps)


def main() -> None:
    """Paint, print and save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--presets", nargs="+", choices=get_args(PresetName), default=["fast", "balanced"])
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 384, 512])
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    with painter(options.checkout.resolve()) as (_, before), painter(HERE) as (backbone, now):
        for process in (before, now):
            paint(process, FEW[0], "fast", 64)
        for preset in options.presets:
            for size in options.sizes:
                runs = [[paint(process, pair, preset, size) for process in (before, now)] for pair in FEW]
                ratios = [after[0] / earlier[0] for earlier, after in runs]
                rows.append(
                    {
                        "preset": preset,
                        "size": size,
                        "ratio": round(statistics.median(ratios), 3),
                        "ratios": [round(ratio, 3) for ratio in ratios],
                        "seconds": [[round(seconds, 2) for seconds, _ in run] for run in runs],
                        "steps": [[steps for _, steps in run] for run in runs],
                    }
                )
                print(rows[-1], flush=True)
                save_results("since", backbone, rows)


if __name__ == "__main__":
    main()
