"""BMP in run-length encoding, which is decoded slowly."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.pictures.sound_files import rle_bmp
from tests.pictures.support import HEIGHT, WIDTH, complaint, loaded, same


def test_a_small_one_is_read(tmp_path: Path) -> None:
    rows = bytes([WIDTH // 2, 3, WIDTH // 2, 250, 0, 0]) * HEIGHT + b"\0\1"
    expected = np.array([[(i // 2, i, 255 - i) for i in [3] * (WIDTH // 2) + [250] * (WIDTH // 2)]] * HEIGHT)
    same(loaded(tmp_path, rle_bmp(WIDTH, HEIGHT, rows)).rgb, expected)


def test_a_large_one_is_refused(tmp_path: Path) -> None:
    (path := tmp_path / "slow.bmp").write_bytes(rle_bmp(9000, 9000, b"\1\7" * 5_000_000))
    complaint(path, match=r"slow\.bmp is a run-length encoded BMP of 10 MB, and 8 MB are the most: save it as PNG\.")
