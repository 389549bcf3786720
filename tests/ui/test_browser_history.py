"""The history in Chromium: what a visitor has made stays in the visitor's browser, comes back, and can be compared."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from nst.painting.provenance import Provenance
from nst.pictures.reading import load_image
from nst.pictures.writing import save_image
from nst.ui.history_panel import PICTURES, script
from nst.ui.languages import ENGLISH
from tests.conftest import smooth_picture
from tests.strangers_texts import NAME
from tests.ui.conftest import Server
from tests.ui.visitor import IN_A_BROWSER, Visitor
from tests.waiting import SLOW

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = IN_A_BROWSER

playwright = pytest.importorskip("playwright.sync_api")

TIMES = "\N{MULTIPLICATION SIGN}"

DONE = re.compile(r"^Done in [\d.]+ s\.$")

STORED = """work => new Promise((resolve, reject) => {
    const opening = indexedDB.open('gramarye-history');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
        const transaction = opening.result.transaction(['entries', 'originals'], 'readwrite');
        const entries = transaction.objectStore('entries'), reading = entries.getAll();
        reading.onsuccess = () => {
            const [first] = reading.result;
            for (const change of work) entries.put({...first, ...change});
        };
        transaction.oncomplete = () => { opening.result.close(); resolve(reading.result.map(entry => entry.id)); };
    };
})"""
"""Copies of the first entry are put into the history, each changed as it says; gives the ids that were there."""


@pytest.fixture
def visitor(browser: Browser, server: Server) -> Iterator[Visitor]:
    visitor = Visitor(browser, server.url, viewport={"width": 1440, "height": 1000}, accept_downloads=True)
    yield visitor
    assert visitor.complaints == []
    visitor.context.close()
    server.until_free()


def history(page: Page) -> Locator:
    return page.locator("#history")


def tiles(page: Page) -> Locator:
    return history(page).locator("li")


def said(page: Page) -> Locator:
    return history(page).get_by_role("status")


def paint(visitor: Visitor, size: str = "32", strength: str = "75") -> None:
    """With the preset "fast", and wait until it is in the history."""
    count, newest = tiles(visitor.page).count(), tiles(visitor.page).first.locator("button.tile")
    before = newest.get_attribute("data-deed") if count else ""
    visitor.quick(size)
    visitor.type_in(visitor.panel().get_by_label(re.compile("number input for Strength")), strength)
    visitor.button("Paint").click()
    visitor.page.get_by_text(DONE).wait_for()
    playwright.expect(tiles(visitor.page)).to_have_count(min(count + 1, PICTURES))
    playwright.expect(newest).not_to_have_attribute("data-deed", before or "")  # a reloaded page shows its last picture
    visitor.settle()


def reload(visitor: Visitor, start: str = "Paint", task: str = "stylize") -> None:
    """start: what the button is called that begins a painting in the tab that is open then."""
    visitor.page.reload()
    visitor.button(start, task).wait_for()
    visitor.settle()


def test_what_was_made_outlives_a_reload_is_seen_by_nobody_else_and_is_made_again(
    visitor: Visitor, browser: Browser, server: Server, tmp_path: Path
) -> None:
    page = visitor.page
    playwright.expect(history(page)).to_contain_text("Nothing yet")
    for i, label in enumerate(("Content", "Style")):
        visitor.choose_file(label, save_image(smooth_picture(64, 48, seed=i), tmp_path / f"{i} {NAME}.png"))
    paint(visitor, "48", "60")
    other = Visitor(browser, server.url)
    playwright.expect(history(other.page)).to_contain_text("Nothing yet")
    assert tiles(other.page).count() == 0
    other.context.close()
    assert other.complaints == []

    reload(visitor)
    playwright.expect(tiles(page)).to_have_count(1)
    assert "fast, 48 px, strength 60" in tiles(page).inner_text()
    assert "bold [link](javascript-alert) &lt;img src=x" in tiles(page).inner_text()
    tiles(page).get_by_role("button", name="Bring back").click()
    playwright.expect(said(page)).to_contain_text("Brought back, with its recipe")
    panel = visitor.panel()
    playwright.expect(panel.get_by_label("Size", exact=True)).to_have_value("48")
    playwright.expect(panel.get_by_label(re.compile("number input for Strength"))).to_have_value("60")
    assert panel.get_by_label("fast", exact=True).is_checked()
    for i in (0, 1):
        playwright.expect(panel.locator(".image-frame img").nth(i)).to_have_attribute("src", re.compile(rf"/{i}[ %]"))
    visitor.button("Paint").click()
    page.get_by_text(DONE).wait_for()
    playwright.expect(tiles(page)).to_have_count(2)

    with page.expect_download() as started:
        history(page).get_by_role("button", name="Download all as ZIP").click()
    started.value.save_as(path := tmp_path / "all.zip")
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path / "all")
    first, again = sorted((tmp_path / "all").iterdir())
    assert [first.name[:2], again.name[:2]] == ["1-", "2-"]
    for made in (first, again):
        assert (Provenance.of(made).recipe.size, Provenance.of(made).recipe.strength) == (48, 60)
    assert load_image(first).digest == load_image(again).digest
    assert page.locator("#history img[src='x'], #history b, #history strong, #history a").count() == 0


def test_favorites_stay_where_the_oldest_others_go(visitor: Visitor) -> None:
    page = visitor.page
    paint(visitor)
    copies = [{"id": f"copy {i:02}", "made": i} for i in range(PICTURES - 1)]
    page.evaluate(STORED, copies)
    reload(visitor)
    playwright.expect(tiles(page)).to_have_count(PICTURES)
    tiles(page).last.get_by_role("button", name="Favorite").click()
    star = tiles(page).last.get_by_role("button", name="Favorite")
    playwright.expect(star).to_have_attribute("aria-pressed", "true")
    assert star.evaluate("button => button === document.activeElement")
    paint(visitor, "40")
    kept = page.evaluate(STORED, [])
    assert len(kept) == PICTURES
    assert [id for id in kept if id.startswith("copy")] == [
        "copy 00",
        *(f"copy {i:02}" for i in range(2, PICTURES - 1)),
    ]


def test_one_is_deleted_and_then_all_when_asked_twice_in_both_tabs_of_a_browser(
    visitor: Visitor, server: Server
) -> None:
    page = visitor.page
    paint(visitor, "32")
    paint(visitor, "40")
    second = visitor.context.new_page()
    second.set_default_timeout(SLOW * 1000)
    second.goto(server.url)
    playwright.expect(tiles(second)).to_have_count(2)
    tiles(second).first.get_by_role("button", name="Delete").click()
    playwright.expect(tiles(second)).to_have_count(1)
    playwright.expect(tiles(page)).to_have_count(1)
    assert "32 px" in tiles(page).inner_text()
    page.bring_to_front()
    remove = history(page).get_by_role("button", name="Delete all")
    remove.click()
    page.get_by_role("button", name="Keep them").click()
    playwright.expect(page.get_by_role("dialog")).to_have_count(0)
    playwright.expect(tiles(page)).to_have_count(1)
    remove.click()
    page.get_by_role("dialog").get_by_role("button", name="Delete all").click()
    playwright.expect(tiles(page)).to_have_count(0)
    playwright.expect(history(page)).to_contain_text("Nothing yet")
    playwright.expect(tiles(second)).to_have_count(0)
    second.close()
    reload(visitor)  # which finds the last painting again
    page.get_by_text(DONE).wait_for()
    visitor.settle()
    assert tiles(page).count() == 0


def test_two_are_compared_and_one_with_what_it_was_made_of(visitor: Visitor) -> None:
    page = visitor.page
    paint(visitor, "32", "75")
    paint(visitor, "64", "20")
    newer, older = tiles(page).first, tiles(page).last
    newer.get_by_role("button", name="Compare").click()
    pair = history(page).get_by_role("region", name="Compare")
    playwright.expect(pair.get_by_role("combobox", name="B").locator("option:checked")).to_contain_text("Content of A")
    assert pair.get_by_text(ENGLISH("history.differences")).count() == 0
    pair.get_by_role("combobox", name="B").select_option("of:style")
    playwright.expect(pair.locator("img.under")).to_have_attribute("alt", "B: starry_night.jpg")

    older.get_by_role("button", name="Compare").click()
    differences = pair.get_by_role("table", name=ENGLISH("history.differences"))
    playwright.expect(differences).to_be_visible()
    rows = [row.inner_text().split("\t") for row in differences.get_by_role("row").all()]
    assert rows == [
        ["Setting", "A", "B"], ["Strength", "20", "75"], ["Size", "64", "32"],
        ["Pixels", f"64 {TIMES} 36", f"32 {TIMES} 18"],  # the Colosseum is 16 by 9
        *[row for row in rows if row[0] == "Steps"],
    ]  # fmt: skip
    losses = pair.get_by_role("table", name=ENGLISH("history.at_the_end")).get_by_role("row").all()
    assert [row.inner_text().split("\t")[0] for row in losses] == ["Loss", "Content loss", "Style loss"]
    assert all(float(number) > 0 for row in losses[1:] for number in row.inner_text().split("\t")[1:])
    over = pair.locator("img.over")
    boxes = pair.evaluate("""pair => [...pair.querySelectorAll('img')].map(image => {
        const {x, y, width, height} = image.getBoundingClientRect();
        return [x, y, width, height];
    })""")
    assert boxes[0] == boxes[1]
    slider = pair.get_by_role("slider", name="How much of A is seen")
    slider.press("ArrowLeft")
    assert over.evaluate("image => getComputedStyle(image).clipPath") != "none"
    assert pair.locator(".stage").evaluate("stage => stage.style.getPropertyValue('--at')") == "49%"
    pair.get_by_role("button", name="Close").click()
    playwright.expect(pair).to_be_hidden()


def test_a_texture_comes_back_into_its_own_tab(visitor: Visitor) -> None:
    page = visitor.page
    page.get_by_role("tab", name="Content or style").click()
    page.get_by_role("tab", name="Synthesize the style").click()
    panel = visitor.panel("synthesize")
    panel.get_by_label("fast", exact=True).check()
    visitor.type_in(panel.get_by_label("Size", exact=True), "48")
    visitor.button("Synthesize", "synthesize").click()
    playwright.expect(tiles(page)).to_have_count(1)
    reload(visitor, "Synthesize", "synthesize")
    tiles(page).get_by_role("button", name="Bring back starry night, synthesized").press("Enter")
    playwright.expect(panel.locator(".status")).to_contain_text("Made before. Synthesize makes it again.")
    playwright.expect(panel.get_by_label("Size", exact=True)).to_have_value("48")
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.button("Copy link", "synthesize").click()
    page.get_by_text("The link is on the clipboard").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.endswith("/?task=synthesize&preset=fast&size=48&style=starry_night")


def test_where_the_browser_keeps_nothing_that_is_said_and_painting_goes_on(browser: Browser, server: Server) -> None:
    visitor = Visitor(browser, server.url)
    visitor.page.add_init_script("""Object.defineProperty(window, 'indexedDB', {
        value: {open() { throw new DOMException('denied', 'SecurityError'); }}})""")
    reload(visitor)
    playwright.expect(said(visitor.page)).to_have_text(ENGLISH("history.unavailable"))
    visitor.quick("32")
    visitor.button("Paint").click()
    visitor.page.get_by_text(DONE).wait_for()
    visitor.settle()
    assert tiles(visitor.page).count() == 0
    assert history(visitor.page).get_by_role("button", include_hidden=False).count() == 0
    visitor.context.close()
    assert visitor.complaints == []
    server.until_free()


def test_where_the_browser_is_full_the_newest_is_kept_if_others_can_go(visitor: Visitor) -> None:
    page = visitor.page
    paint(visitor)
    page.evaluate("""() => {
        const put = IDBObjectStore.prototype.put;
        IDBObjectStore.prototype.put = function (value) {
            if (this.name === 'entries' && window.room-- <= 0) throw new DOMException('full', 'QuotaExceededError');
            return put.call(this, value);
        };
        window.room = 0;
        const remove = IDBObjectStore.prototype.delete;
        IDBObjectStore.prototype.delete = function (key) { window.room = 1; return remove.call(this, key); };
    }""")
    visitor.quick("40")
    visitor.button("Paint").click()
    playwright.expect(said(page)).to_have_text(ENGLISH("history.kept_crowded"))
    playwright.expect(tiles(page)).to_have_count(1)
    assert "40 px" in tiles(page).inner_text()
    tiles(page).get_by_role("button", name="Favorite").evaluate("button => { window.room = 1; button.click(); }")
    playwright.expect(tiles(page).get_by_role("button", name="Favorite")).to_have_attribute("aria-pressed", "true")
    page.evaluate("window.room = 0")
    visitor.quick("48")
    visitor.button("Paint").click()
    playwright.expect(said(page)).to_have_text(ENGLISH("history.no_room"))
    assert "40 px" in tiles(page).inner_text()


def test_where_the_browser_is_full_whatever_goes_not_all_of_it_goes(visitor: Visitor) -> None:
    page = visitor.page
    paint(visitor)
    page.evaluate(STORED, [{"id": f"copy {i}"} for i in range(9)])
    page.evaluate("""() => {
        const put = IDBObjectStore.prototype.put;
        IDBObjectStore.prototype.put = function (value) {
            if (this.name === 'entries') throw new DOMException('full', 'QuotaExceededError');
            return put.call(this, value);
        };
    }""")
    visitor.button("Paint").click()
    playwright.expect(said(page)).to_have_text(ENGLISH("history.no_room"))
    assert len(page.evaluate(STORED, [])) >= 5  # as some four of its size are more than three times its size


def test_the_oldest_that_are_no_favorites_go_until_all_is_within_bounds(browser: Browser) -> None:
    page = browser.new_page()
    surplus = f"given => {{ {script()[: script().index('const NAME')]} return surplus(...given); }}"

    def entry(id: str, made: int, size: int, *digests: str, favorite: bool = False) -> dict[str, Any]:
        inputs = {str(i): {"digest": digest} for i, digest in enumerate(digests)}
        parts = {"picture": {"size": size}, "thumbnail": {"size": 1}, "inputs": inputs}
        return {"id": id, "made": made, "favorite": favorite, **parts}

    entries = [
        entry("a", 1, 9, "x", favorite=True),
        entry("b", 2, 19, "x", "y"),
        entry("c", 3, 29, "y"),
        entry("d", 4, 9),
    ]
    inputs = [{"digest": name, "blob": {"size": 100}} for name in "xy"]

    def gone(pictures: int, size: int) -> Any:
        return page.evaluate(surplus, [entries, inputs, "d", {"pictures": pictures, "bytes": size}])

    assert gone(4, 270) == []  # 10 + 20 + 30 + 10 of the pictures, and 100 for each input once
    assert gone(4, 269) == ["b"]  # which leaves 250, as c still needs y
    assert gone(4, 249) == ["b", "c"]
    assert gone(3, 270) == ["b"]
    assert gone(2, 120) == ["b", "c"]
    assert gone(1, 270) is None  # a is a favorite, and d has just come
    assert gone(4, 119) is None
    page.close()


def test_the_history_is_accessible_and_fits(visitor: Visitor) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = visitor.page
    paint(visitor)
    page.evaluate(STORED, [{"id": str(i), "made": i, "favorite": i == 1} for i in range(7)])
    for scheme in ("light", "dark"):
        for width in (1440, 390):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 900})
            reload(visitor)
            playwright.expect(tiles(page)).to_have_count(8)
            tiles(page).first.get_by_role("button", name="Compare").click()
            tiles(page).last.get_by_role("button", name="Compare").click()
            playwright.expect(history(page).get_by_role("table")).to_have_count(1)
            visitor.settle()
            report = Axe().run(page, context="#history", options={"runOnly": ["wcag2a", "wcag2aa", "wcag22aa"]})
            assert report.violations_count == 0, report.generate_report()
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            tops = [tile.bounding_box()["y"] for tile in tiles(page).all()]  # type: ignore[index]
            assert tops.count(tops[0]) == (6 if width == 1440 else 3)
