"""Nothing that a run did not write is replaced or deleted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nst.cli.output import Preview, require_no_input
from nst.errors import OutputError
from nst.pictures.picture import Picture
from nst.pictures.writing import save_image


@pytest.fixture(autouse=True)
def _working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_an_input_is_known_under_every_name() -> None:
    Path("a.png").write_text("mine")
    Path("link.png").symlink_to("a.png")
    for name in ("a.png", "./a.png", os.path.abspath("a.png"), "link.png"):
        with pytest.raises(OutputError, match="is an input, and the picture would take its place"):
            require_no_input(Path(name), [Path("b.png"), Path("a.png")])
    require_no_input(Path("b.png"), [Path("a.png"), Path("no\0name")])


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
