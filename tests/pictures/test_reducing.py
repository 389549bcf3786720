"""Large images are reduced in strips, to the same bits as at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image

from nst.pictures.picture import MAX_SIDE, fit
from nst.pictures.reducing import STRIP, reduced, strips
from tests.pictures.support import EXIF_ORIENTATION

TURNS = [None, *Image.Transpose]


def noise(size: tuple[int, int], bands: int) -> Image.Image:
    width, height = size
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, bands), dtype=np.uint8))


@pytest.mark.parametrize("turn", TURNS)
def test_strips_are_the_rows_of_the_upright_image(turn: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nst.pictures.reducing.STRIP", 100)
    image = noise((23, 41), 3)
    upright = image if turn is None else image.transpose(turn)
    rows = [np.asarray(strip) for strip in strips(image, upright.size, turn)]
    assert len(rows) > 5
    assert np.array_equal(np.concatenate(rows), np.asarray(upright))


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "CMYK", "I;16", "F"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_strips_give_the_same_bits_as_the_whole(mode: str, orientation: int) -> None:
    image = noise((5000, 1700), 4)
    if mode in ("I;16", "F"):
        gray = np.asarray(image.convert("L"))
        image = Image.fromarray(gray.astype(np.uint16) * 257 if mode == "I;16" else gray.astype(np.float32) / 255)
    else:
        image = image.convert(mode)
    assert image.width * image.height > 2 * STRIP
    image.getexif()[EXIF_ORIENTATION] = orientation
    upright = image if orientation == 1 else image.transpose(Image.Transpose.ROTATE_270)
    expected = upright.resize(fit(upright.size, MAX_SIDE), Image.Resampling.LANCZOS)
    small = reduced(image, MAX_SIDE)
    assert (small.mode, small.size) == (expected.mode, expected.size)
    assert np.array_equal(np.asarray(small), np.asarray(expected))
