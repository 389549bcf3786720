"""Every format is read as it is meant to be seen."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from nst.pictures.reading import as_picture
from tests.pictures.support import (
    BLUE,
    EXIF_ORIENTATION,
    HEIGHT,
    LOSSLESS,
    LOSSY,
    RED,
    SIDES,
    WIDTH,
    encoded,
    flat,
    loaded,
    random_bytes,
    same,
    smooth,
    stored,
)


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
    image: Any = Image.open(io.BytesIO(data))
    assert image.n_frames == 2
    same(loaded(tmp_path, data).rgb, RED, steps=3)


def test_a_file_is_read_by_its_content_not_by_its_extension(tmp_path: Path) -> None:
    same(loaded(tmp_path, encoded(Image.fromarray(random_bytes(3)), "PNG"), "photo.jpg").rgb, random_bytes(3))


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
