from __future__ import annotations

from PIL import Image

from export.sheets import GAP, below, beside


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
