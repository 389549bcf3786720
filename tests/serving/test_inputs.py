"""The inputs of a batch: read when they are needed, the bad ones once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from nst.errors import ImageError
from nst.pictures.picture import Picture
from nst.pictures.reading import load_image
from nst.pictures.writing import save_image
from nst.recipe import Recipe
from nst.serving import inputs as module
from nst.serving.inputs import Inputs
from tests.conftest import smooth_picture

A, B, BAD = Path("a.png"), Path("b.png"), Path("bad.png")


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files as they are read, in a folder of pictures and of one that is none."""
    monkeypatch.chdir(tmp_path)
    save_image(smooth_picture(48, 40, seed=1), A)
    save_image(smooth_picture(40, 40, seed=2), B)
    BAD.write_text("no picture")
    names: list[str] = []

    def load(path: Path, most: int) -> Picture:
        names.append(path.name)
        return load_image(path, most)

    monkeypatch.setattr(module, "load_image", load)
    return names


def inputs(seen: list[Path] | None = None, **changes: object) -> Inputs:
    noted = [] if seen is None else seen
    return Inputs(Recipe(**changes), lambda path, _: noted.append(path))  # type: ignore[arg-type]


def test_only_the_last_of_each_role_is_kept(read: list[str]) -> None:
    seen: list[Path] = []
    given = inputs(seen)
    first = given.picture("content", A)
    assert given.picture("content", A) is first
    given.picture("style", B)
    assert given.picture("content", A) is first
    given.picture("content", B)
    assert given.picture("content", A) is not first
    assert read == ["a.png", "b.png", "b.png", "a.png"]
    assert seen == [A, B, B, A]


def test_a_digest_is_known_without_another_look(read: list[str]) -> None:
    given = inputs()
    digests = [given.digest("content", path) for path in (A, B, A, B)]
    assert digests[:2] == digests[2:]
    assert digests[0] == given.picture("content", A).digest
    assert read == ["a.png", "b.png", "a.png"]


def test_a_bad_file_is_read_once_and_said_in_the_same_words(read: list[str]) -> None:
    given = inputs()
    told = set()
    for look in (given.digest, given.picture, given.digest):
        with pytest.raises(ImageError) as caught:
            look("content", BAD)
        told.add(str(caught.value))
    assert read == ["bad.png"]
    assert len(told) == 1
    assert "bad.png is not an image" in told.pop()


def test_a_content_that_is_too_thin_for_the_size_is_a_bad_one(read: list[str]) -> None:
    save_image(smooth_picture(320, 20, seed=1), A)
    assert inputs(size=512).picture("content", A).width == 320
    with pytest.raises(ImageError, match="A picture of 320x20 px would be 64x4 px at size 64"):
        inputs(size=64).digest("content", A)


def test_a_style_that_can_not_be_one_is_a_bad_style_and_may_be_a_content(read: list[str]) -> None:
    hidden = Picture(torch.full((1, 3, 40, 40), 0.5), torch.zeros(1, 1, 40, 40))
    save_image(hidden, A)
    given = inputs()
    given.digest("content", A)
    with pytest.raises(ImageError, match="is transparent: there is nothing in it to take on"):
        given.digest("style", A)
    assert given.picture("content", A).width == 40


def test_a_file_that_has_changed_is_known_by_what_it_shows_now(read: list[str]) -> None:
    given = inputs()
    before = given.digest("content", A)
    given.picture("content", B)
    shutil.copy(B, A)
    assert given.picture("content", A).digest == given.digest("content", B) != before
    assert given.digest("content", A) == given.digest("content", B)
