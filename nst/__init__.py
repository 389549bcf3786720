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
        compare_vectors,
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
    from .painting.optimize import LiveProgress
    from .painting.painting import Painting, reconstruct, stylize, synthesize
    from .painting.provenance import Provenance
    from .painting.replay import replay
    from .painting.schedule import Progress
    from .pictures.picture import Picture
    from .pictures.reading import load_image
    from .pictures.writing import save_image
    from .recipe import PRESETS, Recipe
    from .task import TASKS
    from .version import VERSION as __version__

_HOMES = {
    "Backbone": "painting.backbone",
    "FeatureMaps": "learn.feature_maps",
    "LiveProgress": "painting.optimize",
    "Losses": "painting.objective",
    "NstError": "errors",
    "PRESETS": "recipe",
    "Painting": "painting.painting",
    "Picture": "pictures.picture",
    "Progress": "painting.schedule",
    "Provenance": "painting.provenance",
    "Recipe": "recipe",
    "TASKS": "task",
    "compare_vectors": "learn.intuition",
    "feature_maps": "learn.feature_maps",
    "gram": "learn.intuition",
    "load_image": "pictures.reading",
    "measure": "learn.metrics",
    "reconstruct": "painting.painting",
    "relative_distance": "learn.intuition",
    "replay": "painting.replay",
    "save_image": "pictures.writing",
    "shuffle_positions": "learn.intuition",
    "similarity_map": "learn.intuition",
    "strongest_pairs": "learn.intuition",
    "strongest_places": "learn.intuition",
    "stylize": "painting.painting",
    "synthesize": "painting.painting",
}

__all__ = [
    "PRESETS",
    "TASKS",
    "Backbone",
    "FeatureMaps",
    "LiveProgress",
    "Losses",
    "NstError",
    "Painting",
    "Picture",
    "Progress",
    "Provenance",
    "Recipe",
    "__version__",
    "compare_vectors",
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
