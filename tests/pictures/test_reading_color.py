"""Color profiles, modes and depths."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image, ImageCms

from nst.pictures.reading import as_picture
from tests.pictures.support import (
    DEEP,
    GREEN,
    HEIGHT,
    LINEAR,
    LINEAR_GRAY,
    LOSSLESS,
    LOSSY,
    RED,
    SWAPPED,
    WHITE,
    WIDTH,
    alpha_of,
    cmyk_profile,
    complaint,
    deep_png,
    encoded,
    flat,
    loaded,
    random_bytes,
    same,
    srgb_from_linear,
)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "AVIF", "TIFF"])
def test_a_color_profile_is_applied(kind: str, tmp_path: Path) -> None:
    options = (LOSSLESS | LOSSY)[kind]
    same(loaded(tmp_path, encoded(flat("RGB", RED), kind, icc_profile=SWAPPED, **options)).rgb, GREEN, steps=4)
    gray = loaded(tmp_path, encoded(flat("RGB", (64, 64, 64)), kind, icc_profile=LINEAR, **options)).rgb
    same(gray, 255 * srgb_from_linear(64 / 255), steps=2)


@pytest.mark.parametrize(
    ("image", "icc", "expected"),
    [
        (flat("L", 64), LINEAR_GRAY, 255 * srgb_from_linear(64 / 255)),
        (flat("I;16", 64 * 257), LINEAR_GRAY, 255 * srgb_from_linear(64 / 255)),
        (Image.fromarray(np.full((HEIGHT, WIDTH), 64 * 257, ">u2")), LINEAR_GRAY, 255 * srgb_from_linear(64 / 255)),
        (flat("1", 1), LINEAR_GRAY, WHITE),
        (flat("RGB", RED).quantize(4), SWAPPED, GREEN),
        (flat("CMYK", (255, 0, 0, 0)), cmyk_profile(), RED),
        (flat("CMYK", (255, 0, 0, 255)), cmyk_profile(), (0, 0, 0)),
        (flat("LAB", (138, 209, 198)), ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes(), RED),
    ],
    ids=["L", "I;16", "I;16B", "1", "P", "CMYK cyan", "CMYK black", "LAB"],
)
def test_a_color_profile_is_applied_in_every_mode(image: Image.Image, icc: bytes, expected: Any) -> None:
    image.info["icc_profile"] = icc
    same(as_picture(image).rgb, expected, steps=6)


@pytest.mark.parametrize(
    ("mode", "color", "icc", "expected"),
    [
        ("RGBA", (*RED, 128), SWAPPED, GREEN),
        ("LA", (64, 128), LINEAR_GRAY, 255 * srgb_from_linear(64 / 255)),
    ],
)
def test_a_color_profile_does_not_touch_the_alpha(mode: str, color: Any, icc: bytes, expected: Any) -> None:
    image = flat(mode, color)
    image.info["icc_profile"] = icc
    picture = as_picture(image)
    same(picture.rgb, expected, steps=2)
    same(alpha_of(picture), 128)


@pytest.mark.parametrize(
    ("mode", "color", "icc"),
    [
        ("RGB", (10, 90, 200), LINEAR_GRAY),
        ("RGB", (10, 90, 200), cmyk_profile()),
        ("RGB", (10, 90, 200), ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()),
        ("RGB", (10, 90, 200), SWAPPED[:200]),
        ("RGB", (10, 90, 200), b"no profile"),
        ("RGB", (10, 90, 200), "no bytes"),
        ("L", 90, SWAPPED),
        ("P", 90, LINEAR_GRAY),
        ("F", 0.25, LINEAR_GRAY),
        ("I;16", 20000, SWAPPED),
        ("CMYK", (0, 255, 255, 0), SWAPPED),
        ("YCbCr", (90, 128, 128), LINEAR_GRAY),
    ],
)
def test_a_profile_that_is_damaged_or_of_another_color_space_is_ignored(mode: str, color: Any, icc: Any) -> None:
    image = flat(mode, color)
    if mode == "P":
        image.putpalette(random_bytes(32).tobytes()[:768])
    plain = as_picture(image).rgb
    image.info["icc_profile"] = icc
    assert torch.equal(as_picture(image).rgb, plain)


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (flat("1", 1), WHITE),
        (flat("L", 77), (77, 77, 77)),
        (flat("CMYK", (0, 255, 255, 0)), RED),
        (flat("CMYK", (51, 0, 0, 102)), (0.8 * 0.6 * 255, 0.6 * 255, 0.6 * 255)),
        (flat("YCbCr", (76, 85, 255)), RED),  # ITU-R BT.601: Y = 0.299 * 255
        (flat("LAB", (128, 128, 128)), (119.5, 119.5, 119.5)),  # L* 50.2 is a luminance of 0.186
        (flat("HSV", (85, 255, 255)), GREEN),
        (flat("I;16", 20000), [20000 / 257] * 3),
        (Image.fromarray(np.full((HEIGHT, WIDTH), 20000, ">u2")), [20000 / 257] * 3),
        (flat("I", 20000), [20000 / 257] * 3),
        (flat("I", -5), (0, 0, 0)),
        (flat("F", 0.25), [63.75] * 3),
    ],
    ids=["1", "L", "CMYK", "CMYK mixed", "YCbCr", "LAB", "HSV", "I;16", "I;16B", "I", "I below 0", "F"],
)
def test_every_mode_becomes_rgb(image: Image.Image, expected: Any) -> None:
    exact = image.mode in ("1", "L", "I", "F") or image.mode.startswith("I;16")
    same(as_picture(image).rgb, expected, steps=0 if exact else 1)


def test_a_cmyk_jpeg_is_not_inverted(tmp_path: Path) -> None:
    same(loaded(tmp_path, encoded(flat("CMYK", (0, 255, 255, 0)), "JPEG", quality=95)).rgb, RED, steps=4)


@pytest.mark.parametrize("mode", ["I", "F"])
def test_gray_beyond_its_range_is_scaled_not_clipped(mode: str) -> None:
    """Deep gray has no agreed white: the brightest value is it, where it is more than the usual one."""
    values = np.full((HEIGHT, WIDTH), 65535 * 2 if mode == "I" else 2)
    values[:, :4] //= 4
    rgb = as_picture(Image.fromarray(values.astype(np.int32 if mode == "I" else np.float32))).rgb
    assert rgb[0, 0, 0, 8] == 1
    same(rgb[..., :4], 255 * (values[0, 0] / values[0, 8]), steps=0.01)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_floats_that_are_not_numbers_are_refused(bad: float, tmp_path: Path) -> None:
    values = np.full((HEIGHT, WIDTH), 0.5, np.float32)
    values[3, 4] = bad
    Image.fromarray(values).save(tmp_path / "map.tiff")
    complaint(tmp_path / "map.tiff", match=r"map\.tiff .*not all of its values are numbers")


def test_16_bit_gray_keeps_its_depth(tmp_path: Path) -> None:
    files = {
        "png": deep_png(DEEP, 0),
        "little-endian tiff": encoded(Image.fromarray(DEEP), "TIFF"),
        "big-endian tiff": encoded(Image.fromarray(DEEP.astype(">u2")), "TIFF"),
        "32-bit tiff": encoded(Image.fromarray(DEEP.astype(np.int32)), "TIFF"),
    }
    for data in files.values():
        same(loaded(tmp_path, data).rgb, np.repeat(DEEP[..., None] / 257, 3, -1))


@pytest.mark.parametrize("order", [b"II", b"MM"])
def test_16_bit_rgb_tiffs_are_read_to_8_bits(order: bytes, tmp_path: Path) -> None:
    values = np.stack([DEEP, DEEP[::-1], DEEP[:, ::-1]], -1)
    tags = {256: WIDTH, 257: HEIGHT, 258: (16, 16, 16), 259: 1, 262: 2, 273: 0, 277: 3, 278: HEIGHT, 279: values.nbytes}
    mark, end = ("<", 8 + 2 + 12 * len(tags) + 4) if order == b"II" else (">", 8 + 2 + 12 * len(tags) + 4)
    entries = b""
    for tag, value in tags.items():
        if tag == 258:
            entries += struct.pack(mark + "HHII", tag, 3, 3, end)
        else:
            entries += struct.pack(mark + "HHII", tag, 4, 1, end + 6 if tag == 273 else value)
    head = order + struct.pack(mark + "HIH", 42, 8, len(tags)) + entries + bytes(4)
    data = head + struct.pack(mark + "HHH", 16, 16, 16) + values.astype(mark + "u2").tobytes()
    same(loaded(tmp_path, data).rgb, values / 257, steps=1)


def test_16_bit_color_pngs_are_read_to_8_bits(tmp_path: Path) -> None:
    values = np.stack([DEEP, DEEP[::-1], DEEP[:, ::-1]], -1)
    same(loaded(tmp_path, deep_png(values, 2)).rgb, values / 257, steps=1)
    opaque_above = np.stack([DEEP, np.where(np.arange(HEIGHT) < 10, 65535, 0)[:, None].repeat(WIDTH, 1)], -1)
    picture = loaded(tmp_path, deep_png(opaque_above, 4))
    same(picture.rgb[:, :, :10], np.repeat(DEEP[:10, :, None] / 257, 3, -1), steps=1)
    same(alpha_of(picture), opaque_above[..., 1:] / 257)
