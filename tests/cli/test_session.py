"""One painting carried out: saved as far as it came, whatever ends it, and its preview gone."""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path
from signal import SIGHUP, SIGINT, SIGTERM, Signals, raise_signal
from types import SimpleNamespace
from typing import Any, cast

import pytest
from PIL import Image

from nst.cli import session
from nst.cli.session import carry_out
from nst.cli.signals import Interrupted
from nst.errors import DivergedError, OutputError
from nst.painting.painting import Painting
from nst.pictures.picture import Picture
from nst.pictures.reading import load_image


class PaintingStandIn:
    """Paints one picture in five steps, of ten that were planned.

    Before one of them something happens: a signal comes, or an error.
    """

    def __init__(self, picture: Picture, event: tuple[int, Signals | Exception] | None = None) -> None:
        self.picture, self.event = picture, event
        self.latest: Any = None
        self.last_iteration: int | None = None
        self.stopped = False
        self.previews_seen: list[bool] = []
        self.note = ""
        self.planned_iterations = 10
        self.size = (picture.width, picture.height)

    def __iter__(self) -> PaintingStandIn:
        return self

    def __next__(self) -> Any:
        step = self.latest.iteration + 1 if self.latest else 1
        self.previews_seen.append(Path("out.preview.png").exists())
        if self.event and self.event[0] == step:
            happening = self.event[1]
            if isinstance(happening, Exception):
                raise happening
            raise_signal(happening)
        if self.stopped or step > (self.last_iteration or 5):
            raise StopIteration
        self.latest = SimpleNamespace(
            iteration=step, iterations=5, seconds=0.1 * step, note=self.note, image=lambda: self.picture.rgb
        )
        return self.latest

    def stop(self) -> None:
        self.stopped = True

    def snapshot(self) -> Picture | None:
        return self.picture if self.latest else None


