"""A painting that is killed, and gone on with from the command line."""

from __future__ import annotations

import argparse
import re
import signal
from pathlib import Path
from signal import SIGTERM
from types import SimpleNamespace
from typing import Any, cast

import pytest

from nst.cli.checkpoints import CheckpointFile
from nst.cli.main import main
from nst.errors import OutputError
from nst.painting.painting import Painting
from nst.pictures.writing import save_image
from tests.cli.support import STYLIZE, start, wait_for
from tests.conftest import smooth_picture

RUN = [
    *STYLIZE, "--size", "64", "--upscale", "--start-size", "40", "--scale-step", "1.5", "--first-steps", "12",
    "--last-steps", "8", "--tolerance", "0", "--device", "cpu", "--precision", "fp32",
]  # fmt: skip
"""Twelve steps at 43x36 px, and eight at 64x53."""

KEPT = ["--checkpoint", "run.checkpoint", "--checkpoint-every", "0"]

HALTED = """
import os, sys
from pathlib import Path
from time import sleep
import nst.painting.checkpoint as checkpoint
from nst.cli.main import main

def halting(act, nth):
    def halt(*arguments, **named):
        nonlocal nth
        nth -= 1
        if nth:
            return act(*arguments, **named)
        Path("halted").touch()
        while True:
            sleep(1)
    return halt

{place} = halting({place}, {nth})
main(sys.argv[1:])
"""
"""The command, which halts where it calls something for the nth time, to be killed there."""

STOPPED = """
import os, signal, sys
from nst.cli.main import main
from nst.painting.schedule import Schedule

advance = Schedule.advance

def advance_and_signal(schedule, **options):
    progress = advance(schedule, **options)
    if progress.iteration == 7:
        os.kill(os.getpid(), signal.SIGTERM)
    return progress

Schedule.advance = advance_and_signal
sys.exit(main(sys.argv[1:]))
"""
"""The command, which is asked to stop as it has made its seventh step."""


@pytest.fixture(autouse=True)
def _working_folder(folder: Path) -> None:
    """All of these run in it."""


def killed(*arguments: str, place: str, nth: int) -> None:
    """Run the command as a process of its own until it is there, and kill it with SIGKILL."""
    Path("halted").unlink(missing_ok=True)
    process = start(*arguments, program=("-c", HALTED.format(place=place, nth=nth)))
    wait_for("halted", process)
    process.kill()
    assert process.wait() == -signal.SIGKILL


@pytest.fixture
def whole(folder: Path) -> bytes:
    """The picture of a run that nothing has interrupted."""
    assert main([*RUN, "-o", "whole.png", "--quiet"]) == 0
    return Path("whole.png").read_bytes()


