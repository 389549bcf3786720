"""Make the finished examples again: `python -m export.gallery [NAME...]`.

A finished example holds its own recipe, the names of its inputs and the version that made it: from these the page
knows what to fill in when it is clicked, and can promise to paint the same again.  All are the preset "balanced".
NAME is CONTENT-STYLE.
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

PAIRS = (
    ("colosseum", "starry_night"),
    ("chelsea", "van_gogh_bouquet"),
    ("city_at_dusk", "turner_venice"),
    ("otters", "seurat_grande_jatte"),
    ("casa_mila", "cezanne_sainte_victoire"),
    ("astronaut", "van_gogh_bouquet"),
    ("periwinkle", "redon_flowers"),
    ("city_at_dusk", "ocean_waves"),
)
"""(content, style), by the examples' names."""

NAMES = {f"{content}-{style}": (content, style) for content, style in PAIRS}


def make(name: str, folder: Path = FOLDER) -> Path:
    """Paint one pair and write it as a JPEG with its recipe."""
    ensure_model()
    content, style = NAMES[name]
    picture = stylize(EXAMPLES / "content" / f"{content}.jpg", EXAMPLES / "style" / f"{style}.jpg", Recipe()).result()
    return save_image(picture, folder / f"{name}.jpg")


if __name__ == "__main__":
    sys.exit(make_named(__doc__, NAMES, make))
