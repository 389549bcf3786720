"""A series from the command line: what is said of it, how it ends, and that nobody's file is lost."""

from __future__ import annotations

import re
from pathlib import Path
from signal import SIGINT

import pytest
from PIL import Image

from nst.cli.main import main
from nst.painting.provenance import Provenance
from nst.pictures.writing import save_image
from nst.recipe import Recipe
from nst.serving import host
from nst.serving.axes import SIZE
from tests.cli.support import start, wait_for
from tests.conftest import smooth_picture
from tests.waiting import SLOW

GRID = ["grid", "--content", "content.png", "--style", "style.png"]
QUICK = ["--size", "32", "--start-size", "0", "--first-steps", "3", "--device", "cpu"]


@pytest.fixture(autouse=True)
def _inputs(folder: Path) -> None:
    """A second style."""
    save_image(smooth_picture(40, 40, seed=3), "waves.png")


def told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().err.splitlines()


def test_two_settings_give_a_sheet_and_a_picture_of_each_cell(capsys: pytest.CaptureFixture[str]) -> None:
    varied = ["--vary", "strength=20,60", "--vary", "style-scale=0.5,1"]
    assert main([*GRID, *varied, *QUICK, "--seed", "5", "--preset", "fast", "--cells", "new/cells"]) == 0
    lines = told(capsys)
    assert lines[0].startswith("vgg16 (random)")
    assert re.fullmatch(r"4 pictures of up to 32x27 px: about \d+ s\.", lines[1])
    labels = [f"style scale {scale}, strength {strength}" for scale in ("0.5", "1") for strength in (20, 60)]
    for number, label in enumerate(labels, 1):
        assert re.fullmatch(
            rf"{number}/4 {label}: done in \d+\.\d s" + (r", about \d+ s left" if number < 4 else ""), lines[1 + number]
        )
    assert re.fullmatch(r"4 of 4 painted, 0 failed in \d+ s; sheet\.png shows them\.", lines[6])
    assert len(lines) == 7
    with Image.open("sheet.png") as sheet:
        assert sheet.format == "PNG"
    cells = sorted(Path("new/cells").iterdir())
    assert [path.name for path in cells] == [
        f"{number}-content-style-style_scale_{scale}-strength_{strength}.png"
        for number, (scale, strength) in enumerate([("0.5", 20), ("0.5", 60), ("1", 20), ("1", 60)], 1)
    ]
    expected = Recipe.preset("fast", size=32, start_size=0, first_steps=3, seed=5, strength=60, style_scale=0.5)
    assert Provenance.of(cells[1]).recipe == expected


def test_several_styles_at_the_small_size(capsys: pytest.CaptureFixture[str]) -> None:
    long = ["--preset", "fast", "--upscale", "--first-steps", "1", "--start-size", "0", "--device", "cpu"]
    assert main(["grid", "--content", "content.png", "--style", "style.png", "wav*.png", *long, "-o", "out.png"]) == 0
    lines = told(capsys)
    assert lines[1].startswith(f"2 pictures of up to {SIZE}x{SIZE * 5 // 6} px: about ")
    assert [line.partition(":")[0] for line in lines[2:4]] == ["1/2 style", "2/2 waves"]
    assert Path("out.png").exists()


def test_quiet_says_where_it_is_and_nothing_on_the_way(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*GRID, "--vary", "seed=1,2", *QUICK, "--quiet"]) == 0
    assert len(told(capsys)) == 2


def test_a_bad_file_stops_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    Path("bad.png").write_text("no picture")
    assert main(["grid", "--content", "content.png", "--style", "bad.png", "style.png", "waves.png", *QUICK]) == 2
    lines = told(capsys)
    assert "1/3 bad: failed: bad.png is not an image that can be read here" in lines[2]
    assert lines[5].startswith("2 of 3 painted, 1 failed in ")
    assert Path("sheet.png").exists()


def test_what_does_not_fit_the_memory_says_how_it_is_begun(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host, "machine_memory", lambda: 0.0)
    assert main([*GRID, "--vary", "seed=1,2", *QUICK]) == 2
    said = capsys.readouterr().err
    assert said.count("With --ignore-memory it is begun all the same.") == 2
    assert "0 of 2 painted, 2 failed" in said
    assert "nothing was written." in said
    assert not Path("sheet.png").exists()
    assert main([*GRID, "--vary", "seed=1,2", *QUICK, "--ignore-memory", "--quiet"]) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "There is nothing to vary yet: give several styles, or a setting with values, strength=20,40,60."),
        (["--vary", "strength=20,400"], "argument --vary: strength is 400: allowed is a number, 0 to 100."),
        (["--vary", "strenght=20"], "Did you mean 'strength'?"),
        (["--vary", "strength=20,40", "--strength", "30"], "--strength and --vary strength=… exclude each other"),
        (["--vary", "size=16,32"], "--size and --vary size=… exclude each other: give one of them."),
        (["--vary", "seed=1,2", "-o", "style.png"], "'style.png' is an input"),
        (["--vary", "seed=1,2", "-o", "sheet.txt"], "does not end in a format that can be written"),
        (["--vary", "seed=1,2", "--style-blend", "1,2"], "use gramarye stylize"),
        (["--vary", "seed=1,2", "--output-dir", "x"], "there is no option --output-dir here: use --cells"),
        (["--vary", "seed=1", "--vary", "tv_weight=1", "--vary", "size=16"], "exclude each other"),
        (["--style", "gone.png"], "There is no file or folder 'gone.png'"),
    ],
)
def test_a_mistake_is_one_line_before_anything_is_made(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    before = sorted(Path().iterdir())
    assert main([*GRID, *QUICK, *arguments]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1
    assert sorted(Path().iterdir()) == before


def test_a_file_that_no_such_run_wrote_stays_and_one_that_it_wrote_is_written_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("cells").mkdir()
    mine = Path("cells/1-content-style-seed_1.png")
    mine.write_text("mine")
    assert main([*GRID, "--vary", "seed=1,2", *QUICK, "--cells", "cells"]) == 2
    assert "would take the place of a file that this run did not write" in capsys.readouterr().err
    assert [path.name for path in Path("cells").iterdir()] == [mine.name]
    assert mine.read_text() == "mine"
    mine.unlink()
    assert main([*GRID, "--vary", "seed=1,2", *QUICK, "--cells", "cells"]) == 0
    assert main([*GRID, "--vary", "seed=1,2", *QUICK, "--cells", "cells"]) == 0


def test_ctrl_c_keeps_what_is_there() -> None:
    endless = ["--size", "32", "--start-size", "0", "--tolerance", "0", "--device", "cpu"]
    process = start(*GRID, *endless, "--vary", "first_steps=1,10000", "--cells", "cells")
    wait_for("sheet.png", process)
    process.send_signal(SIGINT)
    said = process.communicate(timeout=SLOW)[1].splitlines()
    assert process.returncode == 130
    assert said[-1].startswith("1 of 2 painted, 0 failed in ")
    assert [path.name for path in Path("cells").iterdir()] == ["1-content-style-first_steps_1.png"]
    with Image.open("sheet.png") as sheet:
        sheet.load()
