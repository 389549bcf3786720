"""How much style a recipe gives for how much content: `python -m bench.frontier FOLDER`.

Paints every pair of FOLDER/content and FOLDER/style at several content weights with each candidate, judges the
pictures by networks that took no part in painting them (see `bench.judge`), and writes the means to bench/results/
and a plot beside them.  Every candidate paints 90 steps at 96 px and 30 at 192 px.
A run that was cut short goes on where it ended.
"""

from __future__ import annotations

import argparse
import json
import statistics
from pathlib import Path
from typing import Any

from nst.painting.backbone import Backbone
from nst.painting.painting import stylize
from nst.pictures.picture import Picture
from nst.pictures.reading import load_image
from nst.recipe import Recipe
from nst.taps import TAPS

from .judge import Judge
from .results import results_path, save_results

CONTENTS = ("astronaut", "casa_mila", "chelsea", "colosseum", "otters", "periwinkle")
STYLES = ("cezanne_sainte_victoire", "hiroshige_rivers", "ink_landscape", "redon_flowers")
"""Pairs of these were never looked at while the recipes were tuned."""

_SIZE = 192
_EQUAL = {"size": _SIZE, "start_size": 96, "first_steps": 90, "last_steps": 30, "tolerance": 0.0}
_ADAM = {"optimizer": "adam", "learning_rate": 0.03, "average": 0.8}
_GRAM = {"style_statistic": "gram"}

CANDIDATES: dict[str, tuple[dict[str, Any], tuple[float, ...]]] = {
    "moments, L-BFGS": ({}, (0.005, 0.01, 0.02, 0.035, 0.06)),
    "prototype C": ({**_ADAM, **_GRAM, "tv_weight": 2.0}, (0.005, 0.02, 0.04, 0.06, 0.1)),
    "prototype B": (
        {
            **_ADAM,
            **_GRAM,
            "tv_weight": 2.0,
            "style_taps": ("conv1", "conv3", "conv5", "conv8", "conv11"),
            "content_taps": ("conv10",),
        },
        (0.001, 0.003, 0.008, 0.02, 0.05),
    ),
    "moments, Adam": (_ADAM, (0.005, 0.02, 0.04, 0.06, 0.1)),
    "Gram, L-BFGS": (_GRAM, (0.005, 0.01, 0.02, 0.035, 0.06)),
    "moments, L-BFGS, all 13 style taps": ({"style_taps": TAPS}, (0.005, 0.01, 0.02, 0.035, 0.06)),
    "Gram, L-BFGS, all 13 style taps": ({**_GRAM, "style_taps": TAPS}, (0.005, 0.01, 0.02, 0.035, 0.06)),
}
"""Name -> what it changes in "fast", and its content weights as they are at this size."""


def main() -> None:
    """Paint, judge, print, save and plot."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--candidates", nargs="+", default=list(CANDIDATES), choices=list(CANDIDATES))
    options = parser.parse_args()
    backbone, judge = Backbone.open(), Judge()
    contents, styles = (
        {name: load_image(options.folder / kind / f"{name}.jpg") for name in names}
        for kind, names in (("content", CONTENTS), ("style", STYLES))
    )
    path = results_path("frontier")
    rows: list[dict[str, Any]] = json.loads(path.read_text())["rows"] if path.is_file() else []
    for name in options.candidates:
        changes, weights = CANDIDATES[name]
        for weight in weights:
            if any((row["candidate"], row["content_weight"]) == (name, weight) for row in rows):
                continue
            at_reference = weight / Recipe(content_weight=1).at_size(_SIZE).content_weight
            recipe = Recipe.preset("fast", **{**_EQUAL, **changes, "content_weight": at_reference})
            row = {"candidate": name, "content_weight": weight, **_figures(recipe, backbone, judge, contents, styles)}
            print(*(f"{key} {value}" for key, value in row.items() if key != "each"), flush=True)
            rows.append(row)
            save_results("frontier", str(backbone), rows)
    _plot(rows, path.with_suffix(".svg"))


def _figures(
    recipe: Recipe, backbone: Backbone, judge: Judge, contents: dict[str, Picture], styles: dict[str, Picture]
) -> dict[str, Any]:
    """Means over all pairs, and the style and content figures of each."""
    judged, seconds = [], []
    for content in contents.values():
        for style in styles.values():
            run = stylize(content, style, recipe, backbone=backbone)
            judged.append(judge(run.result(), content, style))
            assert run.latest is not None
            seconds.append(run.latest.seconds)
    means = [statistics.mean(figures) for figures in zip(*judged, strict=True)]
    return {
        "pairs": len(judged),
        **dict(zip(judged[0]._fields, means, strict=True)),
        "seconds": statistics.mean(seconds),
        "each": [[round(figure, 4) for figure in (figures.style, figures.content)] for figures in judged],
    }


def _plot(rows: list[dict[str, Any]], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "frontier"
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 5), layout="constrained")
    for name in dict.fromkeys(row["candidate"] for row in rows):
        curve = sorted((row["content"], row["style"]) for row in rows if row["candidate"] == name)
        axes.plot(*zip(*curve, strict=True), marker="o", label=name)
    axes.set(xlabel="content figure (LPIPS): less keeps more", ylabel="style figure: less is nearer", yscale="log")
    axes.legend()
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    main()
