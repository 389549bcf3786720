"""The tab of series in Debian's Chromium, against the real app."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from nst.locations import EXAMPLES
from nst.pictures.writing import save_image
from tests.conftest import smooth_picture
from tests.ui.conftest import Server
from tests.ui.visitor import IN_A_BROWSER, Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

pytestmark = IN_A_BROWSER

playwright = pytest.importorskip("playwright.sync_api")


@pytest.fixture
def visitor(browser: Browser, server: Server) -> Iterator[Visitor]:
    visitor = Visitor(browser, server.url, viewport={"width": 1440, "height": 1000}, accept_downloads=True)
    open_series(visitor)
    yield visitor
    assert visitor.complaints == []
    visitor.context.close()
    server.until_free()


def open_series(visitor: Visitor) -> None:
    """With pictures that are small."""
    visitor.page.get_by_role("tab", name="Series").click()
    panel = series(visitor)
    panel.get_by_label("fast", exact=True).check()
    visitor.type_in(panel.get_by_label("Size of each"), "32")
    panel.get_by_label("Size of each").press("Tab")
    foretold(visitor, r"4 pictures of up to 32x18 px: about \d+ (s|min)\.")


def series(visitor: Visitor) -> Locator:
    return visitor.panel("series")


def foretold(visitor: Visitor, words: str) -> None:
    series(visitor).get_by_text(re.compile(f"^{words}$")).first.wait_for()


def chosen(visitor: Visitor) -> Locator:
    return visitor.page.locator("#chosen-styles").locator("button:has(img)")


def leave_but_one(visitor: Visitor) -> None:
    for count in (3, 2, 1):
        chosen(visitor).last.click()
        playwright.expect(chosen(visitor)).to_have_count(count)


def vary(visitor: Visitor, label: str, setting: str, values: str, suggested: str) -> None:
    """By the dropdown and the text box of one of the two directions.  suggested: what that has at first."""
    panel = series(visitor)
    panel.get_by_label(label, exact=True).click()
    visitor.page.get_by_role("option", name=setting, exact=True).click()
    box = panel.get_by_label(label.replace("Vary", "Values"), exact=True)
    playwright.expect(box).to_have_value(suggested)
    visitor.type_in(box, values)


def finished(visitor: Visitor, count: int) -> Locator:
    """The buttons of so many pictures, all of them painted."""
    series(visitor).get_by_text(f"All {count} pictures are painted.").wait_for()
    cells = series(visitor).locator("button[data-cell]")
    playwright.expect(cells).to_have_count(count)
    return cells


def test_what_is_dropped_on_the_page_is_the_photograph(visitor: Visitor) -> None:
    visitor.drop(EXAMPLES / "content" / "otters.jpg")
    playwright.expect(series(visitor).locator(".image-frame img").first).to_have_attribute("src", re.compile("dropped"))


def test_two_settings_fill_a_table_and_a_picture_of_it_is_painted_large(visitor: Visitor, tmp_path: Path) -> None:
    leave_but_one(visitor)
    foretold(visitor, "There is nothing to vary yet: .*")
    vary(visitor, "Vary", "First steps", "1, 2", suggested="30, 60, 120")
    foretold(visitor, "2 pictures of up to 32x18 px: .*")
    vary(visitor, "Vary as well", "Strength", "20, 60", suggested="20, 40, 60, 80")
    foretold(visitor, "4 pictures of up to 32x18 px: .*")
    panel = series(visitor)
    visitor.button("Paint series", "series").click()
    cells = finished(visitor, 4)
    assert panel.locator(".series th").all_inner_texts() == [
        "first steps 1", "first steps 2", "strength 20", "strength 60",
    ]  # fmt: skip
    assert "size 32" in panel.locator(".series > p").inner_text()
    with visitor.page.expect_download() as download:
        panel.get_by_text("Download the sheet").click()
    download.value.save_as(tmp_path / "sheet.png")
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.format == "PNG"
        assert sheet.width > 2 * 256
    cells.nth(3).click()
    playwright.expect(visitor.panel().locator(".status")).to_contain_text("strength 60, first steps 2, small as in the")
    assert visitor.page.get_by_role("tab", name="Stylize").get_attribute("aria-selected") == "true"
    playwright.expect(visitor.panel().get_by_label(re.compile("number input for Strength"))).to_have_value("60")
    assert int(visitor.panel().get_by_label("Size", exact=True).input_value()) > 32
    visitor.button("All settings").click()
    playwright.expect(visitor.panel().get_by_label("First steps")).to_have_value("2")
    assert "starry_night" in str(visitor.panel().locator(".image-frame img").nth(1).get_attribute("src"))


def test_styles_of_ones_own_are_taken_and_left(visitor: Visitor, tmp_path: Path) -> None:
    leave_but_one(visitor)
    own = [save_image(smooth_picture(48, 40, seed), tmp_path / f"my {seed}.png") for seed in (1, 2)]
    with visitor.page.expect_file_chooser() as chooser:
        visitor.button("Add your own styles", "series").click()
    chooser.value.set_files(own)
    playwright.expect(chosen(visitor)).to_have_count(3)
    examples = series(visitor).locator(".picks").nth(1)
    examples.get_by_role("button", name=re.compile("The Starry Night", re.I)).click()  # which was the first of them
    playwright.expect(chosen(visitor)).to_have_count(2)
    vary(visitor, "Vary", "First steps", "1", suggested="30, 60, 120")
    foretold(visitor, "2 pictures of up to 32x18 px: .*")
    visitor.button("Paint series", "series").click()
    finished(visitor, 2)
    assert series(visitor).locator(".series th").all_inner_texts() == ["first steps 1", "my 1", "my 2"]


def test_what_is_stopped_keeps_what_is_there(visitor: Visitor, server: Server) -> None:
    leave_but_one(visitor)
    vary(visitor, "Vary", "First steps", "1, 10000", suggested="30, 60, 120")
    vary(visitor, "Vary as well", "Tolerance", "0", suggested="0.0025, 0.005, 0.01")
    foretold(visitor, r"2 pictures of up to .*")
    visitor.button("Paint series", "series").click()
    series(visitor).get_by_text(
        re.compile(r"^Picture 2 of 2 \(tolerance 0, first steps 10000\): step .* left for all\.")
    )
    series(visitor).locator("button[data-cell]").wait_for()
    visitor.button("Stop", "series").click()
    series(visitor).get_by_text("Stopped: 1 of 2 pictures are painted.").wait_for()
    playwright.expect(series(visitor).locator(".series .empty")).to_have_text("not painted")
    playwright.expect(visitor.button("Paint series", "series")).to_be_enabled()
    server.until_free()


def test_what_is_no_series_is_said_beforehand_and_when_it_is_begun(visitor: Visitor) -> None:
    vary(visitor, "Vary", "Strength", "20, 400", suggested="20, 40, 60, 80")
    foretold(visitor, "strength is 400: allowed is a number, 0 to 100\\.")
    visitor.button("Paint series", "series").click()
    visitor.page.locator(".toast-body").get_by_text("strength is 400").wait_for()
    playwright.expect(visitor.button("Paint series", "series")).to_be_enabled()


def test_the_tab_is_accessible_and_fits(visitor: Visitor) -> None:
    """With a table that is wider than a phone, in light and dark, on a desk and on a phone."""
    from axe_playwright_python.sync_playwright import Axe

    page = visitor.page
    vary(visitor, "Vary", "First steps", "1, 2, 3, 4", suggested="30, 60, 120")
    foretold(visitor, "16 pictures of up to 32x18 px: .*")
    visitor.button("Paint series", "series").click()
    finished(visitor, 16)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(f"document.body.classList.contains('dark') === {str(scheme == 'dark').lower()}")
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 900})
            visitor.settle()
            report = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa"]})
            assert report.violations_count == 0, (scheme, width, report.generate_report())
            assert page.evaluate("document.documentElement.scrollWidth") <= width
