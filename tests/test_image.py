"""Pictures: what real files hold is read as it is meant to be seen, and written whole or not at all."""

from __future__ import annotations

import errno
import io
import json
import os
import struct
import sys
import warnings
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image, ImageCms, PngImagePlugin

from nst import image as image_module
from nst.errors import ImageError, OutputError
from nst.image import (
    MAX_SIDE,
    WRITABLE,
    Picture,
    as_picture,
    check_output,
    fit,
    load_image,
    resize,
    save_image,
)

WIDTH, HEIGHT = 24, 20
RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
PROVENANCE = {"task": "stylize", "recipe": {"size": 512}, "inputs": {"style": {"name": "Größe «1» \U0001f3a8.png"}}}
OUR_JSON = json.dumps(PROVENANCE)
EXIF_DESCRIPTION, EXIF_ORIENTATION, EXIF_SOFTWARE = 0x010E, 0x0112, 0x0131

LOSSLESS = {"PNG": {}, "TIFF": {}, "BMP": {}, "WEBP": {"lossless": True, "exact": True}}
LOSSY = {"JPEG": {"quality": 95, "subsampling": "4:4:4"}, "AVIF": {"quality": 95, "subsampling": "4:4:4"}}
ALPHA_KINDS = ("png", "webp", "avif", "tiff")
METADATA_KINDS = (*ALPHA_KINDS, "jpg")


def same(actual: torch.Tensor, expected: Any, steps: float = 0) -> None:
    """A picture's values equal 8-bit ones (channels last, or one color), but for so many steps of 255."""
    values = actual[0].permute(1, 2, 0).double().numpy() * 255
    np.testing.assert_allclose(values, np.broadcast_to(np.asarray(expected), values.shape), rtol=0, atol=steps + 1e-3)


def flat(mode: str, color: Any) -> Image.Image:
    return Image.new(mode, (WIDTH, HEIGHT), color)


def smooth(bands: int = 3) -> np.ndarray:
    """HxWxbands bytes: a slope per band, all different, so that no turn or swap of bands goes unseen."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    return np.stack([40 + x * 6, 30 + y * 9, 200 - x * 2 - y * 4, 255 - x * 8][:bands], -1).astype(np.uint8)


def random_bytes(bands: int) -> np.ndarray:
    return np.random.default_rng(bands).integers(0, 256, (HEIGHT, WIDTH, bands), dtype=np.uint8)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def loaded(folder: Path, data: bytes, name: str = "picture.bin") -> Picture:
    (folder / name).write_bytes(data)
    return load_image(folder / name)


def complaint(source: Any, match: str) -> None:
    """The image is refused with one sentence that says why."""
    with pytest.raises(ImageError, match=match) as caught:
        as_picture(source)
    text = str(caught.value)
    assert text.endswith(".")
    assert "\n" not in text
    assert "BytesIO" not in text


def png(width: int, height: int, depth: int, color: int, rows: bytes, **chunks: bytes) -> bytes:
    """A PNG file by hand, for what Pillow does not write; rows come with their filter bytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    parts = {"IHDR": struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)}
    parts |= chunks | {"IDAT": zlib.compress(rows), "IEND": b""}
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(name.encode(), data) for name, data in parts.items())


def deep_png(values: np.ndarray, color: int, **chunks: bytes) -> bytes:
    """A 16-bit PNG: color 0 is gray, 2 is RGB, 4 is gray with alpha."""
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    return png(values.shape[1], values.shape[0], 16, color, rows, **chunks)


# ---- color profiles by hand (ICC.1:2001), so that the expected colors do not come from the library under test

S_RED, S_GREEN, S_BLUE = (0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)


def s15(*values: float) -> bytes:
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def profile(space: bytes, tags: dict[bytes, bytes], kind: bytes = b"mntr", connection: bytes = b"XYZ ") -> bytes:
    tags = {
        b"desc": b"desc\0\0\0\0\0\0\0\5test\0" + bytes(78),
        b"wtpt": b"XYZ \0\0\0\0" + s15(0.9642, 1, 0.8249),
    } | tags
    table, body, start = struct.pack(">I", len(tags)), b"", 132 + 12 * len(tags)
    for name, data in tags.items():
        table += name + struct.pack(">II", start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    parts = (start + len(body), b"none", 2 << 24, kind, space, connection, b"acsp")
    head = struct.pack(">I4sI4s4s4s12x4s28x", *parts) + s15(0.9642, 1, 0.8249) + bytes(48)
    return head + table + body


def curve(gamma: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))


def rgb_profile(red: Any = S_RED, green: Any = S_GREEN, blue: Any = S_BLUE, gamma: float = 2.2) -> bytes:
    columns = {b"rXYZ": red, b"gXYZ": green, b"bXYZ": blue}
    tags = {name: b"XYZ \0\0\0\0" + s15(*xyz) for name, xyz in columns.items()}
    return profile(b"RGB ", tags | dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve(gamma)))


def gray_profile(gamma: float) -> bytes:
    return profile(b"GRAY", {b"kTRC": curve(gamma)})


def cmyk_profile() -> bytes:
    """Black ink is black; where there is none, cyan ink is the red of sRGB and all else is white."""
    black, red, white = (0, 128, 128), (138, 209, 198), (255, 128, 128)  # L*a*b* as bytes
    corners = [black if i & 1 else red if i & 8 else white for i in range(16)]  # the bits of i: C, M, Y, K
    ramp = bytes(range(256))
    table = b"mft1\0\0\0\0\4\3\2\0" + s15(1, 0, 0, 0, 1, 0, 0, 0, 1) + ramp * 4 + bytes(sum(corners, ())) + ramp * 3
    return profile(b"CMYK", {b"A2B0": table}, b"prtr", b"Lab ")


