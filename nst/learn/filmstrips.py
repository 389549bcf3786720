"""What each tap keeps of a picture: reconstructions from one tap, textures from all taps up to one.

The article's two sub-problems, solved once for each of its taps (Gatys, Ecker and Bethge 2015, figure 1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..painting.backbone import Backbone
from ..painting.painting import Run, reconstruct, synthesize
from ..pictures.picture import Picture, fit
from ..recipe import Recipe
from .metrics import Metrics, measure

TAPS = ("conv2", "conv4", "conv7", "conv10", "conv13")
"""The article's."""

KINDS = ("content", "style")
"""A content is reconstructed from one tap, a style is made a texture from the taps up to one."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a filmstrip.  label: its taps; rgb: HxWx3 uint8; metrics: how near it is to the original."""

    label: str
    rgb: NDArray[np.uint8]
    metrics: Metrics


@dataclass(frozen=True, eq=False)
class Step:
    """A run that gives one frame."""

    label: str
    run: Run

    def measured(self, made: Picture, target: NDArray[Any]) -> Frame:
        """The frame of its result.  target: the `original`."""
        rgb = np.asarray(made.to_pil().convert("RGB"))
        return Frame(self.label, rgb, measure(rgb / 255, target / 255))


def original(picture: Picture, size: int) -> NDArray[np.uint8]:
    """The picture at the size of the filmstrip's, HxWx3; size: long side in pixels."""
    small = picture.resized(fit((picture.width, picture.height), size))
    return np.asarray(Picture(small.rgb).to_pil())


def runs(kind: str, picture: Picture, size: int, steps: int, backbone: Backbone | None = None) -> Iterator[Step]:
    """One step for each of the article's taps, the shallowest first; each is described when it is asked for.

    kind: "content" or "style".  size: long side in pixels.  steps: of each run, at one scale.  Textures match Gram
    matrices that all count the same, as in the article, so that the deep ones show.
    """
    task = reconstruct if kind == "content" else synthesize
    for i, tap in enumerate(TAPS):
        taps = (tap,) if kind == "content" else TAPS[: i + 1]
        changes: dict[str, Any] = {f"{kind}_taps": taps, "size": size, "start_size": 0, "first_steps": steps}
        if kind == "style":
            changes |= {"style_statistic": "gram", "style_falloff": 1.0}
        recipe = Recipe.preset("fast", task.__name__, **changes)
        label = tap if len(taps) == 1 else f"{taps[0]} to {tap}"
        yield Step(label, task(picture, recipe, backbone=backbone))
