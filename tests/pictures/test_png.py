"""PNG: what is too large beside the picture is left out."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from nst.pictures.png import MAX_CHUNKS
from tests.pictures.support import LINEAR, complaint, encoded, loaded, png, random_bytes, same, smooth


@pytest.mark.parametrize("zipped", [False, True])
def test_a_large_text_is_left_out_and_the_rest_is_kept(zipped: bool, tmp_path: Path) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("large", "v" * 1_500_000, zip=zipped)
    info.add_text("gramarye", '{"task": "stylize", "recipe": {}}')
    picture = loaded(tmp_path, encoded(Image.fromarray(random_bytes(3)), "PNG", pnginfo=info))
    same(picture.rgb, random_bytes(3))
    assert picture.provenance == {"task": "stylize", "recipe": {}}


def test_a_large_color_profile_is_left_out_and_a_sound_one_is_kept(tmp_path: Path) -> None:
    image = Image.fromarray(smooth())
    large = loaded(tmp_path, encoded(image, "PNG", icc_profile=LINEAR + bytes(1_500_000)))
    same(large.rgb, smooth())
    kept = loaded(tmp_path, encoded(image, "PNG", icc_profile=LINEAR + bytes(500_000)))
    assert kept.digest == loaded(tmp_path, encoded(image, "PNG", icc_profile=LINEAR)).digest != large.digest


def test_texts_are_bounded_together(tmp_path: Path) -> None:
    info = PngImagePlugin.PngInfo()
    for i in range(100):
        info.add_text(f"key{i}", "v" * 1_000_000, zip=True)
    same(loaded(tmp_path, encoded(Image.fromarray(random_bytes(3)), "PNG", pnginfo=info)).rgb, random_bytes(3))


def test_a_text_behind_the_picture_is_left_out_too(tmp_path: Path) -> None:
    data = encoded(Image.fromarray(smooth()), "PNG")
    body = b"large\0\0" + zlib.compress(bytes(2_000_000))
    chunk = struct.pack(">I4s", len(body), b"zTXt") + body + struct.pack(">I", zlib.crc32(b"zTXt" + body))
    same(loaded(tmp_path, data[:-12] + chunk + data[-12:]).rgb, smooth())


def test_more_parts_than_a_picture_needs_are_refused(tmp_path: Path) -> None:
    data = png(16, 16, 8, 0, bytes(17 * 16))
    empty = struct.pack(">I4sI", 0, b"teSt", zlib.crc32(b"teSt"))
    (path := tmp_path / "parts.png").write_bytes(data[:33] + empty * (MAX_CHUNKS + 1) + data[33:])
    complaint(path, match=r"parts\.png is a PNG of more than 200,000 parts")


def test_only_the_first_frame_of_an_animation_is_read(tmp_path: Path) -> None:
    frames = [Image.fromarray(np.roll(random_bytes(3), i, 0)) for i in range(3)]
    same(loaded(tmp_path, encoded(frames[0], "PNG", save_all=True, append_images=frames[1:])).rgb, random_bytes(3))
