"""Memory and time of a step in bands, beside those of one in one piece: `python -m bench.posters`.

Each size is painted in a process of its own, at that size alone, on the CPU or where --device says.  Memory is the
largest resident one, less what the process had with the network loaded; feature maps that lie in files count as far as
the system keeps them in memory, which it takes back when others want it, so they are given by themselves.  Seconds are
the median step's, after the first.  Writes bench/results/posters-MACHINE.json and a plot beside it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from nst.network.build import ensure_model
from nst.pages import take_large_pages
from nst.painting.backbone import Backbone
from nst.painting.painting import stylize
from nst.painting.room import Room
from nst.pictures.picture import Picture
from nst.recipe import Recipe

from .pairs import FEW, load_pair
from .resident import resident_bytes
from .results import results_path, save_results

SIZES = (512, 1024, 2048, 4096)
LARGEST_WHOLE = 2048
"""Pixels a side up to which it is painted in one piece as well."""

STEPS = 4

SMALLEST = Room(0, kept_from=3, history=3, half=True)
"""What a picture is painted in here where it is painted in bands: with a memory of so few steps at every size."""


def main() -> None:
    """Measure, print, save and plot."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--height", type=float, default=1.0, help="of a picture, as a share of its width")
    parser.add_argument("--add", action="store_true", help="keep the rows of other sizes that this machine has")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--one", nargs=2, metavar=("SIZE", "HOW"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measured(int(options.one[0]), options.height, options.one[1], options.steps, options.device)))
        return
    there: list[dict[str, Any]] = json.loads(results_path("posters").read_text())["rows"] if options.add else []
    rows = [row for row in there if row["size"] not in options.sizes]
    for size in options.sizes:
        for how in ("whole", "bands") if size <= LARGEST_WHOLE else ("bands",):
            command = [sys.executable, "-m", "bench.posters", "--one", str(size), how]
            command += ["--steps", str(options.steps), "--height", str(options.height), "--device", options.device]
            said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
            rows.append(json.loads(said))
            print(rows[-1], flush=True)
            save_results("posters", rows[-1]["on"], rows)
    plot(rows, results_path("posters").with_suffix(".svg"))


def measured(width: int, height: float, how: str, steps: int, device: str) -> dict[str, Any]:
    """Of a picture so many pixels wide; height: as a share of that; how: "whole" or "bands"."""
    take_large_pages()
    backbone = Backbone.open(ensure_model(), device)
    content, style = load_pair(*FEW[0])
    recipe = Recipe(size=64, start_size=0, first_steps=steps, tolerance=0.0, upscale=True)
    stylize(content, style, recipe, backbone=backbone).result()
    beside, files_beside = resident_bytes("VmRSS"), resident_bytes("RssFile")
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here on
    sized: Picture = content.resized((width, round(width * height)))
    run = stylize(sized, style, recipe.changed(size=width), backbone=backbone)
    if how == "bands":
        run.make_do_with(SMALLEST)
    seconds, began = [], time.perf_counter()
    for _ in run:
        seconds.append(time.perf_counter() - began)
        began = time.perf_counter()
    return {
        "size": width,
        "height": round(width * height),
        "how": how,
        "on": str(backbone),
        "first_step_seconds": round(seconds[0], 2),
        "step_seconds": round(statistics.median(seconds[1:]), 3),
        "microseconds_per_pixel": round(1e6 * statistics.median(seconds[1:]) / (width * round(width * height)), 3),
        "peak_bytes": resident_bytes("VmHWM") - beside,
        "in_files_bytes": resident_bytes("RssFile") - files_beside,
    }


def plot(rows: list[dict[str, Any]], path: Path) -> None:
    """Peak memory against the pixels, both on log scales."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "posters"
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    for how in ("whole", "bands"):
        points = [(row["size"] * row["height"] / 1e6, row["peak_bytes"] / 1e9) for row in rows if row["how"] == how]
        if points:
            label = f"in {'one piece' if how == 'whole' else how}"
            axes.plot(*zip(*sorted(points), strict=True), marker="o", label=label)
    axes.set(xlabel="size of the picture, megapixels", ylabel="peak memory, GB", xscale="log", yscale="log")
    axes.legend()
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    main()
