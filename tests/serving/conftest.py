"""Paintings for this wing's tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch

from nst.painting.backbone import Backbone
from nst.painting.painting import Painting, stylize
from nst.pictures.picture import Picture
from nst.recipe import Recipe
from tests.serving.support import WatchedPainting, noise, watched


@pytest.fixture
def paint(backbone: Backbone, content: Picture, style: Picture) -> Callable[..., WatchedPainting]:
    """Makes a painting of 48x40 px at one scale, three steps long; keywords: settings that are to be others."""

    def paint(**changes: Any) -> WatchedPainting:
        return watched(content, style, Recipe(**{"start_size": 0, "first_steps": 3, **changes}), backbone)

    return paint


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Computing with one, as a painter with a core does: sums of several threads are rounded in another order."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def wide(backbone: Backbone) -> Painting:
    """512x256 px, at one scale with ten steps, the style 512x512 px: to be reckoned with, not to be computed."""
    recipe = Recipe(
        size=512, start_size=0, first_steps=10, last_steps=60, content_taps=("conv7",), style_taps=("conv13",)
    )
    return stylize(noise(512, 256), noise(512, 512), recipe, backbone=backbone)
