"""TIFF: what Pillow alone refuses or reads wrongly."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bench.resident import peak_bytes
from nst.pictures.tiff import MAX_STRIPS
from tests.pictures.bombs import overlapping_tags
from tests.pictures.support import DEEP, HEIGHT, WIDTH, complaint, encoded, loaded, same, smooth
from tests.pictures.tiff_by_hand import big_tiff, classic_tiff, gray_tiff

GRAY = np.repeat(DEEP[..., None] / 257, 3, -1)


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("photometric", [0, 1])
def test_16_bits_are_read_whichever_end_is_white(photometric: int, order: str, big: bool, tmp_path: Path) -> None:
    picture = loaded(tmp_path, gray_tiff(order, DEEP, photometric, big=big))
    same(picture.rgb, GRAY if photometric else 255 - GRAY)


@pytest.mark.parametrize("sample_format", [None, 1])
@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("photometric", [0, 1])
def test_32_unsigned_bits_are_read_over_their_full_range(
    photometric: int, order: str, sample_format: int | None, tmp_path: Path
) -> None:
    values = DEEP.astype(np.uint32) * 65537  # from 0 to 2^32 - 1
    assert values.max() == 2**32 - 1
    picture = loaded(tmp_path, gray_tiff(order, values, photometric, sample_format=sample_format))
    same(picture.rgb, GRAY if photometric else 255 - GRAY)


@pytest.mark.parametrize("order", "<>")
def test_signed_numbers_stay_signed(order: str, tmp_path: Path) -> None:
    values = DEEP.astype(np.int32)
    values[0, 0] = -5
    picture = loaded(tmp_path, gray_tiff(order, values, 1, sample_format=2))
    expected = GRAY.copy()
    expected[0, 0] = 0
    same(picture.rgb, expected)


@pytest.mark.parametrize("photometric", [0, 1])
def test_floats_are_read_whichever_end_is_white(photometric: int, tmp_path: Path) -> None:
    values = (DEEP / 65535).astype(np.float32)
    for order in "<>":
        same(loaded(tmp_path, gray_tiff(order, values, photometric, sample_format=3)).rgb,
             GRAY if photometric else 255 - GRAY, steps=0.001)  # fmt: skip


@pytest.mark.parametrize(("dtype", "sample_format"), [("u2", 1), ("i4", 2), ("u4", 1), ("f4", 3)])
@pytest.mark.parametrize("order", "<>")
def test_compressed_numbers_are_read_in_either_byte_order(
    order: str, dtype: str, sample_format: int, tmp_path: Path
) -> None:
    values = (DEEP / 65535).astype("f4") if dtype == "f4" else DEEP.astype(dtype)
    data = zlib.compress(values.astype(order + dtype).tobytes())
    tags: dict[int, Any] = {256: WIDTH, 257: HEIGHT, 258: 8 * values.itemsize, 259: 8, 262: 1, 273: 8, 277: 1}
    tags |= {278: HEIGHT, 279: len(data), 339: sample_format}
    same(loaded(tmp_path, classic_tiff(order, tags, data)).rgb, GRAY, steps=0.001)


@pytest.mark.parametrize("order", "<>")
def test_a_big_tiff_of_several_strips_and_colors_is_read(order: str, tmp_path: Path) -> None:
    strips = [band.tobytes() for band in np.split(smooth(), 5)]
    size = len(strips[0])
    tags: dict[int, Any] = {256: WIDTH, 257: HEIGHT, 258: [8, 8, 8], 259: 1, 262: 2, 277: 3, 278: HEIGHT // 5}
    tags |= {273: [16 + i * size for i in range(5)], 279: [size] * 5}
    same(loaded(tmp_path, big_tiff(order, tags, b"".join(strips))).rgb, smooth())


def test_a_big_endian_big_tiff_that_is_damaged_is_told(tmp_path: Path) -> None:
    data = gray_tiff(">", DEEP, 1, big=True)
    for share in (0.002, 0.01, 0.3, 0.9, 0.98):
        (path := tmp_path / "cut.tiff").write_bytes(data[: int(share * len(data))])
        complaint(path, match=r"^cut\.tiff is .*damaged")
    (path := tmp_path / "long.tiff").write_bytes(data[:8] + struct.pack(">Q", 0) + data[16:])
    complaint(path, match=r"^long\.tiff is .*damaged")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("order", "<>")
def test_tags_that_hold_the_same_bytes_again_and_again_take_no_memory(order: str, tmp_path: Path) -> None:
    (path := tmp_path / "bomb.tiff").write_bytes(overlapping_tags(order, 60_000, 700_000))  # 42 GB
    before = peak_bytes()
    complaint(path, match=r"bomb\.tiff is .*damaged")
    assert peak_bytes() - before < 50e6


def test_more_strips_than_a_picture_has_rows_are_refused(tmp_path: Path) -> None:
    tags: dict[int, Any] = {256: 16, 257: 16, 258: 8, 259: 1, 262: 1, 273: [8] * (MAX_STRIPS + 1), 277: 1, 278: 1}
    (path := tmp_path / "strips.tiff").write_bytes(classic_tiff("<", tags))
    complaint(path, match=r"strips\.tiff is a TIFF of more than 100,000 strips")


def test_exif_in_a_tiff_is_read_as_before(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "description"
    data = encoded(Image.fromarray(smooth()), "TIFF", exif=exif)
    assert Image.open(io.BytesIO(data)).getexif()[0x010E] == "description"
    same(loaded(tmp_path, data).rgb, smooth())
