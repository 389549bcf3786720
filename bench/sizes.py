"""Whether one recipe gives the same picture at every size: `python -m bench.sizes`.

Paints a few pairs of the examples at 256, 512 and 1024 px with one preset and judges the pictures (see `bench.judge`),
each beside the style at its own size.
"""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path

from nst.painting.backbone import Backbone
from nst.painting.painting import stylize
from nst.pictures.writing import save_image
from nst.recipe import PRESETS, Recipe

from .judge import Judge
from .pairs import load_pair
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
        judged = []
        for names in PAIRS:
            content, style = load_pair(*names)
            picture = stylize(
                content, style, Recipe.preset(options.preset, size=size, upscale=True), backbone=backbone
            ).result()
            judged.append(judge(picture, content, style))
            if options.pictures:
                options.pictures.mkdir(parents=True, exist_ok=True)
                save_image(picture, options.pictures / f"{'-'.join(names)}-{size}.png")
        means = [statistics.mean(figures) for figures in zip(*judged, strict=True)]
        each = [[round(figure, 4) for figure in figures] for figures in judged]
        rows.append({"preset": options.preset, "size": size, **dict(zip(judged[0]._fields, means, strict=True))})
        print(rows[-1], each, flush=True)
        rows[-1]["each"] = each
    save_results("sizes", str(backbone), rows)


if __name__ == "__main__":
    main()
