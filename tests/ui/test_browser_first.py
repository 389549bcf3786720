"""The page in Debian's Chromium: what a newcomer meets, a reload in a painting, links, and what is dropped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from nst.locations import EXAMPLES
from tests.ui.conftest import Server
from tests.ui.visitor import IN_A_BROWSER, Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = IN_A_BROWSER

playwright = pytest.importorskip("playwright.sync_api")

STEPS = 10_000
"""Of a painting that is still under way whatever a test does meanwhile."""

UNLOADED = re.compile("AbortError|Connection errored out")


@pytest.fixture
def visitor(browser: Browser, server: Server) -> Iterator[Visitor]:
    visitor = Visitor(browser, server.url, viewport={"width": 1440, "height": 1000})
    yield visitor
    assert visitor.complaints == []
    visitor.context.close()
    server.until_free()


def paint_for_long(visitor: Visitor) -> None:
    visitor.quick("64")
    visitor.button("All settings").click()
    visitor.type_in(visitor.panel().get_by_label("First steps"), str(STEPS))
    visitor.type_in(visitor.panel().get_by_label("Tolerance"), "0")
    visitor.button("Paint").click()
    playwright.expect(visitor.panel().locator(".status")).to_contain_text(re.compile(r"step \d+ of"))


def reload(visitor: Visitor) -> None:
    """Gradio complains that its stream ends."""
    visitor.page.reload()
    visitor.button("Paint").wait_for()
    visitor.complaints[:] = [words for words in visitor.complaints if not UNLOADED.search(words)]


def test_a_reload_finds_a_painting_that_goes_on_and_its_end(visitor: Visitor, server: Server) -> None:
    panel = visitor.panel()
    panel.locator(".picks").first.get_by_role("button", name="Oakland Zoo otters").click()
    playwright.expect(panel.locator(".image-frame img").first).to_have_attribute("src", re.compile("otters"))
    paint_for_long(visitor)
    reload(visitor)
    status = panel.locator(".status")
    playwright.expect(status).to_contain_text(re.compile(r"step \d+ of"))
    playwright.expect(visitor.button("Paint")).to_be_disabled()
    playwright.expect(panel.get_by_role("button", name="The picture as it grows").locator("img")).to_be_visible()
    playwright.expect(panel.get_by_label("Size", exact=True)).to_have_value("64")
    playwright.expect(panel.locator(".image-frame img").first).to_have_attribute("src", re.compile("otters"))
    visitor.button("Stop").click()
    playwright.expect(status).to_contain_text("Stopped at step")
    playwright.expect(visitor.button("Paint")).to_be_enabled()
    playwright.expect(visitor.button("Download PNG")).to_be_visible()
    server.until_free()
    reload(visitor)  # and so is what has ended
    playwright.expect(status).to_contain_text("Stopped at step")
    playwright.expect(visitor.button("Download PNG")).to_be_visible()
    playwright.expect(visitor.button("Paint")).to_be_enabled()
    visitor.button("Reset").click()
    playwright.expect(status).to_contain_text("Colosseum")
    reload(visitor)  # but not what was turned away from
    visitor.settle()
    playwright.expect(status).to_contain_text("Colosseum")
    playwright.expect(visitor.button("Paint")).to_be_enabled()


def test_who_is_gone_gives_way_and_nobody_else_finds_it(browser: Browser, server: Server, visitor: Visitor) -> None:
    left = Visitor(browser, server.url)
    paint_for_long(left)
    left.context.close()
    other = Visitor(browser, server.url)
    other.settle()
    assert "Colosseum" in other.status()
    other.button("Paint").click()  # who is gone keeps nobody waiting for the minute
    playwright.expect(other.panel().locator(".status")).to_contain_text(re.compile(r"step \d+ of"))
    other.button("Stop").click()
    server.until_free()
    other.context.close()
    assert other.complaints == left.complaints == []


LINK = "/?task=synthesize&preset=fast&size=64&style=seurat_grande_jatte&__theme=dark"


def test_a_link_opens_the_tab_with_its_settings_and_examples(browser: Browser, server: Server) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 900})
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(server.url + LINK)
    panel = page.locator("#synthesize")
    playwright.expect(panel.get_by_text("A link has brought these settings. Press Synthesize.")).to_be_visible()
    playwright.expect(panel.get_by_label("Size", exact=True)).to_have_value("64")
    playwright.expect(panel.get_by_label("fast", exact=True)).to_be_checked()
    playwright.expect(panel.locator(".image-frame img").first).to_have_attribute("src", re.compile("seurat"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.goto(f"{server.url}/?strength=1000")
    playwright.expect(page.get_by_text("strength is 1000: allowed is a number, 0 to 100")).to_be_visible()
    playwright.expect(page.locator("#stylize .status")).to_contain_text("Colosseum")
    assert all(address.startswith((server.url, "data:", "blob:")) for address in asked)
    context.close()


def test_a_link_is_followed_where_something_was_painted_before(visitor: Visitor, server: Server) -> None:
    panel = visitor.panel()
    visitor.quick("32")
    visitor.button("Paint").click()
    visitor.button("Copy link").wait_for()
    playwright.expect(visitor.button("Paint")).to_be_enabled()
    visitor.settle()
    visitor.page.goto(f"{server.url}/?preset=fast&size=48&content=otters&style=klimt_mada")
    panel.get_by_text("A link has brought these settings. Press Paint.").wait_for()
    playwright.expect(panel.get_by_label("Size", exact=True)).to_have_value("48")


def test_what_is_dropped_on_the_page_is_the_content_and_offers_its_recipe(visitor: Visitor) -> None:
    panel = visitor.panel()
    visitor.drop(EXAMPLES / "finished" / "chelsea-van_gogh_bouquet.jpg")
    playwright.expect(panel.locator(".image-frame img").first).to_have_attribute("src", re.compile("dropped"))
    playwright.expect(panel.get_by_label("fast", exact=True)).to_be_checked()  # as a processor opens
    offer = panel.get_by_role("button", name="This picture was made with Gramarye: load its recipe")
    offer.click()
    playwright.expect(panel.get_by_label("balanced", exact=True)).to_be_checked()
    playwright.expect(panel.get_by_label("Size", exact=True)).to_have_value("640")
    panel.locator(".finished button").first.click()
    playwright.expect(offer).to_be_hidden()


def test_the_title_says_how_far_it_is_and_that_it_is_done_until_it_is_looked_at(visitor: Visitor) -> None:
    visitor.page.evaluate("window.looks = false; document.hasFocus = () => window.looks;")
    visitor.quick("32")
    playwright.expect(visitor.panel().locator(".estimate")).to_contain_text("Paint takes about")
    visitor.button("Paint").click()
    playwright.expect(visitor.page).to_have_title("Done · Gramarye")
    visitor.page.evaluate("window.looks = true")
    playwright.expect(visitor.page).to_have_title("Gramarye")
    paint_for_long(visitor)
    playwright.expect(visitor.page).to_have_title(re.compile(r"^\d+% · Gramarye$"))
    visitor.button("Stop").click()
    playwright.expect(visitor.page).to_have_title("Gramarye")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_result_on_a_phone_is_accessible_and_fits(browser: Browser, server: Server, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    visitor = Visitor(browser, server.url, viewport={"width": 390, "height": 900}, color_scheme=scheme)
    visitor.quick("32")
    visitor.button("Paint").click()
    visitor.button("Copy link").wait_for()
    playwright.expect(visitor.button("Paint")).to_be_enabled()
    playwright.expect(visitor.panel().locator(".estimate")).to_be_visible()
    visitor.settle()
    report = Axe().run(visitor.page, options={"runOnly": ["wcag2a", "wcag2aa"]})
    assert report.violations_count == 0, report.generate_report()
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= 390
    visitor.context.close()
    assert visitor.complaints == []
