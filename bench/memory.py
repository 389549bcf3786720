"""The memory that paintings take at their peak, against what is reckoned before they begin: `python -m bench.memory`.

Each recipe is painted in a process of its own, on the CPU.  Measured is the largest resident memory from when a tiny
painting is done, which has the network loaded and all libraries set up, to the end; the pictures are made in between,
so they count.  L-BFGS takes its memory step by step, and is reckoned so: in one case it has all of it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from nst.network.build import ensure_model
from nst.painting.backbone import Backbone
from nst.painting.painting import Painting, painting_of
from nst.painting.room import HISTORY
from nst.pictures.picture import Picture, Size
from nst.recipe import Recipe
from nst.serving.cost import Cost
from nst.task import MASKED_ROLES

from .resident import resident_bytes
from .results import save_results

STEPS: dict[str, Any] = {"first_steps": 3, "last_steps": 3, "tolerance": 0}
AT_ONCE: dict[str, Any] = {"start_size": 0, "first_steps": 3, "tolerance": 0}
ADAM: dict[str, Any] = {"optimizer": "adam", "learning_rate": 0.02, "first_steps": 3, "last_steps": 3}
SHALLOW = ("conv1", "conv2", "conv3", "conv4")


@dataclass(frozen=True)
class Case:
    """A painting to be measured.  inputs: role -> (width, height) in pixels."""

    precision: str
    inputs: Mapping[str, Size]
    recipe: Recipe


def _pair(side: int, **others: Size) -> dict[str, Size]:
    return {"content": (side, side * 3 // 4), "style": (side, side), **others}


CASES: Mapping[str, Case] = {
    "256 px": Case("bf16", _pair(256), Recipe(size=256, **STEPS)),
    "384 px, many steps": Case(
        "bf16", _pair(384), Recipe(size=384, first_steps=3, last_steps=HISTORY + 3, tolerance=0)
    ),
    "512 px": Case("bf16", _pair(512), Recipe(size=512, **STEPS)),
    "512 px, fp32": Case("fp32", _pair(512), Recipe(size=512, **STEPS)),
    "1536 px, adam": Case("bf16", _pair(1536), Recipe(size=1536, **ADAM)),
    "512 px, article, fp32": Case("fp32", _pair(512), Recipe.preset("article", size=512, first_steps=3)),
    "768 px, Gram matrices": Case("bf16", _pair(768), Recipe(size=768, style_statistic="gram", **STEPS)),
    "512 px, masked, fp32": Case("fp32", _pair(512, mask=(512, 384)), Recipe(size=512, **STEPS)),
    "512 px, masked, two styles": Case(
        "bf16", _pair(512, mask=(512, 384), style_2=(400, 500)), Recipe(size=512, **STEPS)
    ),
    "512 px, part of a style": Case("bf16", _pair(512, style_mask=(512, 512)), Recipe(size=512, **STEPS)),
    "512 px, strokes twice as large": Case("bf16", _pair(1024), Recipe(size=512, style_scale=2, **STEPS)),
    "768 px, shallow taps, fp32": Case(
        "fp32", _pair(768), Recipe(size=768, content_taps=("conv2",), style_taps=SHALLOW, **AT_ONCE)
    ),
}


def main() -> int:
    """Measure all cases, print a table and keep it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", choices=tuple(CASES), help="measure this one alone, here, and print it as JSON")
    options = parser.parse_args()
    if options.case:
        print(json.dumps(_measured(CASES[options.case])))
        return 0
    rows = []
    print("| painting | precision | measured | reckoned | reckoned : measured | beside it |\n|---|---|---|---|---|---|")
    for name in CASES:
        command = [sys.executable, "-m", "bench.memory", "--case", name]
        row = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
        rows.append({"painting": name, **row})
        measured, reckoned, beside = (f"{row[key] / 1e9:.2f} GB" for key in ("measured", "reckoned", "beside"))
        cells = (name, row["precision"], measured, reckoned, f"{row['ratio']:.2f}", beside)
        print(f"| {' | '.join(cells)} |", flush=True)
    print(save_results("memory", "CPU", rows), file=sys.stderr)
    return 0


def _measured(case: Case) -> dict[str, Any]:
    """Bytes at the peak as measured and as reckoned, their ratio, and the bytes of the process beside that."""
    backbone = Backbone.open(ensure_model(), "cpu", case.precision)
    _painting(backbone, case.recipe.changed(size=64), dict.fromkeys(case.inputs, (64, 64))).result()
    beside = resident_bytes("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here on
    painting = _painting(backbone, case.recipe, case.inputs)
    reckoned = Cost.of(painting).bytes
    painting.result()
    measured = resident_bytes("VmHWM") - beside
    return {
        "precision": case.precision,
        "measured": measured,
        "reckoned": reckoned,
        "ratio": reckoned / measured,
        "beside": beside,
    }


def _painting(backbone: Backbone, recipe: Recipe, sizes: Mapping[str, Size]) -> Painting:
    """Of noise, which costs as much as any picture; the upper half of a mask is white."""
    pictures: dict[str, Picture] = {}
    for role, (width, height) in sizes.items():
        rgb = torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(len(pictures)))
        if role in MASKED_ROLES:
            rgb.zero_()[:, :, : height // 2] = 1
        pictures[role] = Picture(rgb, name=role)
    return painting_of("stylize", pictures, recipe, backbone)


if __name__ == "__main__":
    sys.exit(main())
