"""Recipes in few words: the preset that is nearest to one, and what differs from it."""

from __future__ import annotations

from .recipe import PRESETS, PresetName, Recipe, settings_of
from .task import TaskName


def nearest_preset(recipe: Recipe, task: TaskName) -> PresetName:
    """The preset from which a recipe differs in the fewest settings."""
    return min(PRESETS, key=lambda name: len(changes(recipe, task, name)))


def changes(recipe: Recipe, task: TaskName, preset: PresetName) -> dict[str, object]:
    """The settings of a recipe that differ from a preset's, as plain values."""
    base, values = Recipe.preset(preset, task).to_json(), recipe.to_json()
    return {name: values[name] for name in settings_of(task) if values[name] != base[name]}
