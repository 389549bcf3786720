"""Finished pictures that come with the program, beside their content, and what is said below them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image

from ..pictures.reading import load_image
from ..recipe import Recipe
from .examples import inputs_of, title
from .preparation import recipe_of
from .snippet import nearest_preset

NOTHING_YET = "The result appears here."
AGAIN = "{title}. Press Paint to make it again, or bring your own pictures."
SLOWER = (
    "{title}, made with {preset} at {size} px. Press Paint for a quicker one with {quick} at {quick_size} px, or bring "
    "your own pictures."
)
"""What is said below the picture that a tab opens with."""


def opening(path: Path, recipe: Recipe) -> tuple[tuple[Any, str], str]:
    """As `finished_picture`, with a word where Paint makes another of the same, as the tab has another recipe."""
    pictures, caption = finished_picture(path)
    made_with = recipe_of(path, "stylize")
    if made_with == recipe:
        return pictures, caption
    preset, quick = nearest_preset(made_with, "stylize"), nearest_preset(recipe, "stylize")
    caption = SLOWER.format(title=title(path), preset=preset, size=made_with.size, quick=quick, quick_size=recipe.size)
    return pictures, caption


def finished_picture(path: Path) -> tuple[tuple[Any, str], str]:
    """A finished picture beside its content, and the words below."""
    picture = load_image(path)
    with Image.open(inputs_of(path)["content"]) as content:
        original = content.convert("RGB").resize((picture.width, picture.height), Image.Resampling.LANCZOS)
    return (original, str(path)), AGAIN.format(title=title(path))
