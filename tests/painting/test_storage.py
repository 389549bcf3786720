"""Feature maps that lie in files."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
import torch

from nst.errors import OutOfMemoryError
from nst.painting import storage
from nst.painting.storage import stored


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("least", [0, 1 << 30])
def test_what_is_written_is_read_and_rows_lie_together(
    temporary: Path, monkeypatch: pytest.MonkeyPatch, least: int
) -> None:
    monkeypatch.setattr(storage, "IN_MEMORY", least)
    maps = stored((1, 3, 4, 5), torch.bfloat16)
    values = torch.arange(60).view(1, 3, 4, 5).to(torch.bfloat16)
    maps.narrow(2, 0, 2).copy_(values[:, :, :2])
    maps.narrow(2, 2, 2).copy_(values[:, :, 2:])
    assert torch.equal(maps, values)
    assert maps.is_contiguous(memory_format=torch.channels_last)
    assert not os.listdir(temporary)


def test_a_disk_without_room_is_said_before_anything_is_written(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_given: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage, "IN_MEMORY", 0)
    monkeypatch.setattr(os, "posix_fallocate", no_room)
    with pytest.raises(OutOfMemoryError, match=r"needs 2\.0 GB for a file in .* \(.*No space left.*\): set TMPDIR"):
        stored((1, 1000, 1000, 1000), torch.bfloat16)
    assert not os.listdir(temporary)
