"""Whether two commits paint the same pictures, bit for bit: `python -m bench.same_pictures [--against FILE]`.

Paints the examples with one recipe of each kind and prints the SHA-256 of every result's pixels as JSON.  Keep what one
commit prints, and hold the next against it on the same machine; the exit code is 1 where a picture differs.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from nst import Recipe, reconstruct, stylize, synthesize
from nst.locations import EXAMPLES
from nst.recipe import PresetName
from nst.task import TaskName

CONTENT, MASK = EXAMPLES / "content" / "colosseum.jpg", EXAMPLES / "mask" / "colosseum_sky.png"
STYLE, SECOND = EXAMPLES / "style" / "starry_night.jpg", EXAMPLES / "style" / "klimt_mada.jpg"


def _recipe(preset: PresetName = "fast", task: TaskName = "stylize", **changes: Any) -> Recipe:
    return Recipe.preset(preset, task, size=128, **changes)


PAINTINGS: Mapping[str, Callable[[], Any]] = {
    "fast": lambda: stylize(CONTENT, STYLE, _recipe()),
    "balanced": lambda: stylize(CONTENT, STYLE, _recipe("balanced")),
    "article": lambda: stylize(CONTENT, STYLE, _recipe("article", first_steps=60)),
    "masked": lambda: stylize(CONTENT, STYLE, _recipe(), mask=MASK),
    "masked, two styles": lambda: stylize(CONTENT, [STYLE, SECOND], _recipe(), mask=MASK),
    "two styles": lambda: stylize(CONTENT, [STYLE, SECOND], _recipe(style_blend=(2, 1))),
    "colors match": lambda: stylize(CONTENT, STYLE, _recipe(colors="match")),
    "colors luminance": lambda: stylize(CONTENT, STYLE, _recipe(colors="luminance")),
    "adam, averaged": lambda: stylize(CONTENT, STYLE, _recipe(optimizer="adam", learning_rate=0.02, average=0.9)),
    "average pooling, style noise": lambda: stylize(CONTENT, STYLE, _recipe(pooling="average", init="style-noise")),
    "synthesize": lambda: synthesize(STYLE, _recipe(task="synthesize", border="replicate")),
    "a tile": lambda: synthesize(STYLE, _recipe(task="synthesize", border="wrap")),
    "stylize, a tile": lambda: stylize(CONTENT, STYLE, _recipe(border="wrap")),
    "reconstruct": lambda: reconstruct(CONTENT, _recipe(task="reconstruct")),
}


def main() -> int:
    """Paint, print, and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", type=Path, metavar="FILE", help="what this command printed at another commit")
    options = parser.parse_args()
    digests = {name: paint().result().digest for name, paint in PAINTINGS.items()}
    print(json.dumps(digests, indent=1))
    if options.against is None:
        return 0
    before = json.loads(options.against.read_text())
    differing = [name for name in PAINTINGS if digests[name] != before.get(name)]
    print(f"{len(PAINTINGS) - len(differing)} of {len(PAINTINGS)} pictures are the same, bit for bit.", file=sys.stderr)
    for name in differing:
        print(f"differs: {name}", file=sys.stderr)
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
