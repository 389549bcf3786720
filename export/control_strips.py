"""Make the strips of pictures that show a setting's values side by side: `python -m export.control_strips [NAME...]`.

They are the documentation's.  NAME is one of the settings that are shown.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from PIL import Image

from nst.locations import EXAMPLES
from nst.network.build import ensure_model
from nst.painting.painting import stylize, synthesize
from nst.pictures.torus import tiled
from nst.pictures.writing import write_image
from nst.recipe import PresetName, Recipe

from .earlier_recipes import PROTOTYPE
from .making import make_named
from .sheets import below, beside

FOLDER = EXAMPLES / "controls"

PANEL = 320
"""Pixels of one picture's long side."""

QUALITY = 82


@dataclass(frozen=True)
class Panel:
    """One picture of a strip: what it is made of, by the examples' names, and what it changes in a preset.

    content: None for a texture; a style will do, where a painting is painted anew.  tiled: it is shown two by two.
    """

    content: str | None
    styles: tuple[str, ...]
    changes: Mapping[str, Any] = field(default_factory=dict)
    mask: str | None = None
    tiled: bool = False
    style_mask: str | None = None
    preset: PresetName = "fast"

    @property
    def recipe(self) -> Recipe:
        """Of a picture that is, with its copies beside it, `PANEL` px large."""
        size = PANEL // 2 if self.tiled else PANEL
        return Recipe.preset(self.preset, "stylize" if self.content else "synthesize", **{"size": size, **self.changes})

    def paint(self) -> Image.Image:
        """The picture as it is shown."""
        styles = [EXAMPLES / "style" / f"{style}.jpg" for style in self.styles]
        mask, style_mask = (
            None if name is None else EXAMPLES / "mask" / f"{name}.png" for name in (self.mask, self.style_mask)
        )
        if self.content is None:
            painting = synthesize(styles, self.recipe, style_mask=style_mask)
        else:
            places = [EXAMPLES / kind / f"{self.content}.jpg" for kind in ("content", "style")]
            content = next(place for place in places if place.is_file())
            painting = stylize(content, styles, self.recipe, mask=mask, style_mask=style_mask)
        picture = painting.result().to_pil().convert("RGB")
        return tiled(picture) if self.tiled else picture


def _row(content: str, styles: tuple[str, ...], setting: str, *values: object) -> tuple[Panel, ...]:
    return tuple(Panel(content, styles, {setting: value}) for value in values)


_TWO = ("starry_night", "cezanne_sainte_victoire")
_BEFORE = {**PROTOTYPE, "content_weight": 0.08}
"""At a weight at which it keeps about as much of the content as "fast"."""

_FACES = (
    ("astronaut", "hiroshige_rivers"),
    ("grace_hopper", "cezanne_sainte_victoire"),
    ("klimt_mada", "van_gogh_bouquet"),
)
_PORTRAIT = {"size": 384}
_SHEET = (
    ("astronaut", "klimt_mada"),
    ("city_at_dusk", "turner_venice"),
    ("casa_mila", "hiroshige_rivers"),
    ("otters", "ink_landscape"),
)

STRIPS: Mapping[str, tuple[tuple[Panel, ...], ...]] = MappingProxyType(
    {
        "strength": (_row("chelsea", ("van_gogh_bouquet",), "strength", 0, 25, 50, 75, 100),),
        "colors": (_row("colosseum", ("van_gogh_bouquet",), "colors", "style", "luminance", "match"),),
        "style_blend": (_row("city_at_dusk", ("starry_night", "klimt_mada"), "style_blend", (1, 0), (1, 1), (0, 1)),),
        "mask": (
            (
                Panel("colosseum", _TWO[:1]),
                Panel("colosseum", _TWO[:1], mask="colosseum_sky"),
                Panel("colosseum", _TWO, mask="colosseum_sky"),
            ),
        ),
        "style_mask": (
            (
                Panel("chelsea", ("redon_flowers",)),
                Panel("chelsea", ("redon_flowers",), style_mask="redon_bouquet"),
            ),
        ),
        "style_scale": (_row("city_at_dusk", ("starry_night",), "style_scale", 0.5, 1, 2),),
        "pooling": (_row("casa_mila", ("cezanne_sainte_victoire",), "pooling", "max", "average"),),
        "border": (
            (
                Panel(None, ("starry_night",), {"border": "replicate"}, tiled=True),
                Panel(None, ("starry_night",), {"border": "wrap"}, tiled=True),
                Panel("chelsea", ("van_gogh_bouquet",), {"border": "replicate"}, tiled=True),
                Panel("chelsea", ("van_gogh_bouquet",), {"border": "wrap"}, tiled=True),
            ),
        ),
        "auto_focus": (
            tuple(Panel(content, (style,), _PORTRAIT, preset="balanced") for content, style in _FACES),
            tuple(
                Panel(content, (style,), {**_PORTRAIT, "auto_focus": True}, preset="balanced")
                for content, style in _FACES
            ),
        ),
        "before_after": (
            tuple(Panel(content, (style,), _BEFORE) for content, style in _SHEET),
            tuple(Panel(content, (style,)) for content, style in _SHEET),
        ),
    }
)
"""Name -> rows of panels."""


def make(name: str, folder: Path = FOLDER) -> Path:
    """Paint a strip and write it as a WebP."""
    ensure_model()
    rows = [beside([panel.paint() for panel in row]) for row in STRIPS[name]]
    return write_image(below(rows), folder / f"{name}.webp", "WEBP", quality=QUALITY, method=6)


if __name__ == "__main__":
    sys.exit(make_named(__doc__, STRIPS, make))
