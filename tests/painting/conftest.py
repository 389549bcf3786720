"""A short run, and its checkpoint."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nst.painting.backbone import Backbone
from nst.painting.painting import Painting, stylize
from nst.pictures.picture import Picture
from nst.recipe import Recipe

Make = Callable[[], Painting]


@pytest.fixture
def make(backbone: Backbone, content: Picture, style: Picture) -> Make:
    """Makes a short run of two scales, of 43x36 and 64x53 px, each time anew."""
    recipe = Recipe(size=64, start_size=40, scale_step=1.5, first_steps=6, last_steps=4, upscale=True)
    return lambda: stylize(content, style, recipe, backbone=backbone)


@pytest.fixture
def data(make: Make) -> bytes:
    """Its checkpoint in the middle of the first scale."""
    painting = make()
    for _ in range(4):
        next(painting)
    taken = painting.checkpoint()
    assert taken is not None
    return taken
