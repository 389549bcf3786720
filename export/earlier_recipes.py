"""What earlier defaults were, spelled out, so that they stay what they were whatever becomes the default.

Who paints with one says what is left: which picture it is to be, by `size`, `upscale`, `style_scale`, `style_blend` and
`seed`, and how much of the content it keeps, by `content_weight`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from nst.taps import ARTICLE_CONTENT_TAPS, ARTICLE_STYLE_TAPS, TAPS

PROTOTYPE: Mapping[str, Any] = MappingProxyType(
    {
        "strength": 75.0,
        "colors": "style",
        "start_size": 96,
        "scale_step": 2.0,
        "first_steps": 90,
        "last_steps": 30,
        "tolerance": 0.0,
        "content_focus": 8.0,
        "auto_focus": False,
        "content_taps": ARTICLE_CONTENT_TAPS,
        "content_target": "own",
        "style_weight": 1.0,
        "style_taps": ARTICLE_STYLE_TAPS,
        "style_statistic": "gram",
        "style_falloff": 4.0,
        "tv_weight": 2.0,
        "pooling": "max",
        "loss": "relative",
        "border": "replicate",
        "init": "content",
        "optimizer": "adam",
        "learning_rate": 0.03,
        "spectral_decay": 0.0,
        "average": 0.8,
    }
)
"""The recipe that the project began with: Gram matrices and Adam."""

VERSION_0_3: Mapping[str, Any] = MappingProxyType(
    {
        **PROTOTYPE,
        "start_size": 64,
        "first_steps": 200,
        "last_steps": 70,
        "tolerance": 0.005,
        "style_statistic": "moments",
        "tv_weight": 1.0,
        "optimizer": "lbfgs",
        "learning_rate": 1.0,
        "average": 0.0,
    }
)
"""The preset "balanced" of version 0.3."""

VERSION_0_4: Mapping[str, Any] = MappingProxyType(
    {**VERSION_0_3, "content_target": "transported", "style_taps": TAPS},
)
"""The preset "balanced" of version 0.4."""

FAST_IN_0_4: Mapping[str, Any] = MappingProxyType({**VERSION_0_4, "first_steps": 90, "last_steps": 18})
"""Its preset "fast"."""