LINEAR, LINEAR_GRAY = rgb_profile(gamma=1), gray_profile(1)
SWAPPED = rgb_profile(red=S_GREEN, green=S_RED)  # what it calls red is green


def srgb_from_linear(value: float) -> float:
    """IEC 61966-2-1."""
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055


# ---- reading


@pytest.mark.parametrize("kind", LOSSLESS)
def test_a_lossless_file_is_read_exactly(kind: str, tmp_path: Path) -> None:
    picture = loaded(tmp_path, encoded(Image.fromarray(random_bytes(3)), kind, **LOSSLESS[kind]))
    same(picture.rgb, random_bytes(3))
    assert (picture.width, picture.height, picture.alpha) == (WIDTH, HEIGHT, None)
    assert (picture.rgb.dtype, picture.name) == (torch.float32, "picture.bin")


@pytest.mark.parametrize("kind", LOSSY)
def test_a_lossy_file_is_read_closely(kind: str, tmp_path: Path) -> None:
    same(loaded(tmp_path, encoded(Image.fromarray(smooth()), kind, **LOSSY[kind])).rgb, smooth(), steps=6)


def test_a_gif_is_read_exactly(tmp_path: Path) -> None:
    image = Image.fromarray(random_bytes(3)).quantize(16, dither=Image.Dither.NONE)
    same(loaded(tmp_path, encoded(image, "GIF")).rgb, np.asarray(image.convert("RGB")))


@pytest.mark.parametrize(
    ("kind", "options"),
    [("GIF", {}), ("WEBP", {"lossless": True}), ("PNG", {}), ("TIFF", {}), ("AVIF", {"quality": 100}), ("MPO", {})],
)
def test_only_the_first_frame_is_read(kind: str, options: dict[str, Any], tmp_path: Path) -> None:
    data = encoded(flat("RGB", RED), kind, save_all=True, append_images=[flat("RGB", BLUE)], **options)
    assert Image.open(io.BytesIO(data)).n_frames == 2
    same(loaded(tmp_path, data).rgb, RED, steps=3)


def test_a_file_is_read_by_its_content_not_by_its_extension(tmp_path: Path) -> None:
    same(loaded(tmp_path, encoded(Image.fromarray(random_bytes(3)), "PNG"), "photo.jpg").rgb, random_bytes(3))


SIDES: dict[int, tuple[str, str]] = {  # EXIF 2.32, tag 0x0112: where the file's first row and first column belong
    1: ("top", "left"),
    2: ("top", "right"),
    3: ("bottom", "right"),
    4: ("bottom", "left"),
    5: ("left", "top"),
    6: ("right", "top"),
    7: ("right", "bottom"),
    8: ("left", "bottom"),
}


def stored(upright: np.ndarray, orientation: int) -> np.ndarray:
    """What the file holds, from the standard's words."""
    row, column = SIDES[orientation]
    rows = upright if row in ("top", "bottom") else upright.swapaxes(0, 1)
    rows = rows[::-1] if row in ("bottom", "right") else rows
    return np.ascontiguousarray(rows[:, ::-1] if column in ("right", "bottom") else rows)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF"])
@pytest.mark.parametrize("orientation", SIDES)
def test_a_picture_is_turned_upright_by_its_exif_orientation(kind: str, orientation: int, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = orientation
    image = Image.fromarray(stored(smooth(), orientation))
    data = encoded(image, kind, exif=exif, **(LOSSLESS | LOSSY)[kind])
    same(loaded(tmp_path, data).rgb, smooth(), steps=6 if kind in LOSSY else 0)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "I;16B", "F"])
