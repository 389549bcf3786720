"""Which processes a Ray that was started here has, and whether this machine has Ray at all."""

from __future__ import annotations

import os
import uuid
from importlib.util import find_spec
from pathlib import Path

import pytest

needs_ray = pytest.mark.skipif(
    find_spec("ray") is None, reason="the extra for Ray is not installed: pip install 'gramarye[ray]'"
)

MARK = "GRAMARYE_TEST_MARK"


class Marked:
    """Processes that inherit a variable of a value that no others have, and so all that they start."""

    def __init__(self) -> None:
        self.value = uuid.uuid4().hex

    @property
    def variables(self) -> dict[str, str]:
        """What whoever starts them has to have in its environment."""
        return {MARK: self.value}

    def alive(self) -> list[int]:
        """Those that are there, but for this process."""
        sought, found = f"{MARK}={self.value}".encode(), []
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit() or int(folder.name) == os.getpid():
                continue
            try:
                if sought in (folder / "environ").read_bytes():
                    found.append(int(folder.name))
            except OSError:  # it has ended meanwhile, or is another user's
                continue
        return found
