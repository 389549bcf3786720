"""Pictures and files made by hand, for the tests of reading and writing."""

from __future__ import annotations

import io
import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
import torch
from PIL import Image

from nst.errors import ImageError
from nst.pictures.picture import Picture
from nst.pictures.reading import as_picture, load_image

Expected = Literal["picture", "refused", "either"]
"""What reading a file of the corpus is to give."""

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


def alpha_of(picture: Picture) -> torch.Tensor:
    """1x1xHxW, 0 to 1, of a picture that must have kept its transparency."""
    assert picture.alpha is not None
    return picture.alpha


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


DEEP = np.linspace(0, 65535, WIDTH * HEIGHT).reshape(HEIGHT, WIDTH).round().astype(np.uint16)


LARGE = (6000, 20)


LARGE_FIT = (4096, 14)


def stored(upright: np.ndarray, orientation: int) -> np.ndarray:
    """What the file holds, from the standard's words."""
    row, column = SIDES[orientation]
    rows = upright if row in ("top", "bottom") else upright.swapaxes(0, 1)
    rows = rows[::-1] if row in ("bottom", "right") else rows
    return np.ascontiguousarray(rows[:, ::-1] if column in ("right", "bottom") else rows)


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


def raising(error: BaseException) -> Callable[..., Any]:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    return fail
