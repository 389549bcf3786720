"""GIF: its first frame must be whole, and not much may stand before it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from nst.pictures.gif import MAX_BLOCKS
from tests.pictures.bombs import gif_parts
from tests.pictures.support import complaint, encoded, loaded, random_bytes, smooth


def test_an_animation_is_its_first_frame_and_that_must_be_whole(tmp_path: Path) -> None:
    frames = [Image.fromarray(np.roll(random_bytes(3), i, 0)) for i in range(3)]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    first = len(encoded(frames[0], "GIF"))
    whole = loaded(tmp_path, data)
    for end in (first + 40, len(data) - 10):
        assert loaded(tmp_path, data[:end]).digest == whole.digest
    for end in (first - 40, first // 2):
        (path := tmp_path / "cut.gif").write_bytes(data[:end])
        complaint(path, match=r"cut\.gif is .*damaged")


def test_what_stands_before_the_frame_is_bounded(tmp_path: Path) -> None:
    data = encoded(Image.fromarray(smooth()), "GIF")
    head, frame = gif_parts(data)
    plain = loaded(tmp_path, data)
    some = b"!\xfe" + (b"\xff" + b"c" * 255) * 1000 + b"\0"
    assert loaded(tmp_path, head + some + frame).digest == plain.digest
    for much in (
        some * 5,
        b"!\xff\0" * (MAX_BLOCKS + 1),
        b"x" * (MAX_BLOCKS + 1),
        b"!\xff" + b"\1x" * MAX_BLOCKS + b"\0",
    ):
        (path := tmp_path / "much.gif").write_bytes(head + much + frame)
        complaint(path, match=r"much\.gif is a GIF with too much before its picture")
