"""Nothing that a run did not write is replaced or deleted."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path

import pytest

from nst.cli.output import KeptPictures, Preview, require_no_input, require_places
from nst.errors import OutputError, UsageError
from nst.pictures.picture import Picture
from nst.pictures.writing import save_image
from nst.recipe import Recipe


@pytest.fixture(autouse=True)
def _working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def options(output: str, time_lapse: str | None = None, preview_every: int = 0) -> argparse.Namespace:
    film = None if time_lapse is None else Path(time_lapse)
    return argparse.Namespace(output=Path(output), time_lapse=film, preview_every=preview_every)


def test_an_input_is_known_under_every_name() -> None:
    Path("a.png").write_text("mine")
    Path("link.png").symlink_to("a.png")
    for name in ("a.png", "./a.png", os.path.abspath("a.png"), "link.png"):
        with pytest.raises(OutputError, match=r"is an input, and the picture would take its place.* with -o\."):
            require_no_input(options(name), [Path("b.png"), Path("a.png")])
        with pytest.raises(OutputError, match=r"with --time-lapse\."):
            require_no_input(options("b.png", name), [Path("b.png"), Path("a.png")])
    require_no_input(options("b.png"), [Path("a.png"), Path("no\0name")])


def test_all_places_are_required_at_once() -> None:
    Path("a.png").write_text("mine")
    Path("out.preview.png").write_text("mine")
    require_places(options("out.png", "film.webp"), [Path("a.png")])
    with pytest.raises(OutputError, match="is an input"):
        require_places(options("a.png"), [Path("a.png")])
    with pytest.raises(OutputError, match=r"out\.preview\.png"):
        require_places(options("out.png", preview_every=1), [Path("a.png")])
    with pytest.raises(UsageError, match=r"both name 'out\.webp': give each a file of its own"):
        require_places(options("out.webp", "./out.webp"), [])


def test_kept_pictures_have_as_many_digits_as_the_run() -> None:
    kept = KeptPictures(Path("some.where.jpg"), 10, 1200)
    assert kept.path(10) == Path("some.where.0010.jpg")
    assert kept.path(1200) == Path("some.where.1200.jpg")
    assert [iteration for iteration in range(1, 41) if kept.is_due(iteration)] == [10, 20, 30, 40]


@pytest.mark.parametrize("dangling", [False, True])
def test_a_kept_picture_takes_no_files_place(content: Picture, dangling: bool) -> None:
    kept = KeptPictures(Path("out.png"), 10, 30)
    kept.require_free()
    Path("out.05.png").write_text("between two of them")
    kept.require_free()
    if dangling:
        Path("out.30.png").symlink_to("nowhere")
    else:
        Path("out.30.png").write_text("mine")
    for attempt in (kept.require_free, lambda: kept.save(content, 30)):
        with pytest.raises(OutputError, match=r"'out\.30\.png' would take the place of a file that this run did"):
            attempt()
    kept.save(content, 20)
    assert os.path.lexists("out.30.png")


def test_a_preview_lies_beside_the_output_and_goes(content: Picture, style: Picture) -> None:
    preview = Preview(Path("some.where.jpg"))
    assert preview.path == Path("some.where.preview.jpg")
    preview.require_free()
    for picture in (content, style):
        preview.save(picture)
        assert preview.path.is_file()
    preview.remove()
    preview.remove()
    assert list(Path().iterdir()) == []


def test_a_preview_that_was_never_written_removes_nothing() -> None:
    Path("out.preview.png").write_text("mine")
    Preview(Path("out.png")).remove()
    assert Path("out.preview.png").read_text() == "mine"


@pytest.mark.parametrize("dangling", [False, True])
def test_a_preview_takes_no_files_place(content: Picture, dangling: bool) -> None:
    if dangling:
        Path("out.preview.png").symlink_to("nowhere")
    else:
        Path("out.preview.png").write_text("mine")
    preview = Preview(Path("out.png"))
    for attempt in (preview.require_free, lambda: preview.save(content)):
        with pytest.raises(OutputError, match=r"'out\.preview\.png' would take the place of a file that this run did"):
            attempt()
    assert os.path.lexists("out.preview.png")


def test_a_file_that_came_in_the_place_of_a_preview_stays(content: Picture, style: Picture) -> None:
    preview = Preview(Path("out.png"))
    preview.save(content)
    save_image(style, "mine.png")
    os.replace("mine.png", "out.preview.png")
    before = Path("out.preview.png").read_bytes()
    with pytest.raises(OutputError, match="did not write"):
        preview.save(content)
    preview.remove()
    assert Path("out.preview.png").read_bytes() == before


def test_a_preview_with_too_long_a_name_is_refused() -> None:
    with pytest.raises(OutputError, match="can't be written: File name too long"):
        Preview(Path("x" * 250 + ".png")).require_free()


def test_what_a_killed_run_of_the_same_recipe_left_is_replaced_where_it_is_resumed(content: Picture) -> None:
    recipe = Recipe(seed=7)
    own = replace(content, provenance={"task": "stylize", "recipe": recipe.to_json()})
    save_image(own, "out.preview.png")
    save_image(own, "out.20.png")
    for resumed in (None, Recipe(seed=8)):
        with pytest.raises(OutputError, match="preview"):
            Preview(Path("out.png"), resumed).require_free()
        with pytest.raises(OutputError, match=r"out\.20\.png"):
            KeptPictures(Path("out.png"), 10, 30, resumed).require_free()
    Preview(Path("out.png"), recipe).save(content)
    KeptPictures(Path("out.png"), 10, 30, recipe).require_free()
    Path("out.20.png").write_text("mine")
    with pytest.raises(OutputError, match=r"out\.20\.png"):
        KeptPictures(Path("out.png"), 10, 30, recipe).require_free()
