"""HEIF and HEIC, as phones take them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.pictures.sound_files import heif
from tests.pictures.support import (
    EXIF_ORIENTATION,
    HEIGHT,
    RED,
    SWAPPED,
    WIDTH,
    alpha_of,
    complaint,
    flat,
    loaded,
    same,
    smooth,
    stored,
)


@pytest.mark.parametrize("bands", [3, 4])
def test_a_heif_is_read_closely(bands: int, tmp_path: Path) -> None:
    picture = loaded(tmp_path, heif(Image.fromarray(smooth(bands))), "photo.heic")
    assert (picture.width, picture.height) == (WIDTH, HEIGHT)
    if bands == 4:
        same(alpha_of(picture), smooth(4)[..., 3:], steps=8)
    else:
        assert picture.alpha is None
        same(picture.rgb, smooth(), steps=8)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_heif_is_turned_upright_once(orientation: int, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = orientation
    image = Image.fromarray(stored(smooth(), orientation))
    picture = loaded(tmp_path, heif(image, exif=exif.tobytes()))
    same(picture.rgb, smooth(), steps=10)


def test_its_color_profile_is_applied(tmp_path: Path) -> None:
    image = flat("RGB", RED)
    image.info["icc_profile"] = SWAPPED
    same(loaded(tmp_path, heif(image)).rgb, (0, 255, 0), steps=6)


def test_only_its_primary_picture_is_read(tmp_path: Path) -> None:
    image, other = Image.fromarray(smooth()), flat("RGB", RED)
    same(loaded(tmp_path, heif(image, other)).rgb, smooth(), steps=8)


def test_more_pixels_than_its_decoder_has_room_for_are_refused(tmp_path: Path) -> None:
    data = heif(Image.new("RGB", (64, 64)))
    size = np.array([64, 64], ">u4").tobytes()
    large = np.array([16_000, 16_000], ">u4").tobytes()
    (path := tmp_path / "large.heic").write_bytes(data.replace(size, large))
    complaint(path, match=r"large\.heic (has 256 megapixels .* at most 64\.|is .*damaged)")


def test_it_is_registered_with_nobody(tmp_path: Path) -> None:
    """What only Pillow decodes, as Gradio does with any upload, does not become more by what is read here."""
    code = """
import sys
from PIL import Image
from nst.pictures.reading import load_image
from nst.ui.gradio_gaps import decode_only_readable
decode_only_readable()
load_image(sys.argv[1])
assert "HEIF" not in Image.OPEN
"""
    root = Path(__file__).parents[2]
    environment = os.environ | {"PYTHONPATH": str(root)}
    (path := tmp_path / "photo.heic").write_bytes(heif(Image.fromarray(smooth())))
    subprocess.run([sys.executable, "-c", code, str(path)], env=environment, check=True)
