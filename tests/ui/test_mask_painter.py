"""What was painted in the image editor as a mask."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst.errors import ImageError
from nst.ui.mask_painter import MAX_LAYERS, mask_of


def layer(folder: Path, left: int, alpha: int = 255, width: int = 30) -> Path:
    """A file of a layer, 30x20 unless it is wider, painted red from a column on."""
    pixels = np.zeros((20, width, 4), np.uint8)
    pixels[:, left:] = (255, 0, 0, alpha)
    path = folder / f"{left}-{alpha}-{width}.png"
    Image.fromarray(pixels).save(path)
    return path


def test_the_mask_is_white_where_any_layer_is_opaque(tmp_path: Path) -> None:
    mask = np.asarray(mask_of([layer(tmp_path, 20), layer(tmp_path, 10, alpha=100)]))
    assert mask.shape == (20, 30)
    assert np.unique(mask[:, :10]).tolist() == [0]
    assert np.unique(mask[:, 10:20]).tolist() == [100]
    assert np.unique(mask[:, 20:]).tolist() == [255]


def test_nothing_painted_is_said(tmp_path: Path) -> None:
    for layers in ([], [layer(tmp_path, 30)]):
        with pytest.raises(ImageError, match="Nothing is painted yet"):
            mask_of(layers)


def test_a_layer_that_the_editor_would_not_send_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="4097x20 px, and a side may have 4096 px"):
        mask_of([layer(tmp_path, 0, width=4097)])
    with pytest.raises(ImageError, match="different sizes"):
        mask_of([layer(tmp_path, 0), layer(tmp_path, 0, width=31)])
    with pytest.raises(ImageError, match=f"9 layers were sent to be a mask: {MAX_LAYERS} are the most"):
        mask_of([layer(tmp_path, 0)] * 9)
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no image")
    with pytest.raises(ImageError, match="not an image that can be read here"):
        mask_of([broken])
