"""Pairs of the examples, as the measurements paint them."""

from __future__ import annotations

from nst.locations import EXAMPLES
from nst.pictures.picture import Picture
from nst.pictures.reading import load_image


def load_pair(content: str, style: str) -> tuple[Picture, Picture]:
    """By the names of their files in examples/content and examples/style, without extension."""
    return load_image(EXAMPLES / "content" / f"{content}.jpg"), load_image(EXAMPLES / "style" / f"{style}.jpg")
