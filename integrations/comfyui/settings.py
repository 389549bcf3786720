"""A recipe's settings as inputs of a node, and the recipe that their values say.

The types, ranges, choices and words are those of `nst.recipe`.  A widget always has a value, so one that stands at its
default can't be told from one that nobody has touched: it means what the preset says, or the recipe that is connected.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from nst.recipe import DEFAULT_PRESET, PRESETS, Recipe, check, setting

Input = tuple[Any, dict[str, Any]]
"""As ComfyUI wants it: a type's name or a list of choices, and what is said about it."""

PRESET_HELP = "where to start from; a setting that stands at its default is as the preset has it"
RECIPE_HELP = (
    "in place of the preset: a recipe as JSON, such as a node of Gramarye gives; a setting that stands at its default "
    "is as the recipe has it"
)


def preset_input() -> Input:
    """The widget of the preset."""
    return list(PRESETS), {"default": DEFAULT_PRESET, "tooltip": PRESET_HELP}


def recipe_input() -> Input:
    """The socket of a recipe, which takes the place of the preset."""
    return "STRING", {"forceInput": True, "tooltip": RECIPE_HELP}


def setting_inputs(names: Iterable[str], usual: Recipe, *, advanced: bool = False) -> dict[str, Input]:
    """Name -> widget of these settings.

    usual: has their defaults.  advanced: ComfyUI shows them on request only.
    """
    return {name: _setting_input(name, getattr(usual, name), advanced) for name in names}


def recipe_of(base: Recipe, usual: Recipe, values: Mapping[str, Any]) -> Recipe:
    """The base, changed where a widget is not at its default.

    usual: has the widgets' defaults, as in `setting_inputs`.  values: by setting; one that is missing is at its
    default.  Raises RecipeError.
    """
    checked = {name: check(name, value) for name, value in values.items()}
    return base.changed(**{name: value for name, value in checked.items() if value != getattr(usual, name)})


def _setting_input(name: str, default: Any, advanced: bool) -> Input:
    about = setting(name)
    said: dict[str, Any] = {"default": default, "tooltip": f"{about.help} ({about.allowed})"}
    if advanced:
        said["advanced"] = True
    if about.many:
        return "STRING", said | {"default": ", ".join(part if about.choices else f"{part:g}" for part in default)}
    if about.choices:
        return list(about.choices), said
    if isinstance(default, bool):
        return "BOOLEAN", said
    said |= {"min": about.low, "max": about.high}
    if isinstance(default, int):
        return "INT", said | {"min": int(about.low), "max": int(about.high), "step": 1} | _without_dice(name)
    return "FLOAT", said | {"step": _step(name), "round": False}


def _without_dice(name: str) -> dict[str, Any]:
    """ComfyUI would give a seed a new value after each run, and have every picture painted again."""
    return {"control_after_generate": False} if name == "seed" else {}


def _step(name: str) -> float:
    """How far a click moves a number: a power of ten, a hundredth at most of the least value that a preset has there.

    ComfyUI's page shows no more digits than that, and rounds to them what is typed, whatever "round" says.
    """
    values = [getattr(recipe, name) for recipe in PRESETS.values()]
    least = min(filter(None, values), default=setting(name).high / 100)
    return float(f"1e{math.floor(math.log10(least)) - 2}")
