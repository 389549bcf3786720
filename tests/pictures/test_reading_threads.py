"""Several threads at once."""

from __future__ import annotations

import os
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst.pictures.picture import Picture
from nst.pictures.reading import load_image
from nst.pictures.writing import save_image
from tests.pictures.support import LINEAR, LOSSLESS, LOSSY, encoded, loaded, raising, smooth


def test_threads_read_what_one_reads(tmp_path: Path) -> None:
    paths = []
    for i, kind in enumerate([*LOSSLESS, "GIF", *LOSSY] * 2):
        (tmp_path / f"{i}.bin").write_bytes(encoded(Image.fromarray(np.roll(smooth(), i, 1)), kind))
        paths.append(tmp_path / f"{i}.bin")
    alone = [load_image(path).digest for path in paths]
    filters = list(warnings.filters)
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda path: load_image(path).digest, paths * 4))
    assert together == alone * 4
    assert warnings.filters == filters


def test_the_processs_warning_filters_are_not_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`warnings.catch_warnings` is not safe in threads: one thread would bring back what another has set aside."""
    files = [encoded(Image.fromarray(smooth()), kind, icc_profile=LINEAR) for kind in (*LOSSLESS, *LOSSY)]
    with monkeypatch.context() as patch:  # undone before pytest itself needs it to tell of a failure
        patch.setattr(warnings, "catch_warnings", raising(AssertionError("the filters are everyone's")))
        for data in files:
            loaded(tmp_path, data)


def test_threads_may_write_the_same_file(content: Picture, style: Picture, tmp_path: Path) -> None:
    path = tmp_path / "out.png"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda picture: save_image(picture, path), [content, style] * 20))
    assert os.listdir(tmp_path) == ["out.png"]
    written = np.asarray(load_image(path).to_pil())
    assert any(np.array_equal(written, np.asarray(picture.to_pil())) for picture in (content, style))
