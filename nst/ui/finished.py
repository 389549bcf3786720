"""Finished pictures that come with the program, beside their content, and what is said below them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image

from ..nearest_preset import nearest_preset
from ..pictures.reading import load_image
from ..recipe import Recipe
from .examples import inputs_of, title
from .languages import Words
from .preparation import recipe_of
from .result_panel import Caption


def nothing_yet(words: Words) -> str:
    """What a tab opens with where there is no picture."""
    return words("tab.empty")


def opening(path: Path, recipe: Recipe) -> tuple[tuple[Any, str], Caption]:
    """As `finished_picture`, with a word where Paint makes another of the same, as the tab has another recipe."""
    pictures, caption = finished_picture(path)
    made_with = recipe_of(path, "stylize")
    return pictures, caption if made_with == recipe else partial(_slower, path, made_with, recipe)


def finished_picture(path: Path) -> tuple[tuple[Any, str], Caption]:
    """A finished picture beside its content, and the words below."""
    picture = load_image(path)
    with Image.open(inputs_of(path)["content"]) as content:
        original = content.convert("RGB").resize((picture.width, picture.height), Image.Resampling.LANCZOS)
    return (original, str(path)), partial(_again, path)


def _again(path: Path, words: Words) -> str:
    return words("examples.again", title=title(path, words))


def _slower(path: Path, made_with: Recipe, recipe: Recipe, words: Words) -> str:
    return words(
        "examples.slower", title=title(path, words), size=made_with.size, quick_size=recipe.size,
        preset=words(f"preset.{nearest_preset(made_with, 'stylize')}"),
        quick=words(f"preset.{nearest_preset(recipe, 'stylize')}"),
    )  # fmt: skip
