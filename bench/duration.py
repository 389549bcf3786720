"""How well the seconds of a run are known before it is begun: `python -m bench.duration`.

Times a few steps of this device (`nst.serving.speed.Speed.measured`), then paints with several recipes and compares.
"""

from __future__ import annotations

from typing import Any

from nst.locations import EXAMPLES
from nst.painting.backbone import Backbone
from nst.painting.painting import stylize
from nst.recipe import Recipe
from nst.serving.cost import Cost
from nst.serving.speed import Speed

from .results import save_results

CONTENT, STYLE = EXAMPLES / "content" / "colosseum.jpg", EXAMPLES / "style" / "starry_night.jpg"
RECIPES: tuple[dict[str, Any], ...] = (
    {"preset": "fast", "size": 128},
    {"preset": "fast", "size": 256},
    {"preset": "fast", "size": 384},
    {"preset": "fast", "size": 384, "style_scale": 2.0},
    {"preset": "fast", "size": 256, "style_taps": "conv2,conv4,conv7", "optimizer": "adam", "learning_rate": 0.02},
    {"preset": "balanced", "size": 256},
    {"preset": "article", "size": 192},
)


def main() -> None:
    """Paint, print and save."""
    backbone, rows = Backbone.open(), []
    speed = Speed.measured(backbone)
    print(speed, flush=True)
    for changes in RECIPES:
        preset, rest = changes["preset"], {name: value for name, value in changes.items() if name != "preset"}
        recipe = Recipe.preset(preset, **rest)
        run = stylize(CONTENT, STYLE, recipe, backbone=backbone)
        cost = Cost.of(run)
        run.result()
        assert run.latest is not None
        rows.append({**changes, "estimated": round(speed.seconds(cost), 2), "seconds": round(run.latest.seconds, 2)})
        print(rows[-1], flush=True)
    save_results("duration", f"{backbone}; {speed}", rows)


if __name__ == "__main__":
    main()
