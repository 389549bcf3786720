"""Make the finished examples and the README's small pictures anew: `python -m export.gallery [NAME...]`.

A finished example holds its own recipe and the names of its inputs, which is how the page knows what to fill in when
it is clicked.  NAME is the content of a finished example, or one of the README's strips.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from nst.locations import EXAMPLES
from nst.network.build import ensure_model
from nst.painting.painting import stylize
from nst.pictures.writing import save_image
from nst.recipe import Recipe

from .control_strips import STRIPS, make_strip

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
    """Make everything, or what is named."""
    contents = dict.fromkeys(content for content, _ in PAIRS)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join((*contents, *STRIPS)))
    chosen = set(parser.parse_args().names)
    if unknown := chosen - {*contents, *STRIPS}:
        parser.error(f"there is no {', no '.join(sorted(unknown))}: choose from {', '.join((*contents, *STRIPS))}")
    ensure_model()
    for content, style in PAIRS:
        if not chosen or content in chosen:
            print(make(content, style, EXAMPLES / "finished"), flush=True)
    for name in STRIPS:
        if not chosen or name in chosen:
            print(make_strip(name, EXAMPLES / "controls"), flush=True)


if __name__ == "__main__":
    main()
