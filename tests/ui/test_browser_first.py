"""The page in Debian's Chromium: a painting that survives a reload."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

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
