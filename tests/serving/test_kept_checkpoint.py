"""A checkpoint that comes in parts: the last whole one counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from nst.serving.kept_checkpoint import PART_BYTES, KeptCheckpoint


@pytest.fixture
def kept(tmp_path: Path) -> KeptCheckpoint:
    return KeptCheckpoint(tmp_path / "1.checkpoint")


def test_one_counts_when_it_is_whole(kept: KeptCheckpoint) -> None:
    assert list(kept.parts()) == []
    kept.add(b"ab", is_last=False, iteration=5, frames=2)
    assert (kept.iteration, list(kept.parts())) == (0, [])
    kept.add(b"c", is_last=True, iteration=5, frames=2)
    assert (kept.iteration, kept.frames, list(kept.parts())) == (5, 2, [b"abc"])
    kept.add(b"de", is_last=False, iteration=9, frames=4)
    assert (kept.iteration, list(kept.parts())) == (5, [b"abc"])


def test_what_was_cut_short_is_forgotten(kept: KeptCheckpoint) -> None:
    kept.add(b"half", is_last=False, iteration=5, frames=2)
    kept.begin()
    kept.add(b"whole", is_last=True, iteration=3, frames=1)
    assert (kept.iteration, list(kept.parts())) == (3, [b"whole"])


def test_a_large_one_is_given_in_parts(kept: KeptCheckpoint) -> None:
    kept.add(bytes(PART_BYTES), is_last=False, iteration=1, frames=1)
    kept.add(b"rest", is_last=True, iteration=1, frames=1)
    assert list(map(len, kept.parts())) == [PART_BYTES, 4]


def test_where_it_can_not_be_written_the_one_before_stays(kept: KeptCheckpoint, tmp_path: Path) -> None:
    kept.add(b"abc", is_last=True, iteration=5, frames=2)
    (tmp_path / "1.part").mkdir()
    kept.add(b"de", is_last=True, iteration=9, frames=4)
    assert (kept.iteration, list(kept.parts())) == (5, [b"abc"])


def test_nothing_stays_of_a_job_that_is_over(kept: KeptCheckpoint, tmp_path: Path) -> None:
    kept.add(b"abc", is_last=True, iteration=5, frames=2)
    kept.add(b"de", is_last=False, iteration=9, frames=4)
    kept.remove()
    kept.remove()
    assert list(tmp_path.iterdir()) == []
