"""Make the finished examples anew: `python -m export.gallery`.

Each picture holds its own recipe and the names of its inputs, which is how the page knows what to fill in when
it is clicked.
"""

from __future__ import annotations

import sys
from pathlib import Path

from nst.image import save_image
from nst.recipe import Recipe
from nst.tasks import stylize

from .build import ensure_model

EXAMPLES = Path(__file__).parent.parent / "examples"

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
"""(content, style); everything is the preset "balanced"."""


def make(content: str, style: str, folder: Path) -> Path:
    """Paint one pair and write it as a JPEG with its recipe."""
    inputs = EXAMPLES / "content" / f"{content}.jpg", EXAMPLES / "style" / f"{style}.jpg"
    picture = stylize(*inputs, Recipe()).result()
    return save_image(picture, folder / f"{content}-{style}.jpg")


def main() -> None:
    """Make all pairs, or those whose content is named."""
    ensure_model()
    folder = EXAMPLES / "finished"
    folder.mkdir(exist_ok=True)
    for content, style in PAIRS:
        if not sys.argv[1:] or content in sys.argv[1:]:
            print(make(content, style, folder), flush=True)


if __name__ == "__main__":
    main()
