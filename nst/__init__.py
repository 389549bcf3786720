"""Neural style transfer: Gatys et al. 2015 as in "Neural Networks Intuitions: 2", made fast and painterly.

    from nst import Recipe, load_image, save_image, stylize

    picture = stylize("content.jpg", "style.jpg", Recipe.preset("fast", size=256)).result()
    save_image(picture, "out.png")

Names are loaded when they are first used: `import nst` itself loads no torch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .errors import NstError
    from .learn.feature_maps import FeatureMaps, feature_maps
    from .learn.intuition import (
        compare,
        gram,
        relative_distance,
        shuffle_positions,
        similarity_map,
        strongest_pairs,
        strongest_places,
    )
    from .learn.metrics import measure
    from .painting.backbone import Backbone
    from .painting.objective import Losses
    from .painting.optimize import Progress
    from .painting.painting import Run, reconstruct, stylize, synthesize
    from .painting.replay import replay
    from .pictures.picture import Picture
    from .pictures.reading import load_image
    from .pictures.writing import save_image
    from .recipe import PRESETS, Recipe
    from .version import VERSION as __version__

_HOMES = {
    "Backbone": "painting.backbone",
    "NstError": "errors",
    "FeatureMaps": "learn.feature_maps",
    "feature_maps": "learn.feature_maps",
    "Picture": "pictures.picture",
    "load_image": "pictures.reading",
    "save_image": "pictures.writing",
    "compare": "learn.intuition",
    "gram": "learn.intuition",
    "relative_distance": "learn.intuition",
    "shuffle_positions": "learn.intuition",
    "similarity_map": "learn.intuition",
    "strongest_pairs": "learn.intuition",
    "strongest_places": "learn.intuition",
    "measure": "learn.metrics",
    "Losses": "painting.objective",
    "Progress": "painting.optimize",
    "PRESETS": "recipe",
    "Recipe": "recipe",
    "replay": "painting.replay",
    "Run": "painting.painting",
    "reconstruct": "painting.painting",
    "stylize": "painting.painting",
    "synthesize": "painting.painting",
}

__all__ = [
    "PRESETS",
    "Backbone",
    "FeatureMaps",
    "Losses",
    "NstError",
    "Picture",
    "Progress",
    "Recipe",
    "Run",
    "__version__",
    "compare",
    "feature_maps",
    "gram",
    "load_image",
    "measure",
    "reconstruct",
    "relative_distance",
    "replay",
    "save_image",
    "shuffle_positions",
    "similarity_map",
    "strongest_pairs",
    "strongest_places",
    "stylize",
    "synthesize",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return importlib.import_module(".version", __name__).VERSION
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