@pytest.fixture(autouse=True)
def enough_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in is nothing that can be reckoned with."""
    monkeypatch.setattr(session, "_fit_memory", lambda _painting, refuses: None)


def carried_out(painting: PaintingStandIn, preview_every: int = 1, **changes: Any) -> int:
    usual = {
        "output": Path("out.png"),
        "quiet": True,
        "ignore_memory": True,
        "keep_every": 0,
        "time_lapse": None,
        "dpi": None,
    }
    options = argparse.Namespace(**usual | {"preview_every": preview_every} | changes)
    return carry_out(cast(Painting, painting), options)


@pytest.fixture(autouse=True)
def _working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def names() -> list[str]:
    return sorted(path.name for path in Path().iterdir())


def test_a_painting_is_saved_and_its_previews_are_gone(content: Picture, capsys: pytest.CaptureFixture[str]) -> None:
    painting = PaintingStandIn(content)
    assert carried_out(painting, preview_every=2) == 0
    assert painting.previews_seen == [False, False, True, True, True, True]
    assert names() == ["out.png"]
    assert capsys.readouterr().err == "out.png: done in 0.5 s.\n"


@pytest.mark.parametrize(("number", "exit_code"), [(SIGINT, 130), (SIGTERM, 143), (SIGHUP, 129)])
def test_a_signal_saves_the_picture_as_it_is(
    content: Picture, capsys: pytest.CaptureFixture[str], number: Signals, exit_code: int
) -> None:
    assert carried_out(PaintingStandIn(content, (4, number))) == exit_code
    assert load_image("out.png").width == content.width
    assert names() == ["out.png"]
    assert capsys.readouterr().err == "out.png: stopped at step 3 of 5 in 0.3 s.\n"


def test_a_signal_after_the_last_step_changes_nothing(content: Picture) -> None:
    assert carried_out(PaintingStandIn(content, (6, SIGTERM))) == 0
    assert names() == ["out.png"]


def test_a_painting_that_is_to_end_early_is_done_then(content: Picture) -> None:
    painting = PaintingStandIn(content)
    painting.last_iteration = 3
    assert carried_out(painting) == 0
    assert painting.latest.iteration == 3


def test_before_the_first_step_nothing_is_written(content: Picture) -> None:
    with pytest.raises(Interrupted, match=r"Stopped before the first step: nothing was written\.") as caught:
        carried_out(PaintingStandIn(content, (1, SIGTERM)))
    assert caught.value.exit_code == 143
    assert names() == []


def test_after_an_error_the_preview_is_gone_and_an_older_output_stays(content: Picture) -> None:
    Path("out.png").write_text("older")
    with pytest.raises(DivergedError):
        carried_out(PaintingStandIn(content, (3, DivergedError("diverged"))))
    assert names() == ["out.png"]
    assert Path("out.png").read_text() == "older"


def test_without_previews_a_file_of_such_a_name_is_not_touched(content: Picture) -> None:
    Path("out.preview.png").write_text("mine")
    assert carried_out(PaintingStandIn(content), preview_every=0) == 0
    assert Path("out.preview.png").read_text() == "mine"


def test_what_is_to_be_said_of_it_is_said(content: Picture, capsys: pytest.CaptureFixture[str]) -> None:
    painting = PaintingStandIn(content)
    painting.note = "It went back."
    assert carried_out(painting) == 0
    assert capsys.readouterr().err == "note: It went back.\nout.png: done in 0.5 s.\n"


class SlowlySaved(Picture):
    """A signal comes while it is being encoded."""

    def to_pil(self) -> Image.Image:
        raise_signal(SIGTERM)
        return super().to_pil()


def test_a_signal_while_the_picture_is_saved_leaves_it_whole(content: Picture) -> None:
    assert carried_out(PaintingStandIn(SlowlySaved(content.rgb)), preview_every=0) == 0
    assert load_image("out.png").width == content.width
    assert names() == ["out.png"]


def test_pictures_on_the_way_are_numbered_and_stay(content: Picture) -> None:
    assert carried_out(PaintingStandIn(content), preview_every=0, keep_every=2) == 0
    assert names() == ["out.02.png", "out.04.png", "out.png"]
    assert load_image("out.02.png").width == content.width


@pytest.mark.parametrize("event", [(4, SIGTERM), (4, DivergedError("diverged"))])
def test_they_stay_whatever_ends_it(content: Picture, event: tuple[int, Signals | Exception]) -> None:
    with contextlib.suppress(DivergedError):
        carried_out(PaintingStandIn(content, event), keep_every=1)
    assert names()[:3] == ["out.01.png", "out.02.png", "out.03.png"]
    assert "out.preview.png" not in names()


def test_a_file_of_such_a_number_is_refused_before_the_work(content: Picture) -> None:
    Path("out.10.png").write_text("mine")
    painting = PaintingStandIn(content)
    with pytest.raises(OutputError, match=r"'out\.10\.png' would take the place of a file that this run did not write"):
        carried_out(painting, keep_every=5)
    assert painting.latest is None
    assert carried_out(painting, keep_every=4) == 0
    assert Path("out.10.png").read_text() == "mine"


@pytest.mark.parametrize(("event", "frames"), [(None, 5), ((4, SIGTERM), 3)])
def test_the_time_lapse_goes_as_far_as_the_picture(
    content: Picture, event: tuple[int, Signals] | None, frames: int
) -> None:
    carried_out(PaintingStandIn(content, event), time_lapse=Path("film.webp"))
    assert names() == ["film.webp", "out.png"]
    with Image.open("film.webp") as film:
        assert film.size == (content.width, content.height)
        assert getattr(film, "n_frames", 1) in (1, frames)  # an encoder may join frames that are the same


def test_of_a_painting_that_failed_there_is_no_time_lapse(content: Picture) -> None:
    with pytest.raises(DivergedError):
        carried_out(PaintingStandIn(content, (4, DivergedError("diverged"))), time_lapse=Path("film.webp"))
    assert names() == []
