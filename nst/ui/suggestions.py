"""What values of a setting are worth a look beside one another."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ..recipe import Recipe, setting
from ..serving.axes import written
from ..taps import ARTICLE_STYLE_TAPS, TAPS

_KNOWN: Mapping[str, str] = MappingProxyType(
    {
        "strength": "20, 40, 60, 80",
        "size": "128, 256",
        "style_scale": "0.5, 1, 2",
        "start_size": "0, 64, 128",
        "first_steps": "30, 60, 120",
        "last_steps": "10, 20, 40",
        "style_taps": f"{','.join(ARTICLE_STYLE_TAPS)}; {','.join(TAPS)}",
        "content_taps": "conv3; conv6; conv9",
        "init": "content, random, style-noise",
        "learning_rate": "0, 0.5, 1",
        "average": "0, 0.9, 0.99",
        "seed": "0, 1, 2, 3",
    }
)


def suggestion(name: str) -> str:
    """Values as one would type them: "20, 40, 60, 80"; where nothing is known of a number, half, the usual, double."""
    if name in _KNOWN:
        return _KNOWN[name]
    about, usual = setting(name), getattr(Recipe(), name)
    if isinstance(usual, bool):
        return "false, true"
    if about.choices:
        return ", ".join(about.choices)
    return ", ".join(written(value) for value in (usual / 2, usual, usual * 2) if about.low <= value <= about.high)
