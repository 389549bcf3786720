"""Which files are meant by files, folders and patterns."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

import pytest
from PIL import Image

from nst.errors import ImageError
from nst.pictures.finding import SUFFIXES, find_images
from nst.pictures.opening import format_of
from nst.pictures.writing import WRITABLE

FILES = ["b.JPG", "a.png", "c.heic", ".hidden.png", "notes.txt", "d.webp/inner.png", "deep/e.png", "[1].png"]


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in FILES:
        path = Path("photos", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def found(*places: str) -> list[str]:
    return [str(path) for path in find_images(places)]


def test_of_a_folder_its_own_images_by_name() -> None:
    assert found("photos") == ["photos/[1].png", "photos/a.png", "photos/b.JPG", "photos/c.heic"]
    assert found("photos/") == found("photos")


@pytest.mark.parametrize(
    ("pattern", "files"),
    [
        ("photos/*", ["photos/[1].png", "photos/a.png", "photos/b.JPG", "photos/c.heic"]),
        ("photos/?.png", ["photos/a.png"]),
        ("photos/[bc].*", ["photos/b.JPG", "photos/c.heic"]),
        ("*/deep/*.png", ["photos/deep/e.png"]),
        (
            "photos/**/*.png",
            ["photos/[1].png", "photos/a.png", "photos/d.webp/inner.png", "photos/deep/e.png"],
        ),
    ],
)
def test_a_pattern_is_matched_here(pattern: str, files: list[str]) -> None:
    assert found(pattern) == files


def test_files_are_themselves_in_their_order_whatever_they_end_in() -> None:
    names = ["photos/notes.txt", "photos/[1].png", "photos/.hidden.png", "photos/a.png", "photos/a.png"]
    assert found(*names) == names


def test_several_places_are_one_behind_the_other() -> None:
    assert found("photos/c.heic", "photos/?.png") == ["photos/c.heic", "photos/a.png"]


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("empty", "There is no image in the folder 'empty': images end in .jpg, .jpeg, .png"),
        ("photos/*.gif", "No image matches 'photos/*.gif': images end in .jpg"),
        ("photos/*.txt", "No image matches 'photos/*.txt'"),
        ("nowhere", "There is no file or folder 'nowhere': check the path."),
        ("x" * 5000, "There is no file or folder 'xxx"),
        ("no\0name", r"There is no file or folder 'no\x00name'"),
    ],
)
def test_a_place_without_an_image_is_an_error_that_names_it(place: str, message: str) -> None:
    Path("empty").mkdir()
    Path("empty", "notes.txt").touch()
    with pytest.raises(ImageError, match=f"^{re.escape(message)}"):
        find_images(["photos", place])


@pytest.mark.skipif(os.geteuid() == 0, reason="all is open to root")
def test_a_closed_folder_is_an_error() -> None:
    Path("photos").chmod(0)
    with pytest.raises(ImageError, match="'photos' can't be read: Permission denied"):
        find_images(["photos"])
    Path("photos").chmod(0o700)


def test_what_can_be_written_and_named_is_also_found() -> None:
    assert set(WRITABLE) <= set(SUFFIXES)
    Image.init()
    for suffix in set(SUFFIXES) & set(Image.EXTENSION):
        kind, file = Image.EXTENSION[suffix], io.BytesIO()
        if kind in Image.SAVE:
            Image.new("RGB", (16, 16)).save(file, kind)
            assert format_of(file.getvalue()[:64]) is not None, suffix
