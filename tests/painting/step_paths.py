"""Scenes whose steps compute different things: each step is to be free of reads, and to fit into a graph."""

from __future__ import annotations

from typing import Any

import torch

from nst.painting.scene import Scene
from nst.pictures.picture import Picture
from nst.recipe import Recipe

STEP_PATHS: dict[str, dict[str, Any]] = {
    "moments": {},
    "gram": {"style_statistic": "gram", "loss": "plain"},
    "moments, mask": {},
    "moments, mask, two styles": {},
    "moments, importance": {},
    "wasserstein": {"style_statistic": "wasserstein"},
    "wasserstein, mask": {"style_statistic": "wasserstein"},
    "moments, wrap": {"border": "wrap"},
    "moments, wrap, mask": {"border": "wrap"},
}
"""What each of them changes in a recipe; what else is named is given beside the content."""


def scene_of(path: str, recipe: Recipe, content: Picture, style: Picture, other: Picture) -> Scene:
    """The scene of a path, with the second style where it has two."""
    half = torch.zeros_like(content.rgb)
    half[..., : content.width // 2] = 1
    return Scene(
        recipe.changed(**STEP_PATHS[path]),
        content,
        (style, other) if "two styles" in path else (style,),
        mask=Picture(half) if "mask" in path else None,
        importance=Picture(half) if "importance" in path else None,
    )
