"""How even the slider "strength" is to the eye: `python -m bench.strength`.

Paints a few pairs of the examples at strengths 0, 10, ... 100 with the preset "fast" at 192 px, and judges each
picture (see `bench.judge`); the content figure is a perceptual distance, so an even slider raises it by the same
amount at each step.
"""

from __future__ import annotations

from nst.painting.backbone import Backbone
from nst.recipe import Recipe

from .judge import Judge
from .means import means_of, paint_and_judge
from .results import save_results

PAIRS = (("chelsea", "van_gogh_bouquet"), ("colosseum", "starry_night"), ("astronaut", "klimt_mada"))


def main() -> None:
    """Paint, judge, print and save."""
    backbone, judge, rows = Backbone.open(), Judge(), []
    for strength in range(0, 101, 10):
        recipe = Recipe.preset("fast", size=192, start_size=96, strength=strength)
        rows.append({"strength": strength, **means_of(paint_and_judge(PAIRS, recipe, backbone, judge))})
        print(" ".join(f"{name} {value:.3g}" for name, value in rows[-1].items()), flush=True)
    save_results("strength", str(backbone), rows)


if __name__ == "__main__":
    main()
