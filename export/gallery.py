"""Make the finished examples again: `python -m export.gallery [NAME...]`.

A finished example holds its own recipe, the names of its inputs and the version that made it: from these the page
knows what to fill in when it is clicked, and can promise to paint the same again.  NAME is CONTENT-STYLE.
"""

from __future__ import annotations

import sys
from pathlib import Path

from nst.locations import EXAMPLES
from nst.network.build import ensure_model
from nst.painting.painting import stylize
from nst.pictures.writing import save_image
from nst.recipe import Recipe

from .making import make_named

FOLDER = EXAMPLES / "finished"

LARGE = Recipe(size=640, upscale=True)

RECIPES = {
    "colosseum-starry_night": Recipe(),
    "astronaut-klimt_mada": LARGE.changed(strength=60),
    "casa_mila-starry_night": LARGE.changed(strength=70),
    "chelsea-van_gogh_bouquet": LARGE,
    "city_at_dusk-ocean_waves": LARGE,
    "city_at_dusk-turner_venice": LARGE,
    "colosseum-turner_venice": LARGE.changed(strength=70),
    "grace_hopper-ink_landscape": LARGE.changed(strength=60),
    "grace_hopper-starry_night": LARGE.changed(strength=60),
    "otters-starry_night": LARGE.changed(strength=70),
    "periwinkle-redon_flowers": LARGE,
}
"""By the names of content and style; faces want more of the photograph than landscapes.  The page opens with the first.
"""


def make(name: str, folder: Path = FOLDER) -> Path:
    """Paint one pair and write it as a JPEG with its recipe."""
    ensure_model()
    content, style = inputs_of(name)
    return save_image(stylize(content, style, RECIPES[name]).result(), folder / f"{name}.jpg")


def inputs_of(name: str) -> tuple[Path, Path]:
    """The files of a pair's content and style."""
    content, style = name.split("-")
    return EXAMPLES / "content" / f"{content}.jpg", EXAMPLES / "style" / f"{style}.jpg"


if __name__ == "__main__":
    sys.exit(make_named(__doc__, RECIPES, make))
