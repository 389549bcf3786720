"""Fitting, resizing, and pictures that are too small or too large."""

from __future__ import annotations

import re
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from nst.errors import ImageError
from nst.pictures import jpeg
from nst.pictures.picture import MAX_SIDE, Picture, fit, resize
from nst.pictures.reading import as_picture, load_image
from tests.pictures.support import (
    EXIF_ORIENTATION,
    GREEN,
    HIDING,
    LARGE,
    LARGE_FIT,
    LOSSY,
    PROVENANCE,
    RED,
    SWAPPED,
    alpha_of,
    complaint,
    encoded,
    flat,
    hidden_half,
    loaded,
    png,
    same,
    smooth,
    stored,
)

ROOT = Path(__file__).parents[2]


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


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "YCbCr", "LAB", "HSV", "I;16", "I;16B", "I", "F"])
def test_a_large_picture_is_reduced_as_it_is_read(mode: str) -> None:
    image = Image.new("L", LARGE, 255)
    image.paste(0, (0, 0, 3000, 20))
    if mode in ("I;16", "I;16B", "I"):
        order: Any = {"I;16": "<u2", "I;16B": ">u2", "I": np.int32}[mode]
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


@pytest.mark.parametrize("suffix", ["png", "jpg"])
@pytest.mark.parametrize(("most", "side"), [(5000, 5000), (5800, 5800), (6000, 5800), (MAX_SIDE, MAX_SIDE)])
def test_a_file_is_read_with_as_many_pixels_as_are_asked_for(tmp_path: Path, suffix: str, most: int, side: int) -> None:
    path = tmp_path / f"wide.{suffix}"
    Image.new("RGB", (5800, 29), "gray").save(path)
    picture = load_image(path, most)
    assert (picture.width, picture.height) == (side, round(side / 200))


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
    same(alpha_of(picture)[..., :2040], 255)
    same(alpha_of(picture)[..., 2056:], 0)


def test_a_large_picture_keeps_its_color_profile(tmp_path: Path) -> None:
    picture = loaded(tmp_path, encoded(Image.new("RGB", LARGE, RED), "PNG", icc_profile=SWAPPED))
    assert (picture.width, picture.height) == LARGE_FIT
    same(picture.rgb, GREEN, steps=2)


def test_a_picture_of_the_largest_size_is_left_alone() -> None:
    assert as_picture(Image.new("L", (MAX_SIDE, 16))).width == MAX_SIDE == 4096


def test_a_jpeg_is_reduced_as_it_is_decoded_and_turned(tmp_path: Path) -> None:
    slope = np.asarray(Image.fromarray(smooth()).resize((160, 120), Image.Resampling.BICUBIC))
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = 6
    data = encoded(Image.fromarray(stored(slope, 6)), "JPEG", exif=exif, **LOSSY["JPEG"])
    (tmp_path / "turned.jpg").write_bytes(data)
    picture = load_image(tmp_path / "turned.jpg", 32)
    assert (picture.width, picture.height) == (32, 24)
    expected = Image.fromarray(slope).resize((32, 24), Image.Resampling.BOX)
    same(picture.rgb, np.asarray(expected), steps=8)


def test_the_limit_of_pixels_holds_for_the_file_not_for_the_reduced_jpeg(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jpeg, "MAX_PIXELS", 160 * 120 - 1)
    (tmp_path / "large.jpg").write_bytes(encoded(Image.new("RGB", (160, 120)), "JPEG", progressive=True))
    with pytest.raises(ImageError, match=r"large\.jpg has 0\.1 megapixels \(160x120 px\): a JPEG of several scans"):
        load_image(tmp_path / "large.jpg", 32)


@pytest.mark.parametrize("size", [(1, 1), (10000, 1), (15, 300), (300, 15)])
def test_a_picture_too_small_for_the_network_is_refused(size: tuple[int, int], tmp_path: Path) -> None:
    (path := tmp_path / "thin.png").write_bytes(encoded(Image.new("RGB", size), "PNG"))
    complaint(path, match=rf"thin\.png is {size[0]}x{size[1]} px: each side must have at least 16 px\.")
    complaint(Image.new("RGB", size), match="at least 16 px")
    complaint(torch.zeros(3, size[1], size[0]), match="at least 16 px")


def test_a_picture_just_large_enough_is_read() -> None:
    assert as_picture(Image.new("RGB", (16, 300))).rgb.shape == (1, 3, 300, 16)


READ = """
import sys, warnings
from pathlib import Path
from bench.resident import peak_bytes
from nst.errors import ImageError
from nst.pictures.reading import load_image

warnings.simplefilter("ignore")
load_image(Path(sys.argv[1]))
before = peak_bytes()
try:
    load_image(Path(sys.argv[2]))
except ImageError as error:
    print(error)
print(peak_bytes() - before)
"""


@pytest.mark.parametrize(("side", "megapixels"), [(20000, "400"), (9500, "90.3")])
@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP"])
def test_a_header_that_promises_too_many_pixels_costs_no_memory(
    kind: str, side: int, megapixels: str, tmp_path: Path
) -> None:
    """In a process of its own: the peak of this one may have been far above what it has now."""
    pytest.importorskip("resource")
    path = tmp_path / "bomb.png"
    path.write_bytes(
        {
            "PNG": png(side, side, 8, 2, b""),
            "GIF": b"GIF89a" + struct.pack("<HH", side, side) + encoded(flat("L", 0), "GIF")[10:],
            "BMP": b"BM" + struct.pack("<IIIIiiHHIIIIII", 54, 0, 54, 40, side, side, 1, 24, 0, 0, 0, 0, 0, 0),
        }[kind]
    )
    (tmp_path / "first.png").write_bytes(encoded(flat("RGB", 0), "PNG"))
    command = [sys.executable, "-c", READ, str(tmp_path / "first.png"), str(path)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    sentence, grown = told.splitlines()
    assert re.search(rf"has {megapixels} megapixels .*: a {kind} may have at most 89\.4\.", sentence)
    assert int(grown) < 50 * 2**20


def test_a_bomb_is_refused_where_warnings_are_errors_too(tmp_path: Path) -> None:
    (tmp_path / "bomb.png").write_bytes(png(9500, 9500, 8, 2, b""))
    complaint(tmp_path / "bomb.png", match=r"has 90\.3 megapixels \(9500x9500 px\): a PNG may have at most 89\.4\.")


@pytest.mark.parametrize("kind", ["iTXt", "zTXt", "iCCP"])
def test_a_text_or_profile_that_inflates_without_end_is_left_out(kind: str, tmp_path: Path) -> None:
    inflated = zlib.compress(bytes(50_000_000), 9)
    bomb = b"pastiche\0" + (b"\1\0\0\0" if kind == "iTXt" else b"\0") + inflated
    picture = loaded(tmp_path, png(16, 16, 8, 0, (b"\0" + b"\x80" * 16) * 16, **{kind: bomb}))
    same(picture.rgb, 128)
    assert picture.provenance is None
