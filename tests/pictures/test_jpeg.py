"""JPEG: scans, what stands before the picture, and how large it may be."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst.errors import ImageError
from nst.pictures.jpeg import MAX_SCANS, MAX_SEGMENTS, count_scans
from tests.pictures.bombs import progressive
from tests.pictures.support import HEIGHT, WIDTH, complaint, encoded, loaded, random_bytes, same, smooth


@pytest.mark.parametrize(
    ("options", "scans"),
    [({}, 1), ({"progressive": True}, 10), ({"restart_marker_blocks": 1}, 1), ({"optimize": True}, 1)],
    ids=["baseline", "progressive", "restarts", "optimized"],
)
def test_the_scans_of_real_files_are_counted(options: dict[str, int], scans: int) -> None:
    assert count_scans(encoded(Image.fromarray(random_bytes(3)), "JPEG", quality=95, **options), "x.jpg") == scans


def test_markers_inside_a_thumbnail_are_not_counted() -> None:
    data = encoded(Image.fromarray(smooth()), "JPEG")
    segment = struct.pack(">BBH", 0xFF, 0xE5, len(data) + 2) + data
    assert count_scans(data[:2] + segment * 50 + data[2:], "x.jpg") == 1


def test_what_follows_the_picture_is_not_looked_at() -> None:
    data = encoded(Image.fromarray(smooth()), "JPEG")
    assert count_scans(data * 300, "x.jpg") == 1


def test_a_picture_of_many_scans_is_read_and_one_of_too_many_refused(tmp_path: Path) -> None:
    same(loaded(tmp_path, progressive(WIDTH, HEIGHT, MAX_SCANS)).rgb, 128)
    (path := tmp_path / "scans.jpg").write_bytes(progressive(WIDTH, HEIGHT, MAX_SCANS + 1))
    complaint(path, match=r"scans\.jpg is a JPEG of more than 100 scans")


def test_scans_times_pixels_are_bounded(tmp_path: Path) -> None:
    (path := tmp_path / "scans.jpg").write_bytes(progressive(9000, 9000, 90))
    complaint(path, match=r"scans\.jpg is a JPEG of 90 scans over 81\.0 megapixels, which would take too long")


def test_what_stands_before_the_picture_is_bounded() -> None:
    data = encoded(Image.fromarray(smooth()), "JPEG")
    assert count_scans(data[:2] + b"\xff\xe5\0\2" * (MAX_SEGMENTS - 20) + data[2:], "x.jpg") == 1
    long = b"\xff\xe1" + struct.pack(">H", 60_002) + b"Exif\0\0" + bytes(59_994)
    for much in (b"\xff\xe5\0\2" * (MAX_SEGMENTS + 1), b"\xff" * 100_000, bytes(100_000), long * 20):
        with pytest.raises(ImageError, match=r"x\.jpg is a JPEG with too much beside the picture"):
            count_scans(data[:2] + much + data[2:], "x.jpg")


def test_the_108_megapixels_of_a_phone_are_read(tmp_path: Path) -> None:
    data = encoded(Image.new("L", (12_000, 9_000), 100), "JPEG")
    picture = loaded(tmp_path, data)
    assert (picture.width, picture.height) == (4096, 3072)
    same(picture.rgb, 100, steps=1)


def test_the_limit_depends_on_how_it_is_saved(tmp_path: Path) -> None:
    (path := tmp_path / "large.jpg").write_bytes(progressive(10_000, 9_000, 2))
    complaint(path, match=r"large\.jpg has 90 megapixels \(10000x9000 px\): a JPEG of several scans, .* most 89\.4\.")
    data = encoded(Image.new("L", (WIDTH, HEIGHT)), "JPEG")
    at = data.index(b"\xff\xc0") + 5
    path.write_bytes(data[:at] + struct.pack(">HH", 20_000, 20_000) + data[at + 4 :])
    complaint(path, match=r"large\.jpg has 400 megapixels \(20000x20000 px\): a JPEG may have at most 250\.")


def test_an_mpo_is_its_first_picture_and_that_must_be_whole(tmp_path: Path) -> None:
    frames = [Image.fromarray(np.roll(random_bytes(3), i, 0)) for i in range(2)]
    data = encoded(frames[0], "MPO", save_all=True, append_images=frames[1:], quality=95)
    first = data.index(b"\xff\xd9") + 2
    whole = loaded(tmp_path, data)
    for end in (first, first + 10, len(data) - 10):
        assert loaded(tmp_path, data[:end]).digest == whole.digest
    for end in (first - 20, first // 2):
        (path := tmp_path / "cut.mpo").write_bytes(data[:end])
        complaint(path, match=r"cut\.mpo is damaged")
