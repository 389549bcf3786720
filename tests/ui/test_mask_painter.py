"""What was painted in the image editor as a mask."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from nst.errors import ImageError
from nst.ui.mask_painter import mask_of


def layer(left: int, alpha: int = 255) -> Image.Image:
    """30x20, painted red from a column on."""
    pixels = np.zeros((20, 30, 4), np.uint8)
    pixels[:, left:] = (255, 0, 0, alpha)
    return Image.fromarray(pixels)


def test_the_mask_is_white_where_any_layer_is_opaque() -> None:
    mask = np.asarray(mask_of([layer(20), layer(10, alpha=100)]))
    assert mask.shape == (20, 30)
    assert np.unique(mask[:, :10]).tolist() == [0]
    assert np.unique(mask[:, 10:20]).tolist() == [100]
    assert np.unique(mask[:, 20:]).tolist() == [255]


@pytest.mark.parametrize("layers", [[], [layer(30)]])
def test_nothing_painted_is_said(layers: list[Image.Image]) -> None:
    with pytest.raises(ImageError, match="Nothing is painted yet"):
        mask_of(layers)
