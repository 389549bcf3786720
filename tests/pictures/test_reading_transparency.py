"""What is hidden is hidden, whatever the file says of its color."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst.pictures.reading import as_picture
from tests.pictures.support import (
    BLUE,
    DEEP,
    GREEN,
    HEIGHT,
    HIDING,
    RED,
    WIDTH,
    alpha_of,
    deep_png,
    encoded,
    flat,
    hidden_half,
    loaded,
    same,
)


@pytest.mark.parametrize("mode", HIDING)
def test_a_hidden_color_is_replaced_by_the_mean_visible_one(mode: str) -> None:
    picture = as_picture(hidden_half(mode))
    same(picture.rgb, 255 if mode == "1 key" else 100, steps=0.01)
    same(alpha_of(picture)[..., : WIDTH // 2], 255)
    same(alpha_of(picture)[..., WIDTH // 2 :], 0)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P int", "P bytes", "RGB key", "L key", "1 key"])
def test_transparent_pngs_are_read(mode: str, tmp_path: Path) -> None:
    picture = loaded(tmp_path, encoded(hidden_half(mode), "PNG"))
    same(picture.rgb, 255 if mode == "1 key" else 100, steps=0.01)
    same(alpha_of(picture)[..., : WIDTH // 2], 255)
    same(alpha_of(picture)[..., WIDTH // 2 :], 0)


def test_a_transparent_gif_is_read(tmp_path: Path) -> None:
    picture = loaded(tmp_path, encoded(hidden_half("P int"), "GIF", transparency=1))
    same(picture.rgb, 100, steps=0.01)
    same(alpha_of(picture)[..., WIDTH // 2 :], 0)


def test_a_16_bit_gray_png_with_a_transparent_value_is_read(tmp_path: Path) -> None:
    values = DEEP.copy()
    values[5, 6] = values[5, 7] + 1  # the same in 8 bits, but not transparent
    alpha = np.where(values == values[5, 7], 0, 255)
    assert (alpha == 0).sum() == 1
    picture = loaded(tmp_path, deep_png(values, 0, tRNS=struct.pack(">H", values[5, 7])))
    same(alpha_of(picture), alpha[..., None])
    expected = np.where(alpha == 0, values[alpha > 0].mean(), values)
    same(picture.rgb, np.repeat(expected[..., None] / 257, 3, -1), steps=0.51)


@pytest.mark.parametrize("mode", ["RGBA", "RGBa", "PA", "P int", "P bytes", "RGB key"])
def test_what_is_hidden_makes_no_difference(mode: str) -> None:
    assert as_picture(hidden_half(mode, GREEN)).digest == as_picture(hidden_half(mode, BLUE)).digest


def test_soft_edges_are_composited_over_the_mean_visible_color() -> None:
    image = flat("RGBA", (200, 100, 0, 255))
    image.paste((0, 60, 40, 51), (0, 0, WIDTH // 2, HEIGHT))  # alpha 0.2
    picture = as_picture(image)
    mean = (np.array([200, 100, 0]) + 0.2 * np.array([0, 60, 40])) / 1.2
    same(picture.rgb[..., WIDTH // 2 :], (200, 100, 0), steps=0.01)
    same(picture.rgb[..., : WIDTH // 2], 0.2 * np.array([0, 60, 40]) + 0.8 * mean, steps=0.01)
    same(alpha_of(picture)[..., : WIDTH // 2], 51)


def test_rounding_does_not_lift_a_composited_picture_above_white() -> None:
    pixels = np.full((608, 727, 4), 255, np.uint8)
    pixels[..., 3] = np.random.default_rng(5).integers(0, 256, pixels.shape[:2])
    picture = as_picture(Image.fromarray(pixels))
    same(picture.rgb, 255)
    assert float(picture.rgb.max()) <= 1
    same(as_picture(picture.rgb).rgb, 255)


def test_a_fully_transparent_picture_is_gray() -> None:
    picture = as_picture(flat("RGBA", (*RED, 0)))
    same(picture.rgb, 127.5)
    same(alpha_of(picture), 0)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA", "RGBa"])
def test_an_opaque_alpha_is_dropped(mode: str) -> None:
    image = flat("RGBA", (90, 90, 90, 255)).convert(mode)
    nearest = np.asarray(image.convert("RGBA"))[..., :3]  # in a palette, where the mode has one
    picture = as_picture(image)
    assert picture.alpha is None
    same(picture.rgb, nearest, steps=0)
