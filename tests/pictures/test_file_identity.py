"""Whether a file is still the one that it was."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nst.errors import OutputError
from nst.pictures.file_identity import identity_of


def test_a_file_is_itself_until_it_is_replaced_or_changed(tmp_path: Path) -> None:
    path, other = tmp_path / "a", tmp_path / "b"
    assert identity_of(path) is None
    path.write_text("one")
    before = identity_of(path)
    assert before is not None
    assert identity_of(path) == before
    other.write_text("one")
    os.utime(other, ns=(before[2], before[2]))
    os.replace(other, path)
    replaced = identity_of(path)
    assert replaced != before
    os.utime(path, ns=(1, 1))
    assert identity_of(path) not in (before, replaced)


def test_a_link_to_nowhere_is_there(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("nowhere")
    assert identity_of(tmp_path / "link") is not None


@pytest.mark.parametrize("name", ["x" * 300, "no\0name"])
def test_an_impossible_name_is_an_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match="can't be written: "):
        identity_of(tmp_path / name)
