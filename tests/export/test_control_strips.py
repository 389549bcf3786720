"""The strips of the settings: what they are made of is there, and the pictures stand as they should."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from PIL import Image

from export.control_strips import FOLDER, GAP, PANEL, STRIPS, Panel, below, beside
from nst.locations import EXAMPLES


def test_every_strip_has_its_picture_and_no_other_is_there() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(STRIPS)


@pytest.mark.parametrize("panel", {repr(p): p for rows in STRIPS.values() for row in rows for p in row}.values())
def test_a_panel_is_made_of_what_lies_here_and_of_settings_that_exist(panel: Panel) -> None:
    places = [EXAMPLES / kind / f"{panel.content}.jpg" for kind in ("content", "style")]
    assert panel.content is None or any(place.is_file() for place in places)
    assert all((EXAMPLES / "style" / f"{style}.jpg").is_file() for style in panel.styles)
    for mask in (panel.mask, panel.style_mask):
        assert mask is None or (EXAMPLES / "mask" / f"{mask}.png").is_file()


@pytest.mark.parametrize("rows", STRIPS.values(), ids=STRIPS)
def test_all_panels_of_a_strip_are_of_one_size(rows: Sequence[Sequence[Panel]]) -> None:
    sizes = {panel.recipe.size * (2 if panel.tiled else 1) for row in rows for panel in row}
    assert len(sizes) == 1
    assert min(sizes) >= PANEL


def plain(width: int, height: int, color: str) -> Image.Image:
    return Image.new("RGB", (width, height), color)


def test_a_row_has_the_height_of_its_lowest_picture_and_a_gap_between_two() -> None:
    row = beside([plain(40, 20, "red"), plain(60, 60, "blue")])
    assert row.size == (40 + GAP + 20, 20)
    assert row.getpixel((39, 10)) == (255, 0, 0)
    assert row.getpixel((40, 10)) == row.getpixel((39 + GAP, 10)) == (255, 255, 255)
    assert row.getpixel((40 + GAP, 10)) == (0, 0, 255)


def test_a_sheet_has_its_rows_below_one_another() -> None:
    sheet = below([plain(30, 10, "red"), plain(20, 5, "blue")])
    assert sheet.size == (30, 15 + GAP)
    assert sheet.getpixel((0, 10 + GAP)) == (0, 0, 255)
    assert sheet.getpixel((25, 10 + GAP)) == (255, 255, 255)
