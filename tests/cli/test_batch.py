"""Many pictures from the command line: what is said of them, how it ends, and that nothing is painted twice or lost."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path
from signal import SIGHUP, SIGINT, SIGTERM, Signals

import pytest
from PIL import Image

from nst.cli.main import main
from nst.pictures.reading import load_image
from nst.pictures.writing import save_image
from nst.recipe import Recipe
from nst.serving import host
from tests.cli.support import QUICK, start, wait_for
from tests.conftest import smooth_picture
from tests.strangers_texts import steers
from tests.waiting import SLOW

BATCH = ["batch", "--content", "photos", "--style", "paintings", "--out", "out"]
SLOWER = ["--size", "48", "--start-size", "0", "--first-steps", "60", "--tolerance", "0", "--device", "cpu"]


@pytest.fixture(autouse=True)
def _inputs(folder: Path) -> None:
    """Three photographs and two paintings."""
    for seed, name in enumerate(("photos/ant", "photos/bee", "photos/cat", "paintings/stars", "paintings/waves")):
        Path(name).parent.mkdir(exist_ok=True)
        save_image(smooth_picture(48, 40 + 4 * (seed % 2), seed=seed), f"{name}.png")


def told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines that were said, but for notes: of three steps some end higher than they began."""
    return [line for line in capsys.readouterr().err.splitlines() if ": note: " not in line]


def pictures() -> dict[str, tuple[int, int]]:
    """Which file each picture is and when it was written."""
    return {path.stem: (path.stat().st_ino, path.stat().st_mtime_ns) for path in Path("out").glob("*.png")}


NAMES = ["ant-stars", "bee-stars", "cat-stars", "ant-waves", "bee-waves", "cat-waves"]


def test_each_photograph_is_painted_in_each_style(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*BATCH, *QUICK, "--seed", "5", "--preset", "fast"]) == 0
    lines = told(capsys)
    assert lines[0].startswith("vgg16 (random)")
    for count, name in enumerate(NAMES, 1):
        assert re.fullmatch(rf"{count}/6 {name}: done in \d+\.\d s", lines[count])
    assert re.fullmatch(r"6 of 6: 6 painted, 0 done before, 0 failed in \d+ s; out/index\.html shows them\.", lines[7])
    assert len(lines) == 8
    assert sorted(pictures()) == sorted(NAMES)
    made = load_image("out/bee-waves.png").provenance
    assert made is not None
    expected = Recipe.preset("fast", size=48, start_size=0, first_steps=3, seed=5)
    assert Recipe.from_json(made["recipe"]) == expected
    assert Path("out/index.html").is_file()


def test_the_same_command_again_paints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*BATCH, *QUICK, "--quiet"]) == 0
    before = pictures()
    Path("out/cat-stars.png").unlink()
    capsys.readouterr()
    assert main([*BATCH, *QUICK]) == 0
    lines = told(capsys)
    assert [line.partition(":")[0] for line in lines[1:-1]] == ["3/6 cat-stars"]
    assert "6 of 6: 1 painted, 5 done before, 0 failed" in lines[-1]
    assert {name for name, file in pictures().items() if before[name] != file} == {"cat-stars"}


