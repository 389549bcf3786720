"""Whether one recipe gives the same picture at every size: `python -m bench.sizes`.

Paints a few pairs of the examples at 256, 512 and 1024 px with one preset and judges the pictures (see `bench.judge`),
each beside the style at its own size.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from nst.painting.backbone import Backbone
from nst.recipe import PRESETS, Recipe

from .judge import Judge
from .means import means_of, paint_and_judge
from .results import save_results

SIZES = (256, 512, 1024)
PAIRS = (("colosseum", "starry_night"), ("city_at_dusk", "turner_venice"), ("periwinkle", "van_gogh_bouquet"))


def main() -> None:
    """Paint, judge, print and save; with a folder, keep the pictures there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", default="fast", choices=list(PRESETS))
    parser.add_argument("--pictures", type=Path, metavar="FOLDER")
    options = parser.parse_args()
    backbone, judge, rows = Backbone.open(), Judge(), []
    for size in SIZES:
        recipe = Recipe.preset(options.preset, size=size, upscale=True)
        judged = paint_and_judge(PAIRS, recipe, backbone, judge, options.pictures, size)
        each = [[round(figure, 4) for figure in figures] for figures in judged]
        rows.append({"preset": options.preset, "size": size, **means_of(judged)})
        print(rows[-1], each, flush=True)
        rows[-1]["each"] = each
    save_results("sizes", str(backbone), rows)


if __name__ == "__main__":
    main()
