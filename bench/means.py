"""Mean figures over a few pairs, for what is short enough to be measured in one go."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path

from nst.painting.backbone import Backbone
from nst.painting.painting import stylize
from nst.pictures.writing import save_image
from nst.recipe import Recipe

from .judge import Figures, Judge
from .pairs import Pair, load_pair


def paint_and_judge(
    pairs: Sequence[Pair],
    recipe: Recipe,
    backbone: Backbone,
    judge: Judge,
    pictures: Path | None = None,
    label: object = "",
) -> list[Figures]:
    """Of each of the examples' pairs.  pictures: the folder where they are kept, as CONTENT-STYLE-LABEL.png."""
    judged = []
    for names in pairs:
        content, style = load_pair(*names)
        picture = stylize(content, style, recipe, backbone=backbone).result()
        judged.append(judge(picture, content, style))
        if pictures:
            pictures.mkdir(parents=True, exist_ok=True)
            save_image(picture, pictures / f"{'-'.join(names)}-{label}.png")
    return judged


def means_of(judged: Sequence[Figures]) -> dict[str, float]:
    """By name."""
    return dict(zip(Figures._fields, map(statistics.mean, zip(*judged, strict=True)), strict=True))