def test_every_mode_is_turned(mode: str) -> None:
    image = flat("L", 255)
    image.paste(0, (0, 0, WIDTH, HEIGHT // 2))  # as it is stored: black above
    image = Image.fromarray((np.asarray(image) * 257.0).astype(">u2")) if mode == "I;16B" else image.convert(mode)
    image.getexif()[EXIF_ORIENTATION] = 3
    rgb = as_picture(image).rgb
    assert rgb[:, :, : HEIGHT // 2].min() > rgb[:, :, HEIGHT // 2 :].max()


def test_orientation_in_xmp_alone_counts_too(tmp_path: Path) -> None:
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    data = encoded(Image.fromarray(stored(smooth(), 6)), "JPEG", xmp=xmp, **LOSSY["JPEG"])
    same(loaded(tmp_path, data).rgb, smooth(), steps=6)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("exif", [b"Exif\0\0garbage!", b"Exif\0\0", b"Exif\0\0MM\0*\0\0\0\x08\0\x05\x01\x12"])
def test_a_damaged_exif_block_is_the_same_as_none(kind: str, exif: bytes, tmp_path: Path) -> None:
    picture = loaded(tmp_path, encoded(Image.fromarray(smooth()), kind, exif=exif, **(LOSSLESS | LOSSY)[kind]))
    same(picture.rgb, smooth(), steps=6 if kind in LOSSY else 0)


@pytest.mark.parametrize("value", [0, 9, 60000, "six"])
def test_a_wrong_orientation_is_ignored(value: Any) -> None:
    image = Image.fromarray(smooth())
    image.getexif()[EXIF_ORIENTATION] = value
    same(as_picture(image).rgb, smooth())


# ---- color


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
    same(picture.alpha, 128)


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


DEEP = np.linspace(0, 65535, WIDTH * HEIGHT).reshape(HEIGHT, WIDTH).round().astype(np.uint16)


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
    same(picture.alpha, opaque_above[..., 1:] / 257)


# ---- transparency


def hidden_half(
    mode: str, hidden: tuple[int, int, int] = GREEN, size: tuple[int, int] = (WIDTH, HEIGHT)
) -> Image.Image:
    """Left half visible and gray 100, right half transparent with a hidden color, in any mode that can say it."""
    image = Image.new("RGBA", size, (100, 100, 100, 255))
    image.paste((*hidden, 0), (size[0] // 2, 0, *size))
    if mode in ("RGBA", "RGBa", "LA", "La"):
        return image.convert("LA").convert(mode) if mode == "La" else image.convert(mode)
    level = hidden[1] + 1
    if mode in ("RGB key", "L key", "1 key", "I;16 key"):
        flat_image = image.convert("RGB") if mode == "RGB key" else Image.new("L", size, 100)
        if mode != "RGB key":
            flat_image.paste(level % 256, (size[0] // 2, 0, *size))
        key: Any = hidden if mode == "RGB key" else level % 256
        if mode == "1 key":
            flat_image, key = flat_image.point(lambda value: 255 if value == 100 else 0).convert("1"), 0
        if mode == "I;16 key":
            flat_image, key = Image.fromarray(np.asarray(flat_image).astype(np.uint16) * 257), level % 256 * 257
        flat_image.info["transparency"] = key
        return flat_image
    indexed = Image.new("P", size, 0)
    indexed.paste(1, (size[0] // 2, 0, *size))
    indexed.putpalette([100, 100, 100, *hidden])
    if mode == "PA":
        indexed.putalpha(image.getchannel("A"))
    else:
        indexed.info["transparency"] = {"P int": 1, "P bytes": b"\xff\0"}[mode]
    return indexed


HIDING = ["RGBA", "RGBa", "LA", "La", "PA", "P int", "P bytes", "RGB key", "L key", "1 key", "I;16 key"]


@pytest.mark.parametrize("mode", HIDING)
def test_a_hidden_color_is_replaced_by_the_mean_visible_one(mode: str) -> None:
    picture = as_picture(hidden_half(mode))
    same(picture.rgb, 255 if mode == "1 key" else 100, steps=0.01)
    same(picture.alpha[..., : WIDTH // 2], 255)
    same(picture.alpha[..., WIDTH // 2 :], 0)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P int", "P bytes", "RGB key", "L key", "1 key"])
def test_transparent_pngs_are_read(mode: str, tmp_path: Path) -> None:
    picture = loaded(tmp_path, encoded(hidden_half(mode), "PNG"))
    same(picture.rgb, 255 if mode == "1 key" else 100, steps=0.01)
    same(picture.alpha[..., : WIDTH // 2], 255)
    same(picture.alpha[..., WIDTH // 2 :], 0)


def test_a_transparent_gif_is_read(tmp_path: Path) -> None:
    picture = loaded(tmp_path, encoded(hidden_half("P int"), "GIF", transparency=1))
    same(picture.rgb, 100, steps=0.01)
    same(picture.alpha[..., WIDTH // 2 :], 0)


def test_a_16_bit_gray_png_with_a_transparent_value_is_read(tmp_path: Path) -> None:
    values = DEEP.copy()
    values[5, 6] = values[5, 7] + 1  # the same in 8 bits, but not transparent
    alpha = np.where(values == values[5, 7], 0, 255)
    assert (alpha == 0).sum() == 1
    picture = loaded(tmp_path, deep_png(values, 0, tRNS=struct.pack(">H", values[5, 7])))
    same(picture.alpha, alpha[..., None])
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
    same(picture.alpha[..., : WIDTH // 2], 51)


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
    same(picture.alpha, 0)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA", "RGBa"])
def test_an_opaque_alpha_is_dropped(mode: str) -> None:
    picture = as_picture(flat("RGBA", (90, 90, 90, 255)).convert(mode))
    assert picture.alpha is None
    same(picture.rgb, 90, steps=1 if mode == "PA" else 0)


# ---- size


@pytest.mark.parametrize(
    ("size", "long_side", "upscale", "expected"),
    [
        ((400, 300), 200, False, (200, 150)),
        ((300, 400), 200, False, (150, 200)),
        ((333, 100), 111, False, (111, 33)),
        ((49, 49), 512, True, (512, 512)),
        ((100, 50), 200, False, (100, 50)),
        ((100, 50), 200, True, (200, 100)),
        ((100, 50), 100, True, (100, 50)),
        ((1000, 1), 100, False, (100, 1)),
        ((1, 1000), 100, False, (1, 100)),
    ],
)
def test_fit_keeps_the_aspect_ratio(size: Any, long_side: int, upscale: bool, expected: Any) -> None:
    assert fit(size, long_side, upscale=upscale) == expected


def test_resizing_averages_what_it_leaves_out() -> None:
    stripes = torch.zeros(1, 3, 32, 64)
    stripes[..., ::4] = 1  # every fourth column: sampled without averaging, they would be all or nothing
    small = resize(stripes, (16, 8))
    assert small.shape == (1, 3, 8, 16)
    same(small[..., 2:-2], 63.75, steps=0.01)


def test_resizing_to_the_same_size_is_no_work(content: Picture) -> None:
    assert content.resized((48, 40)) is content
    assert resize(content.rgb, (48, 40)) is content.rgb


def test_a_resized_picture_keeps_its_range_its_alpha_and_its_name() -> None:
    noise = (torch.rand(1, 4, 40, 48, generator=torch.Generator().manual_seed(0)) > 0.5).float()
    picture = Picture(noise[:, :3], noise[:, 3:], "noise", PROVENANCE).resized((37, 90))
    assert (picture.width, picture.height, picture.name, picture.provenance) == (37, 90, "noise", PROVENANCE)
    assert picture.alpha is not None
    assert picture.alpha.shape == (1, 1, 90, 37)
    for values in (picture.rgb, picture.alpha):
        assert values.min() == 0  # bicubic overshoots at hard edges: without a clamp it would be less
        assert values.max() == 1


LARGE = (6000, 20)
LARGE_FIT = (4096, 14)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "YCbCr", "LAB", "HSV", "I;16", "I;16B", "I", "F"])
def test_a_large_picture_is_reduced_as_it_is_read(mode: str) -> None:
    image = Image.new("L", LARGE, 255)
    image.paste(0, (0, 0, 3000, 20))
    if mode in ("I;16", "I;16B", "I"):
        order = {"I;16": "<u2", "I;16B": ">u2", "I": np.int32}[mode]
        image = Image.fromarray((np.asarray(image).astype(np.uint16) * 257).astype(order))
    elif mode == "F":
        image = Image.fromarray(np.asarray(image).astype(np.float32) / 255)
    else:
        image = image.convert("RGB").convert(mode)
    picture = as_picture(image)
    assert (picture.width, picture.height) == LARGE_FIT
    same(picture.rgb[..., :2040], 0, steps=1)
    same(picture.rgb[..., 2056:], 255, steps=1)
    assert ((picture.rgb >= 0) & (picture.rgb <= 1)).all()


def test_a_large_picture_is_averaged_as_it_is_reduced() -> None:
    stripes = np.zeros((32, 2 * MAX_SIDE, 3), np.uint8)
    stripes[:, ::2] = 200
    same(as_picture(Image.fromarray(stripes)).rgb[..., 4:-4], 100, steps=1)


def test_a_large_deep_gray_picture_is_not_dimmed_by_the_filters_overshoot() -> None:
    values = np.full((20, 6000), 0.5, np.float32)
    values[:, 3000:3200] = 1
    rgb = as_picture(Image.fromarray(values)).rgb
    same(rgb[..., :2000], 127.5, steps=0.1)


@pytest.mark.parametrize("mode", HIDING)
def test_hidden_colors_do_not_leak_as_a_large_picture_is_reduced(mode: str) -> None:
    picture = as_picture(hidden_half(mode, size=LARGE))
    assert (picture.width, picture.height) == LARGE_FIT
    same(picture.rgb, 255 if mode == "1 key" else 100, steps=1.5)
    same(picture.alpha[..., :2040], 255)
    same(picture.alpha[..., 2056:], 0)


def test_a_large_picture_keeps_its_color_profile(tmp_path: Path) -> None:
    picture = loaded(tmp_path, encoded(Image.new("RGB", LARGE, RED), "PNG", icc_profile=SWAPPED))
    assert (picture.width, picture.height) == LARGE_FIT
    same(picture.rgb, GREEN, steps=2)


def test_a_picture_of_the_largest_size_is_left_alone() -> None:
    assert as_picture(Image.new("L", (MAX_SIDE, 16))).width == MAX_SIDE == 4096


def test_a_jpeg_is_reduced_as_it_is_decoded_and_turned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_module, "MAX_SIDE", 32)
    slope = np.asarray(Image.fromarray(smooth()).resize((160, 120), Image.Resampling.BICUBIC))
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = 6
    data = encoded(Image.fromarray(stored(slope, 6)), "JPEG", exif=exif, **LOSSY["JPEG"])
    picture = loaded(tmp_path, data)
    assert (picture.width, picture.height) == (32, 24)
    expected = Image.fromarray(slope).resize((32, 24), Image.Resampling.BOX)
    same(picture.rgb, np.asarray(expected), steps=8)


def test_the_limit_of_pixels_holds_for_the_file_not_for_the_reduced_jpeg(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_module, "MAX_SIDE", 32)
    monkeypatch.setattr(image_module, "MAX_PIXELS", 160 * 120 - 1)
    (tmp_path / "large.jpg").write_bytes(encoded(Image.new("RGB", (160, 120)), "JPEG"))
    complaint(tmp_path / "large.jpg", match=r"large\.jpg is 160x120 px")


@pytest.mark.parametrize("size", [(1, 1), (10000, 1), (15, 300), (300, 15)])
def test_a_picture_too_small_for_the_network_is_refused(size: tuple[int, int], tmp_path: Path) -> None:
    (path := tmp_path / "thin.png").write_bytes(encoded(Image.new("RGB", size), "PNG"))
    complaint(path, match=rf"thin\.png is {size[0]}x{size[1]} px: .* at least 16 px")
    complaint(Image.new("RGB", size), match="at least 16 px")
    complaint(torch.zeros(3, size[1], size[0]), match="at least 16 px")


def test_a_picture_just_large_enough_is_read() -> None:
    assert as_picture(Image.new("RGB", (16, 300))).rgb.shape == (1, 3, 300, 16)


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("side", [20000, 9500])  # Pillow itself refuses the one, and only warns of the other
@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP"])
def test_a_header_that_promises_too_many_pixels_costs_no_memory(kind: str, side: int, tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    path = tmp_path / "bomb.png"
    path.write_bytes(
        {
            "PNG": png(side, side, 8, 2, b""),
            "GIF": b"GIF89a" + struct.pack("<HH", side, side) + encoded(flat("L", 0), "GIF")[10:],
            "BMP": b"BM" + struct.pack("<IIIIiiHHIIIIII", 54, 0, 54, 40, side, side, 1, 24, 0, 0, 0, 0, 0, 0),
        }[kind]
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        complaint(path, match="at most 89,478,485 pixels")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 50 * 2**20 / (1 if sys.platform == "darwin" else 1024)


def test_a_bomb_is_refused_where_warnings_are_errors_too(tmp_path: Path) -> None:
    (tmp_path / "bomb.png").write_bytes(png(9500, 9500, 8, 2, b""))
    complaint(tmp_path / "bomb.png", match="at most 89,478,485 pixels")


def test_a_text_that_inflates_without_end_is_refused(tmp_path: Path) -> None:
    bomb = b"pastiche\0\1\0\0\0" + zlib.compress(bytes(50_000_000), 9)
    (tmp_path / "bomb.png").write_bytes(png(16, 16, 8, 0, bytes(17 * 16), iTXt=bomb))
    complaint(tmp_path / "bomb.png", match=r"bomb\.png")


# ---- what can't be read


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    complaint(tmp_path / "none.png", match=r"no file '.*none\.png'")


def test_a_folder_is_told(tmp_path: Path) -> None:
    complaint(tmp_path, match="is a folder")


def test_an_unreadable_file_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*args: Any) -> Any:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(image_module, "open", denied, raising=False)
    complaint(tmp_path / "secret.png", match=r"secret\.png' can't be read: Permission denied\.")


@pytest.mark.parametrize("path", ["nul\0.png", "long" * 100 + ".png", "surrogate\ud800.png", ""])
def test_a_path_that_can_not_be_is_told(path: str) -> None:
    complaint(path, match="can't be read|no file")


@pytest.mark.parametrize(
    "data", [b"", b"\0", b"just text\n" * 50, b"\xff\xd8\xff\xe0", b"<svg xmlns='http://www.w3.org/2000/svg'/>"]
)
def test_what_is_no_image_is_told(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(data)
    complaint(tmp_path / "photo.jpg", match=r"photo\.jpg .* use one of JPEG, PNG, WEBP, AVIF, TIFF, BMP, GIF\.")


def test_a_format_that_is_not_promised_is_told(tmp_path: Path) -> None:
    flat("RGB", RED).save(tmp_path / "photo.ppm")
    complaint(tmp_path / "photo.ppm", match="use one of")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("PNG", {}),
        ("WEBP", {}),
        ("WEBP", {"lossless": True}),
        ("AVIF", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("BMP", {}),
        ("GIF", {}),
    ],
)
def test_a_file_cut_short_is_told_wherever_it_is_cut(kind: str, options: dict[str, Any], tmp_path: Path) -> None:
    data = encoded(Image.fromarray(random_bytes(3)), kind, **options)
    path = tmp_path / "cut.jpg"
    for share in (0.002, 0.01, 0.03, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97):
        path.write_bytes(data[: int(share * len(data))])
        complaint(path, match=r"^cut\.jpg is .*damaged.*: use ")


@pytest.mark.filterwarnings("ignore")
def test_damaged_bytes_give_a_picture_or_an_image_error(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    refused = 0
    for kind in ("JPEG", "PNG", "WEBP", "BMP", "GIF"):
        data = np.frombuffer(encoded(Image.fromarray(random_bytes(3)), kind, **LOSSLESS.get(kind, {})), np.uint8)
        for _ in range(40):
            damaged = data.copy()
            damaged[rng.integers(0, min(len(data), 300), 4)] = rng.integers(0, 256, 4)
            try:
                picture = loaded(tmp_path, damaged.tobytes())
            except ImageError:
                refused += 1
            else:
                assert ((picture.rgb >= 0) & (picture.rgb <= 1)).all()
    assert 40 < refused < 200


@pytest.mark.parametrize(
    "tensor",
    [
        torch.zeros(20, 24),
        torch.zeros(1, 20, 24),
        torch.zeros(4, 20, 24),
        torch.zeros(20, 24, 3),
        torch.zeros(2, 3, 20, 24),
        torch.zeros(1, 1, 3, 20, 24),
        torch.zeros(3, 20, 24, dtype=torch.uint8),
        torch.zeros(3, 20, 24, dtype=torch.complex64),
        torch.tensor(0.5),
    ],
    ids=lambda tensor: f"{list(tensor.shape)} {tensor.dtype}",
)
def test_a_tensor_of_wrong_shape_or_type_is_refused(tensor: torch.Tensor) -> None:
    complaint(tensor, match="tensor: give 3xHxW or 1x3xHxW floats")


@pytest.mark.parametrize("value", [-0.01, 1.01, 255.0, float("nan"), float("inf")])
def test_a_tensor_with_a_value_out_of_range_is_refused(value: float) -> None:
    tensor = torch.full((3, HEIGHT, WIDTH), 0.5)
    tensor[1, 2, 3] = value
    complaint(tensor, match="outside 0 to 1")


# ---- forms of a picture


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_tensors_become_pictures(dtype: torch.dtype) -> None:
    tensor = torch.rand(3, HEIGHT, WIDTH, generator=torch.Generator().manual_seed(0)).to(dtype).requires_grad_()
    for given in (tensor, tensor[None]):
        picture = as_picture(given, "mine")
        assert (picture.rgb.dtype, picture.name, picture.rgb.requires_grad) == (torch.float32, "mine", False)
        assert torch.equal(picture.rgb[0], tensor.detach().float())


def test_a_picture_does_not_change_with_the_tensor_it_was_made_of() -> None:
    tensor = torch.zeros(1, 3, HEIGHT, WIDTH)
    picture = as_picture(tensor)
    tensor += 1
    same(picture.rgb, 0)


def test_a_picture_stays_itself_and_a_path_may_be_text(content: Picture, tmp_path: Path) -> None:
    assert as_picture(content) is content
    path = save_image(content, str(tmp_path / "content.png"))
    assert as_picture(str(path)).digest == as_picture(path).digest == load_image(path).digest


def test_the_callers_pillow_image_is_left_as_it_is(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = 6
    data = encoded(Image.fromarray(stored(smooth(), 6)), "JPEG", exif=exif, **LOSSY["JPEG"])
    image = Image.open(io.BytesIO(data))
    same(as_picture(image).rgb, smooth(), steps=6)
    assert image.size == (HEIGHT, WIDTH)
    assert image.getexif()[EXIF_ORIENTATION] == 6
    assert image.info["exif"] == Image.open(io.BytesIO(data)).info["exif"]


def test_the_digest_tells_pictures_apart_by_shape_and_values() -> None:
    rgb = torch.rand(1, 3, 20, 24, generator=torch.Generator().manual_seed(0))
    nearly = rgb.clone()
    nearly[0, 2, 19, 23] += 1e-6
    digests = [Picture(x).digest for x in (rgb, nearly, rgb.reshape(1, 3, 24, 20), rgb.flip(3), rgb.flip(1))]
    assert len(set(digests)) == 5
    assert Picture(rgb.clone(), name="other", provenance=PROVENANCE).digest == digests[0]
    assert Picture(rgb.contiguous(memory_format=torch.channels_last)).digest == digests[0]


def test_to_pil_rounds_to_the_nearest_byte() -> None:
    ramp = torch.linspace(0, 1, WIDTH * HEIGHT).reshape(1, 1, HEIGHT, WIDTH)
    image = Picture(ramp.repeat(1, 3, 1, 1), 1 - ramp).to_pil()
    assert (image.mode, image.size) == ("RGBA", (WIDTH, HEIGHT))
    expected = np.floor(ramp[0, 0].double().numpy() * 255 + 0.5)
    assert np.array_equal(np.asarray(image)[..., 0], expected)
    assert np.array_equal(np.asarray(image)[..., 3], np.floor((1 - ramp[0, 0]).double().numpy() * 255 + 0.5))
    assert Picture(ramp.repeat(1, 3, 1, 1)).to_pil().mode == "RGB"


def test_a_picture_says_what_it_is(content: Picture) -> None:
    assert repr(content) == "Picture(picture 1, 48x40)"
    made = Picture(content.rgb, content.rgb[:, :1], "result", PROVENANCE)
    assert repr(made) == "Picture(result, 48x40, alpha, stylize)"
    assert repr(Picture(content.rgb, provenance={"by": "hand"})) == "Picture(picture, 48x40, None)"


# ---- writing


@pytest.mark.parametrize("extension", [".png", ".PNG", ".tif", ".tiff", ".bmp"])
def test_lossless_formats_keep_every_byte(extension: str, tmp_path: Path) -> None:
    picture = as_picture(Image.fromarray(random_bytes(3)))
    path = save_image(picture, tmp_path / f"out{extension}")
    assert path == tmp_path / f"out{extension}"
    assert np.array_equal(np.asarray(Image.open(path)), random_bytes(3))
    assert torch.equal(load_image(path).rgb, picture.rgb)


@pytest.mark.parametrize("extension", [".jpg", ".JPEG", ".webp", ".avif"])
def test_lossy_formats_come_close(extension: str, tmp_path: Path) -> None:
    steps = 8 if extension in (".jpg", ".JPEG") else 16  # the others have one color for four pixels
    same(load_image(save_image(Image.fromarray(smooth()), tmp_path / f"out{extension}")).rgb, smooth(), steps)


def test_a_jpeg_keeps_the_color_of_single_pixels(tmp_path: Path) -> None:
    stripes = np.full((HEIGHT, WIDTH, 3), (160, 100, 100), np.uint8)
    stripes[:, ::2] = (100, 130, 100)  # about as light: only the color tells them apart
    same(load_image(save_image(Image.fromarray(stripes), tmp_path / "out.jpg")).rgb, stripes, steps=6)


@pytest.mark.parametrize("extension", WRITABLE)
def test_the_extension_decides_the_format(extension: str, tmp_path: Path) -> None:
    path = save_image(torch.full((3, HEIGHT, WIDTH), 0.5), tmp_path / f"out{extension}")
    with Image.open(path) as image:
        assert image.format == {".jpg": "JPEG", ".tif": "TIFF"}.get(extension, extension[1:].upper())
    assert os.listdir(tmp_path) == [f"out{extension}"]


@pytest.mark.parametrize("kind", ALPHA_KINDS)
def test_alpha_is_put_back_on_saving(kind: str, tmp_path: Path) -> None:
    picture = as_picture(Image.fromarray(smooth(4)))
    path = save_image(picture, tmp_path / f"out.{kind}")
    written = np.asarray(Image.open(path).convert("RGBA")).astype(int)
    assert np.abs(written - np.asarray(picture.to_pil()).astype(int))[..., 3].max() <= (2 if kind == "avif" else 0)
    if kind in ("png", "tiff"):
        assert np.array_equal(written, np.asarray(picture.to_pil()))
    again = load_image(path)
    assert again.alpha is not None
    same(again.alpha, smooth(4)[..., 3:], steps=2 if kind == "avif" else 0)


@pytest.mark.parametrize("extension", [".jpg", ".bmp"])
def test_formats_without_alpha_get_the_composited_colors(extension: str, tmp_path: Path) -> None:
    picture = as_picture(hidden_half("RGBA"))
    again = load_image(save_image(picture, tmp_path / f"out{extension}"))
    assert again.alpha is None
    same(again.rgb, 100, steps=1)


@pytest.mark.parametrize("kind", METADATA_KINDS)
@pytest.mark.parametrize("transparent", [False, True])
def test_provenance_is_written_and_read_back(kind: str, transparent: bool, tmp_path: Path) -> None:
    alpha = torch.full((1, 1, HEIGHT, WIDTH), 0.5) if transparent else None
    picture = Picture(torch.full((1, 3, HEIGHT, WIDTH), 0.5), alpha, provenance=PROVENANCE)
    assert load_image(save_image(picture, tmp_path / f"out.{kind}")).provenance == PROVENANCE


@pytest.mark.parametrize("kind", [*METADATA_KINDS, "bmp"])
def test_provenance_too_long_for_a_jpeg_is_left_out_everywhere(kind: str, tmp_path: Path) -> None:
    for length, kept in ((59_900, kind != "bmp"), (65_600, False)):
        provenance = {"task": "stylize", "recipe": {"note": "x" * length}}
        picture = Picture(torch.full((1, 3, HEIGHT, WIDTH), 0.5), provenance=provenance)
        again = load_image(save_image(picture, tmp_path / f"out.{kind}"))
        same(again.rgb, 127.5, steps=2)
        assert again.provenance == (provenance if kept else None)


def test_a_pillow_image_and_a_reduced_or_turned_one_keep_their_provenance(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[EXIF_ORIENTATION], exif[EXIF_SOFTWARE], exif[EXIF_DESCRIPTION] = 6, "pastiche", OUR_JSON
    data = encoded(Image.new("RGB", LARGE), "JPEG", exif=exif)
    assert loaded(tmp_path, data).provenance == PROVENANCE
    assert as_picture(Image.open(io.BytesIO(data))).provenance == PROVENANCE


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


STRANGE_TEXTS = {
    "no JSON": "made with love",
    "empty": "",
    "list": "[1, 2]",
    "number": "7",
    "huge number": '{"task": "stylize", "recipe": {"size": ' + "9" * 5000 + "}}",
    "null": "null",
    "string": '"task recipe"',
    "another object": '{"prompt": "a cat"}',
    "task alone": '{"task": "stylize"}',
    "recipe of another type": '{"task": "stylize", "recipe": 7}',
    "task of another type": '{"task": ["stylize"], "recipe": {}}',
    "deep": nested(100_000),
    "deep but short": nested(20_000),
    "deep inside": '{"task": "stylize", "recipe": {"size": ' + nested(800) + "}}",
    "deep objects": '{"task": "stylize", "recipe": ' + '{"x":' * 800 + "1" + "}" * 801,
    "huge": '{"task": "stylize", "recipe": {"size": [' + "0," * 400_000 + "0]}}",
}


@pytest.mark.parametrize("text", STRANGE_TEXTS.values(), ids=STRANGE_TEXTS)
def test_a_strangers_provenance_is_none(text: str, tmp_path: Path) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("pastiche", text)
    picture = loaded(tmp_path, encoded(flat("RGB", RED), "PNG", pnginfo=info))
    assert picture.provenance is None
    save_image(picture, tmp_path / "again.png")

    if len(text) < 60_000:
        exif = Image.Exif()
        exif[EXIF_SOFTWARE], exif[EXIF_DESCRIPTION] = "pastiche", text
        assert loaded(tmp_path, encoded(flat("RGB", RED), "WEBP", exif=exif)).provenance is None


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF"])
@pytest.mark.parametrize(("software", "description"), [("GIMP 2.10", OUR_JSON), (None, OUR_JSON), ("pastiche", None)])
def test_metadata_of_other_programs_is_not_ours(
    kind: str, software: str | None, description: str | None, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif.update({EXIF_SOFTWARE: software} if software else {})
    exif.update({EXIF_DESCRIPTION: description} if description else {})
    assert loaded(tmp_path, encoded(flat("RGB", RED), kind, exif=exif)).provenance is None


@pytest.mark.parametrize("name", ["out.gif", "out.txt", "out", ".png", "", "out.png.part"])
def test_an_unknown_extension_is_told(name: str, content: Picture) -> None:
    for refused in (lambda: check_output(name), lambda: save_image(content, name)):
        with pytest.raises(OutputError, match=r"can be written: \.png, \.jpg"):
            refused()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("none/out.png", "folder '.*none' does not exist"),
        ("file/out.png", "folder '.*file' does not exist"),
        ("folder.png", r"folder\.png' is a folder"),
        ("long" * 100 + ".png", "File name too long"),
    ],
)
def test_a_place_where_nothing_can_be_written_is_told_before_the_work(
    name: str, reason: str, content: Picture, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder.png").mkdir()
    for refused in (check_output, lambda path: save_image(content, path)):
        with pytest.raises(OutputError, match=reason):
            refused(tmp_path / name)
    assert sorted(os.listdir(tmp_path)) == ["file", "folder.png"]


def test_an_unwritable_folder_is_told(content: Picture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    with pytest.raises(OutputError, match="can't be written to"):
        save_image(content, tmp_path / "out.png")
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder in which not even root can make files")
def test_a_folder_that_only_turns_out_to_be_unwritable_is_told(content: Picture) -> None:
    with pytest.raises(OutputError, match=r"/proc"):
        save_image(content, "/proc/out.png")


def test_a_path_with_a_nul_is_told(content: Picture, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="can't be written"):
        save_image(content, f"{tmp_path}/nul\0.png")
    assert os.listdir(tmp_path) == []


def test_check_output_writes_nothing(tmp_path: Path) -> None:
    assert check_output(tmp_path / "out.JPG") == "JPEG"
    assert os.listdir(tmp_path) == []


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """No file may grow beyond this: the next byte raises OSError, as on a full disk."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def raising(error: BaseException) -> Callable[..., Any]:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    return fail


def half_written(path: Path, data: bytes) -> None:
    with open(path, "wb") as file:
        file.write(bytes(data)[: len(data) // 2])
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("older", [None, b"an older picture"])
@pytest.mark.parametrize("extension", [".png", ".jpg", ".webp", ".avif", ".tiff", ".bmp"])
def test_a_file_appears_whole_or_not_at_all(extension: str, older: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / f"out{extension}"
    if older is not None:
        path.write_bytes(older)
    with largest_file(300), pytest.raises(OutputError, match=r"can't be written: File too large"):
        save_image(Image.fromarray(random_bytes(3)), path)
    assert os.listdir(tmp_path) == ([] if older is None else [path.name])
    assert older is None or path.read_bytes() == older


@pytest.mark.parametrize(
    ("place", "name", "instead", "raised"),
    [
        (Path, "write_bytes", half_written, OutputError),
        (os, "replace", raising(PermissionError(errno.EACCES, "Permission denied")), OutputError),
        (os, "replace", raising(KeyboardInterrupt()), KeyboardInterrupt),
        (Image.Image, "save", raising(MemoryError()), MemoryError),
    ],
    ids=["disk full", "older file held", "stopped", "no memory"],
)
def test_nothing_is_left_behind_when_writing_fails(
    place: Any,
    name: str,
    instead: Callable[..., Any],
    raised: type[BaseException],
    content: Picture,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "out.png"
    path.write_bytes(b"an older picture")
    with monkeypatch.context() as patch:
        patch.setattr(place, name, instead)
        with pytest.raises(raised):
            save_image(content, path)
    assert os.listdir(tmp_path) == ["out.png"]
    assert path.read_bytes() == b"an older picture"


@pytest.mark.parametrize(("extension", "width"), [(".webp", 16400), (".avif", 70000)])
def test_a_picture_too_large_for_its_format_is_told(extension: str, width: int, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="can't be written"):
        save_image(torch.zeros(3, 16, width), tmp_path / f"out{extension}")
    assert os.listdir(tmp_path) == []


def test_the_longest_file_name_can_be_written(content: Picture, tmp_path: Path) -> None:
    path = tmp_path / ("n" * 251 + ".png")
    assert load_image(save_image(content, path)).width == content.width


# ---- several threads


def test_threads_read_what_one_reads(tmp_path: Path) -> None:
    paths = []
    for i, kind in enumerate([*LOSSLESS, "GIF", *LOSSY] * 2):
        (tmp_path / f"{i}.bin").write_bytes(encoded(Image.fromarray(np.roll(smooth(), i, 1)), kind))
        paths.append(tmp_path / f"{i}.bin")
    alone = [load_image(path).digest for path in paths]
    filters = list(warnings.filters)
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda path: load_image(path).digest, paths * 4))
    assert together == alone * 4
    assert warnings.filters == filters


def test_the_processs_warning_filters_are_not_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`warnings.catch_warnings` is not safe in threads: one thread would bring back what another has set aside."""
    files = [encoded(Image.fromarray(smooth()), kind, icc_profile=LINEAR) for kind in (*LOSSLESS, *LOSSY)]
    with monkeypatch.context() as patch:  # undone before pytest itself needs it to tell of a failure
        patch.setattr(warnings, "catch_warnings", raising(AssertionError("the filters are everyone's")))
        for data in files:
            loaded(tmp_path, data)


def test_threads_may_write_the_same_file(content: Picture, style: Picture, tmp_path: Path) -> None:
    path = tmp_path / "out.png"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda picture: save_image(picture, path), [content, style] * 20))
    assert os.listdir(tmp_path) == ["out.png"]
    written = np.asarray(load_image(path).to_pil())
    assert any(np.array_equal(written, np.asarray(picture.to_pil())) for picture in (content, style))