def test_killed_again_and_again_it_ends_in_the_same_picture(whole: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    command = [*RUN, *KEPT, "--resume"]
    killed(*command, place="checkpoint.save", nth=1)  # before the first checkpoint
    assert not Path("run.checkpoint").exists()
    killed(*command, place="checkpoint.save", nth=6)  # with that of step 5
    killed(*command, place="os.fsync", nth=5)  # while one is being written: two calls for each, so step 7 is kept
    assert len([path for path in Path().iterdir() if path.suffix == ".part"]) == 1
    killed(*command, place="checkpoint.save", nth=6)  # with that of step 12, between the scales
    killed(*command, place="checkpoint.save", nth=4)  # with that of step 15
    assert not Path("out.png").exists()
    capsys.readouterr()
    assert main([*command, "--quiet"]) == 0
    assert Path("out.png").read_bytes() == whole
    assert capsys.readouterr().err.splitlines()[1] == "run.checkpoint: going on from there."
    assert not {path.name for path in Path().iterdir()} & {"run.checkpoint"}
    assert [path for path in Path().iterdir() if path.suffix == ".part"] == []


@pytest.mark.parametrize("place", ["checkpoint.os.replace", "checkpoint.sync_folder"])
def test_killed_as_the_new_checkpoint_takes_the_place_of_the_old_one_either_is_whole(whole: bytes, place: str) -> None:
    killed(*RUN, *KEPT, place=place, nth=3)
    assert main([*RUN, *KEPT, "--resume", "--quiet"]) == 0
    assert Path("out.png").read_bytes() == whole


def test_stopped_by_a_signal_it_goes_on_from_the_very_step(whole: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    """It stops after half a step: the checkpoint is of the one before, though an hour has not passed."""
    command = [*RUN, "--checkpoint", "run.checkpoint", "--checkpoint-every", "3600"]
    process = start(*command, program=("-c", STOPPED))
    assert process.stderr is not None
    told = process.stderr.read()
    assert process.wait() == 128 + SIGTERM
    assert re.search(r"out\.png: stopped at step 7 of 20 in [\d.]+ s\.", told)
    assert told.splitlines()[-1] == "run.checkpoint: the same command with --resume goes on from there."
    assert Path("out.png").read_bytes() != whole
    assert main([*command, "--resume", "--quiet"]) == 0
    assert Path("out.png").read_bytes() == whole
    assert not Path("run.checkpoint").exists()


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What is said of a command that must not begin its work, nor change any file."""
    before = {path: path.read_bytes() for path in Path().iterdir()}
    assert main([*arguments]) == 2
    assert {path: path.read_bytes() for path in Path().iterdir()} == before
    return capsys.readouterr().err.splitlines()[-1]


def test_a_file_that_is_there_is_never_replaced_unasked(capsys: pytest.CaptureFixture[str]) -> None:
    Path("run.checkpoint").write_bytes(b"mine")
    told = refused(capsys, *RUN, *KEPT)
    assert told == (
        "error: 'run.checkpoint' is there already: add --resume to go on from it, or name another --checkpoint file."
    )
    assert "is none that Gramarye wrote" in refused(capsys, *RUN, *KEPT, "--resume")


def test_a_checkpoint_of_another_run_is_refused_and_stays(capsys: pytest.CaptureFixture[str]) -> None:
    killed(*RUN, *KEPT, place="checkpoint.save", nth=3)
    told = refused(capsys, *RUN, *KEPT, "--resume", "--size", "48", "--content-weight", "0.1")
    assert "(size was 64 and is 48; content_weight was 0.045 and is 0.1): give it the same settings" in told
    save_image(smooth_picture(40, 44, seed=3), "style.png")
    assert "is of a run whose style was 'style.png'" in refused(capsys, *RUN, *KEPT, "--resume")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--resume"], "--resume goes on from a checkpoint: name its file with --checkpoint FILE."),
        (["--checkpoint", "content.png", "--resume"], "'content.png' is an input or the output as well"),
        (["--checkpoint", "./out.png"], "'out.png' is an input or the output as well"),
        (["--checkpoint", "film.webp", "--time-lapse", "film.webp"], "'film.webp' is an input or the output as well"),
        (["--checkpoint", "out.preview.png"], "'out.preview.png' is an input or the output as well"),
        (["--checkpoint", "."], "is a folder: name a file in it"),
        (["--checkpoint", "missing/run"], "The folder 'missing' of the checkpoint does not exist: make it first"),
        (["--checkpoint", "n" * 5000], "can't be written: "),
        (["--checkpoint", "a", "--checkpoint", "b"], "it can be given only once, and came with 'b' again"),
        (["--checkpoint", "a", "--checkpoint-every", "-1"], "'-1' is not a whole number of seconds from 0"),
    ],
)
def test_what_makes_no_sense_is_refused(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    assert said in refused(capsys, *RUN, *arguments)


class Kept:
    """Has a checkpoint, or can't write it."""

    def __init__(self, *outcomes: bool | str) -> None:
        self.outcomes = list(outcomes)

    def save_checkpoint(self, path: Path) -> bool:
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, str):
            raise OutputError(outcome)
        if outcome:
            path.write_text("checkpoint")
        return outcome


def painting(*outcomes: bool | str) -> Any:
    return cast(Painting, Kept(*outcomes))


def test_it_is_written_again_when_so_many_seconds_have_passed_since_it_was() -> None:
    now = 0.0

    def clock() -> float:
        return now

    file, written = CheckpointFile(Path("run"), 60, clock), []
    for now in (0, 59, 60, 61, 119, 120, 180):  # noqa: B007  # the clock reads it
        stand_in = painting(True)
        file.after_step(stand_in)
        written.append(not stand_in.outcomes)
    assert written == [False, False, True, False, False, True, True]


def test_where_it_can_not_be_written_the_painting_goes_on_and_it_is_said_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    file, stand_in = CheckpointFile(Path("run"), 0), painting(True, "Full.", "Full.", "Gone.", False)
    for _ in range(5):
        file.after_step(stand_in)
    assert capsys.readouterr().err.splitlines() == [
        "note: Full. The painting goes on without it.",
        "note: Gone. The painting goes on without it.",
    ]
    assert file.is_kept
    file.remove()
    assert not Path("run").exists()


def test_what_it_has_not_written_it_does_not_delete() -> None:
    file = CheckpointFile(Path("run"), 0)
    file.after_step(painting(False))
    Path("run").write_text("of somebody else")
    assert not file.is_kept
    file.remove()
    assert Path("run").read_text() == "of somebody else"


def test_a_file_that_is_not_there_yet_is_no_obstacle(capsys: pytest.CaptureFixture[str]) -> None:
    options = argparse.Namespace(
        checkpoint=Path("run"), checkpoint_every=60, resume=True, output=Path("out.png"), time_lapse=None
    )
    file = CheckpointFile.asked_for(options, [])
    assert file is not None
    file.begin(cast(Painting, SimpleNamespace()), resume=True)
    assert capsys.readouterr().err == "run: not there yet, so it begins at the first step.\n"
