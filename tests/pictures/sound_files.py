"""Sound files of every format, in every mode and depth that it has."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image
from pillow_heif import from_pillow

from tests.pictures.support import DEEP, HEIGHT, WIDTH, deep_png, encoded, png, random_bytes, smooth


def sound_files() -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of every format in every mode and depth that it has."""
    rgb, rgba = Image.fromarray(smooth()), Image.fromarray(smooth(4))
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        image = Image.fromarray(DEEP) if mode == "I;16" else (rgba if "A" in mode else rgb).convert(mode)
        yield f"{mode.lower().replace(';', '')}.png", encoded(image, "PNG")
    for bits in (1, 2, 4):
        yield f"palette{bits}.png", encoded(rgb.quantize(2**bits), "PNG", bits=bits)
        row = b"\0" + bytes([0b11001001]) * (WIDTH * bits // 8)
        yield f"gray{bits}.png", png(WIDTH, HEIGHT, bits, 0, row * HEIGHT)
    yield "rgb16.png", deep_png(np.stack([DEEP] * 3, -1), 2)
    yield "la16.png", deep_png(np.stack([DEEP] * 2, -1), 4)
    yield "rgba16.png", deep_png(np.stack([DEEP] * 4, -1), 6)
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "LAB", "I", "F"):
        image = (rgba if mode in ("LA", "RGBA") else rgb).convert("L" if mode in "IF" else mode).convert(mode)
        yield f"{mode.lower()}.tiff", encoded(image, "TIFF", icc_profile=None)
    yield "i16.tiff", encoded(Image.fromarray(DEEP), "TIFF")
    yield "i16b.tiff", encoded(Image.fromarray(DEEP.astype(">u2")), "TIFF")
    for compression in ("tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg", "zstd", "lzma"):
        yield f"{compression}.tiff", encoded(rgb, "TIFF", compression=compression)
    for compression in ("group3", "group4"):
        yield f"{compression}.tiff", encoded(rgb.convert("1"), "TIFF", compression=compression)
    for mode in ("L", "RGB", "CMYK"):
        yield f"{mode.lower()}.jpg", encoded(rgb.convert(mode), "JPEG")
        yield f"{mode.lower()}-progressive.jpg", encoded(rgb.convert(mode), "JPEG", progressive=True)
    yield "restarts.jpg", encoded(rgb, "JPEG", restart_marker_blocks=1)
    for options in ({}, {"lossless": True}):
        yield f"rgb{len(options)}.webp", encoded(rgb, "WEBP", **options)
        yield f"rgba{len(options)}.webp", encoded(rgba, "WEBP", **options)
    for image in (rgb, rgba):
        yield f"{image.mode.lower()}.avif", encoded(image, "AVIF")
        yield f"{image.mode.lower()}.heic", heif(image)
    yield "l.heic", heif(rgb.convert("L"))
    yield "p.gif", encoded(rgb, "GIF")
    yield "l.gif", encoded(rgb.convert("L"), "GIF")
    for mode in ("1", "L", "P", "RGB", "RGBA"):
        yield f"{mode.lower()}.bmp", encoded((rgba if mode == "RGBA" else rgb).convert(mode), "BMP")
    yield "rle.bmp", rle_bmp(WIDTH, HEIGHT, bytes([WIDTH, 7, 0, 0]) * HEIGHT + b"\0\1")


def heif(image: Image.Image, *others: Image.Image, **options: Any) -> bytes:
    """A HEIF of one picture or several."""
    made = from_pillow(image)
    for other in others:
        made.add_from_pillow(other)
    file = io.BytesIO()
    made.save(file, **{"quality": 95, "chroma": 444} | options)
    return file.getvalue()


def rle_bmp(width: int, height: int, rows: bytes) -> bytes:
    """A BMP of 8 bits in run-length encoding."""
    palette = b"".join(bytes([255 - i, i, i // 2, 0]) for i in range(256))
    head = struct.pack("<IiiHHIIIIII", 40, width, height, 1, 8, 1, len(rows), 0, 0, 256, 0)
    return b"BM" + struct.pack("<IHHI", 54 + 1024 + len(rows), 0, 0, 54 + 1024) + head + palette + rows


def files_of_several_frames() -> Iterator[tuple[str, bytes]]:
    """The same of the formats that hold more than one picture."""
    frames = [Image.fromarray(np.roll(random_bytes(3), i, 0)) for i in range(3)]
    for kind, name in {
        "GIF": "gif",
        "PNG": "png",
        "WEBP": "webp",
        "TIFF": "tiff",
        "AVIF": "avif",
        "MPO": "mpo",
    }.items():
        yield f"several.{name}", encoded(frames[0], kind, save_all=True, append_images=frames[1:])
    yield "several.heic", heif(*frames)
