from __future__ import annotations

import json
from pathlib import Path

from PIL import Image

from bench.blind.sheet import GAP, MARGIN, save_sheets, sheet
from bench.blind.trials import shuffled
from tests.bench.blind.conftest import BLUE, GREEN, RED, YELLOW

Folders = tuple[Path, Path]


def test_each_row_has_both_pictures_as_the_key_says(folders: Folders, tmp_path: Path) -> None:
    trials = shuffled(*folders, seed=1)
    (path,) = save_sheets(trials, tmp_path / "sheet.png")
    key = json.loads((tmp_path / "sheet.key.json").read_text())
    image = opened(path)
    for row, trial in enumerate(trials):
        colors = [
            "a" if image.getpixel((MARGIN + 30 + place * (60 + GAP), 20 + row * (40 + GAP))) == RED else "b"
            for place in (0, 1)
        ]
        assert key[str(trial.number)] == {"name": trial.name, "left": colors[0], "right": colors[1]}
        assert sorted(colors) == ["a", "b"]


def test_the_sheet_itself_does_not_tell_the_folders(folders: Folders, tmp_path: Path) -> None:
    (path,) = save_sheets(shuffled(*folders, seed=1), tmp_path / "sheet.png")
    assert opened(path).info == {}


def test_content_and_style_stand_before_them_where_they_are_known(folders: Folders, examples: Path) -> None:
    (boat,) = (trial for trial in shuffled(*folders, seed=1) if trial.name == "boat-waves.png")
    image = sheet([boat], examples)
    rows = [image.getpixel((MARGIN + 30, top)) for top in (20, 20 + 40 + GAP)]
    assert [nearest(pixel) for pixel in rows] == [GREEN, YELLOW]
    assert nearest(image.getpixel((MARGIN + 60 + GAP + 30, 20))) in (RED, BLUE)


def opened(path: Path) -> Image.Image:
    with Image.open(path) as image:
        image.load()
        return image


def nearest(pixel: object) -> tuple[int, int, int]:
    """JPEG moves colors a little."""
    assert isinstance(pixel, tuple)
    return min((RED, GREEN, BLUE, YELLOW), key=lambda color: sum(abs(a - b) for a, b in zip(color, pixel, strict=True)))


def test_many_pairs_take_several_sheets_and_one_key(folders: Folders, tmp_path: Path) -> None:
    paths = save_sheets(shuffled(*folders, seed=1), tmp_path / "sheet.png", rows=3)
    assert [path.name for path in paths] == ["sheet-1.png", "sheet-2.png"]
    assert [opened(path).height for path in paths] == [3 * (40 + GAP), 40 + GAP]
    assert list(json.loads((tmp_path / "sheet.key.json").read_text())) == ["1", "2", "3", "4"]