def test_one_photograph_in_several_styles_by_files_and_patterns(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--content", "photos/ant.png", "--style", "paintings/st*", "--style", "content.png", "style.png"]
    assert main(["batch", *arguments, "-o", "new/out", *QUICK, "--quiet"]) == 0
    assert sorted(path.name for path in Path("new/out").glob("*.png")) == [
        "ant-content.png",
        "ant-stars.png",
        "ant-style.png",
    ]
    assert capsys.readouterr().err.count("\n") == 2


def test_zipped_pairs(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--content", "photos/cat.png", "photos/ant.png", "--style", "paintings", "--pairs", "zip"]
    assert main(["batch", *arguments, "--out", "out", *QUICK]) == 0
    assert sorted(pictures()) == ["ant-waves", "cat-stars"]


def test_bad_files_are_said_once_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    Path("photos/bad.png").write_text("no picture")
    Image.new("RGB", (1600, 20)).save("photos/thin.png")
    Path("out").mkdir()
    Path("out/cat-waves.png").write_text("mine")
    assert main([*BATCH, *QUICK]) == 2
    lines = told(capsys)
    failed = [line for line in lines if "failed" in line]
    assert [line.partition(":")[0] for line in failed[:3]] == ["2/10 bad-stars", "5/10 thin-stars", "9/10 cat-waves"]
    assert failed[3].startswith("10 of 10: 5 painted, 0 done before, 5 failed in ")
    assert failed[4].startswith("failed: photos/bad.png (2 pictures): bad.png is not an image that can be read here")
    assert failed[5].startswith("failed: photos/thin.png (2 pictures): A picture of 1600x20 px would be 48x1 px")
    assert failed[6].startswith("failed: out/cat-waves.png (1 picture): 'out/cat-waves.png' is another file")
    assert len(failed) == 7
    assert len(pictures()) == 6
    assert Path("out/cat-waves.png").read_text() == "mine"
    page = Path("out/index.html").read_text()
    assert "bad.png is not an image" in page
    assert "5 pictures here; 5 failed." in page


def test_what_does_not_fit_the_memory_says_how_it_is_begun(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host, "machine_memory", lambda: 0.0)
    assert main([*BATCH, *QUICK]) == 2
    told = capsys.readouterr().err
    assert told.count("With --ignore-memory it is begun all the same.") == 2 * len(NAMES)
    assert main([*BATCH, *QUICK, "--ignore-memory", "--quiet"]) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--content", "nowhere", "--style", "paintings"], "There is no file or folder 'nowhere'"),
        (["--content", "photos", "--style", "paintings/*.gif"], "No image matches 'paintings/*.gif'"),
        (["--content", "photos", "--style", "paintings", "--pairs", "zip"], "there are 3 and 2"),
        (["--content", "photos", "--style", "out/a.png"], "lies where the pictures go"),
        (["--content", "photos"], "the following arguments are required: --style"),
        (["--content", "photos", "--style", "paintings", "--init", "image"], "init is image, but a batch has none"),
        (["--content", "photos", "--style", "paintings", "--style-blend", "1,2"], "use gramarye stylize"),
        (["--content", "photos", "--style", "paintings", "--out", "elsewhere"], "it can be given only once"),
        (["--input-dir", "photos", "--style", "paintings"], "there is no option --input-dir here: use --content"),
    ],
)
def test_a_mistake_is_one_line_before_anything_is_made(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    Path("elsewhere").mkdir()
    save_image(smooth_picture(32, 32, seed=1), "elsewhere/a.png")
    Path("out").symlink_to("elsewhere")
    assert main(["batch", "--out", "out", *arguments, *QUICK]) == 2
    told = capsys.readouterr().err
    assert message in told
    assert told.count("\n") == 1
    assert [path.name for path in Path("elsewhere").iterdir()] == ["a.png"]


def test_a_strangers_file_name_steers_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    name = "\x1b[2Jgone\n\u202e"
    Path("photos/ant.png").rename(f"photos/{name}.png")
    Path(f"photos/{name}2.png").write_text("no picture")
    assert main([*BATCH, *QUICK]) == 2
    told = capsys.readouterr().err
    assert "\\x1b[2Jgone\\n\\u202e-stars: done in" in told
    assert steers(told) == set()


@pytest.mark.parametrize(("number", "exit_code"), [(SIGINT, 130), (SIGTERM, 143), (SIGHUP, 129)])
def test_a_signal_leaves_what_is_done_and_says_that_it_goes_on(number: Signals, exit_code: int) -> None:
    endless = ["--size", "48", "--start-size", "0", "--first-steps", "10000", "--tolerance", "0", "--device", "cpu"]
    Path("out").mkdir()
    process = start(*BATCH, *endless)
    wait_for("out/thumbnails", process)  # the first content has been read
    process.send_signal(number)
    told = process.communicate(timeout=SLOW)[1].splitlines()
    assert process.returncode == exit_code
    assert told[-2].startswith("0 of 6: 0 painted, 0 done before, 0 failed")
    assert told[-1] == "Stopped: the same command goes on from here."
    assert pictures() == {}
    assert "6 still to be painted" in Path("out/index.html").read_text()


def test_killed_at_any_time_nothing_is_lost_and_nothing_painted_twice(capsys: pytest.CaptureFixture[str]) -> None:
    process = start(*BATCH, *SLOWER)
    wait_for("out/ant-stars.png", process)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    before = pictures()
    assert "ant-stars" in before
    for name in before:
        assert load_image(f"out/{name}.png").width == 48
    assert main([*BATCH, *SLOWER]) == 0
    after = pictures()
    assert sorted(after) == sorted(NAMES)
    assert {name: after[name] for name in before} == before
    expected = f"6 of 6: {6 - len(before)} painted, {len(before)} done before, 0 failed"
    assert expected in capsys.readouterr().err
