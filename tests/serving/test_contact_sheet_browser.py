"""The contact sheet in Chromium, opened from its folder: all of it is seen, and nothing is asked for or run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nst.pictures.writing import save_image
from nst.recipe import Recipe
from nst.serving.contact_sheet import ContactSheet
from nst.serving.pairs import Pair, PairMode, pair_up
from tests.conftest import smooth_picture
from tests.strangers_texts import MARKUP
from tests.ui.visitor import IN_A_BROWSER
from tests.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = IN_A_BROWSER

CONTENTS = ["a/50% #1?.jpg", f"a/{MARKUP.replace('/', '')}.jpg", "a/\"grün\" & 'snow'.jpg", "b/50% #1?.jpg"]
STYLES = ["s/waves.jpg", f"s/{'long' * 30}.jpg", "s/<b>stars.jpg", "s/x.jpg"]
WIDTHS = [1440, 390]


@pytest.fixture(params=["all", "zip"])
def pairs(request: pytest.FixtureRequest, tmp_path: Path) -> list[Pair]:
    """A sheet in a folder: of each row a picture, a failure and what waits."""
    mode: PairMode = request.param
    out = tmp_path / "out #1 %41"
    out.mkdir()
    pairs = pair_up(list(map(Path, CONTENTS)), list(map(Path, STYLES)), out, mode)
    sheet = ContactSheet(out, pairs, Recipe())
    for seed, path in enumerate(map(Path, CONTENTS[:3] + STYLES[:3])):
        sheet.show_input(path, smooth_picture(64, 48, seed=seed))
    for i, pair in enumerate(pairs):
        if i % 3 == 0:
            picture = smooth_picture(320, 200, seed=i)
            save_image(picture, pair.output)
            sheet.show(pair, picture)
        elif i % 3 == 1:
            sheet.show_failure(pair, f"{pair.content.name} is not an image that can be read here. {'long' * 40}")
    sheet.write()
    return pairs


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_seen_whole_and_asks_for_nothing(browser: Browser, pairs: list[Pair], width: int, scheme: str) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    folder = pairs[0].output.parent
    page.on(
        "request", lambda request: None if request.url.startswith(folder.as_uri()) else complaints.append(request.url)
    )
    page.goto((folder / "index.html").as_uri())
    show_all(page)
    images = page.locator("img").evaluate_all("all => all.map(one => one.complete && one.naturalWidth > 0)")
    assert images
    assert all(images)
    assert page.locator("img[onerror], script, td b, th b").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert complaints == []
    violations = audit(page)
    page.close()
    assert violations == []


def test_each_picture_leads_to_its_file(browser: Browser, pairs: list[Pair]) -> None:
    page = browser.new_page()
    page.goto((pairs[0].output.parent / "index.html").as_uri())
    painted = {pair.output.as_uri() for pair in pairs if pair.output.is_file()}
    links = page.locator("td > a").evaluate_all("all => all.map(one => one.href)")
    assert len(links) == len(painted)
    for link in links:
        page.goto(link)
        assert page.locator("img").evaluate("one => one.naturalWidth") == 320
    page.close()


def show_all(page: Page) -> None:
    """Scroll through, as pictures are loaded when they come into view."""
    for image in page.locator("img:visible").all():
        image.scroll_into_view_if_needed()
    page.locator("img").evaluate_all("all => { for (const one of all) one.loading = 'eager' }")
    until(lambda: page.evaluate("[...document.images].every(one => one.complete)"))  # its own waiting evaluates text


def audit(page: Page) -> list[str]:
    """What axe finds wrong, contrast included."""
    from axe_playwright_python.sync_playwright import Axe

    response = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa"]}).response
    return [f"{found['id']}: {found['nodes'][0]['html']}" for found in response["violations"]]
