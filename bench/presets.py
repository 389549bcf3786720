"""What each preset gives, and how long it takes: `python -m bench.presets`.

Paints a few pairs of the examples with fast, balanced and fine, in turn, at 384 and 512 px, and judges the pictures
(see `bench.judge`): means.  The seconds, a median, are of the run alone, without opening the model.  With --sizes, the
results of other sizes on this machine are kept.
"""

from __future__ import annotations

import argparse
import json
import statistics
from pathlib import Path
from typing import Any

from nst.painting.backbone import Backbone
from nst.painting.painting import stylize
from nst.pictures.writing import save_image
from nst.recipe import PresetName, Recipe

from .judge import Figures, Judge
from .pairs import load_pair
from .results import results_path, save_results

PRESETS: tuple[PresetName, ...] = ("fast", "balanced", "fine")
SIZES = (384, 512)
PAIRS = (
    ("city_at_dusk", "turner_venice"),
    ("otters", "hiroshige_rivers"),
    ("periwinkle", "cezanne_sainte_victoire"),
)


def main() -> None:
    """Paint, judge, print and save; with a folder, keep the pictures there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=Path, metavar="FOLDER")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    options = parser.parse_args()
    backbone, judge = Backbone.open(), Judge()
    figures_by_preset: dict[tuple[int, str], list[tuple[float, ...]]] = {}
    for names in PAIRS:
        content, style = load_pair(*names)
        for size in options.sizes:
            for preset in PRESETS:
                run = stylize(content, style, Recipe.preset(preset, size=size), backbone=backbone)
                picture = run.result()
                assert run.latest is not None
                figures = (*judge(picture, content, style), run.latest.seconds)
                figures_by_preset.setdefault((size, preset), []).append(figures)
                print(*names, size, preset, *(f"{figure:.4g}" for figure in figures), flush=True)
                if options.pictures:
                    save_image(picture, options.pictures / f"{'-'.join(names)}-{size}-{preset}.png")
    path = results_path("presets")
    before = json.loads(path.read_text())["rows"] if path.is_file() else []
    rows = [row for row in before if row["size"] not in options.sizes]
    rows += [_row(*key, figures) for key, figures in figures_by_preset.items()]
    save_results("presets", str(backbone), rows)


def _row(size: int, preset: str, figures: list[tuple[float, ...]]) -> dict[str, Any]:
    *judged, seconds = zip(*figures, strict=True)
    each = [[round(figure, 4) for figure in figures_by_preset] for figures_by_preset in figures]
    return {
        "size": size,
        "preset": preset,
        **dict(zip(Figures._fields, map(statistics.mean, judged), strict=True)),
        "seconds": statistics.median(seconds),
        "each": each,
    }


if __name__ == "__main__":
    main()
