"""Pairs of the examples, as the measurements paint them."""

from __future__ import annotations

from pathlib import Path

from nst.locations import EXAMPLES
from nst.pictures.picture import Picture
from nst.pictures.reading import load_image

Pair = tuple[str, str]
"""A content and a style, by the names of their files without extension."""

CONTENTS = ("astronaut", "casa_mila", "chelsea", "colosseum", "otters", "periwinkle")
STYLES = ("cezanne_sainte_victoire", "hiroshige_rivers", "ink_landscape", "redon_flowers")

UNSEEN: tuple[Pair, ...] = tuple((CONTENTS[i % 6], STYLES[(i + i // 12) % 4]) for i in range(24))
"""All of them with each other.  They were never looked at while the recipes were tuned.

In an order in which the first few have as many contents and styles as can be.
"""

FEW: tuple[Pair, ...] = (
    ("city_at_dusk", "turner_venice"),
    ("otters", "hiroshige_rivers"),
    ("periwinkle", "cezanne_sainte_victoire"),
)


def load_pair(content: str, style: str, examples: Path = EXAMPLES) -> tuple[Picture, Picture]:
    """Of examples/content and examples/style."""
    return load_image(examples / "content" / f"{content}.jpg"), load_image(examples / "style" / f"{style}.jpg")
