"""What each tap keeps of a picture: reconstructions from one tap, textures from all taps up to one.

The article's two sub-problems, solved once for each of its taps (Gatys, Ecker and Bethge 2015, figure 1).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ..painting.backbone import Backbone
from ..painting.painting import Painting, painting_of
from ..pictures.picture import Picture, fit
from ..recipe import Recipe
from ..taps import ARTICLE_STYLE_TAPS
from ..task import TaskName
from .metrics import Metrics, measure

Kind = Literal["content", "style"]

KINDS: tuple[Kind, ...] = get_args(Kind)
"""A content is reconstructed from one tap, a style is made a texture from the taps up to one."""

TASK_OF: Mapping[Kind, TaskName] = MappingProxyType({"content": "reconstruct", "style": "synthesize"})


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a filmstrip.  label: its taps; rgb: HxWx3 uint8; metrics: how near it is to the original."""

    label: str
    rgb: NDArray[np.uint8]
    metrics: Metrics


@dataclass(frozen=True, eq=False)
class FilmstripPainting:
    """A painting that gives one frame.  label: its taps."""

    label: str
    painting: Painting

    def frame_of(self, result: Picture, original: NDArray[Any]) -> Frame:
        """The frame of its result.  original: HxWx3 uint8, see `original_at`."""
        rgb = np.asarray(result.to_pil().convert("RGB"))
        return Frame(self.label, rgb, measure(rgb / 255, original / 255))


def original_at(picture: Picture, size: int) -> NDArray[np.uint8]:
    """The picture at the size of the filmstrip's, HxWx3; size: long side in pixels."""
    small = picture.resized(fit((picture.width, picture.height), size))
    return np.asarray(Picture(small.rgb).to_pil())


def filmstrip_paintings(
    kind: Kind, picture: Picture, size: int, steps: int, backbone: Backbone | None = None
) -> Iterator[FilmstripPainting]:
    """One painting for each of the article's taps, the shallowest first; each is described when it is asked for.

    size: long side in pixels.  steps: of each painting, at one scale.  Textures match Gram matrices that all count the
    same, as in the article, so that the deep ones show; and as they stand beside the original, they are no tiles.
    """
    task = TASK_OF[kind]
    for i, tap in enumerate(ARTICLE_STYLE_TAPS):
        taps = (tap,) if kind == "content" else ARTICLE_STYLE_TAPS[: i + 1]
        changes: dict[str, Any] = {f"{kind}_taps": taps, "size": size, "start_size": 0, "first_steps": steps}
        if kind == "style":
            changes |= {"style_statistic": "gram", "style_falloff": 1.0, "border": "replicate"}
        recipe = Recipe.preset("fast", task, **changes)
        label = tap if len(taps) == 1 else f"{taps[0]} to {tap}"
        yield FilmstripPainting(label, painting_of(task, {kind: picture}, recipe, backbone))
