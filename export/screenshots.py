"""Take the documentation's screenshots again: `python -m export.screenshots [NAME...]`.

Opens the real page with the pretrained model in Chromium and uses it: some paintings, a series, a look at two places,
and one at two pictures.  Needs the development set (Playwright) and Chromium.  NAME is a file's in examples/, without
extension.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PIL import Image

from nst.errors import NstError
from nst.locations import EXAMPLES
from nst.network.build import ensure_model
from nst.pictures.writing import write_image

from .making import make_named

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).parent.parent
QUALITY = 88
PATIENCE = 180_000
"""Milliseconds for a painting on a slow machine."""


class ScreenshotError(NstError):
    """The page can't be shown here; the message says what is missing."""


@dataclass(frozen=True)
class Screenshot:
    """width, height: of the window, in pixels.  use: what a visitor does before."""

    width: int
    height: int
    scheme: Literal["light", "dark"]
    use: Callable[[Page], None]


def paint(page: Page) -> None:
    """A quick painting of what the page opens with, up to its end."""
    tab = page.locator("#stylize")
    tab.get_by_label("fast", exact=True).check()
    tab.get_by_label("Size", exact=True).fill("512")
    tab.get_by_role("button", name="Paint", exact=True).click()
    tab.get_by_role("button", name="Download PNG").wait_for(timeout=PATIENCE)
    page.wait_for_timeout(1500)
    page.evaluate("window.scrollTo(0, 0)")
    page.wait_for_timeout(500)


def compare_two_places(page: Page) -> None:
    """The Intuition tab, with two places of the content clicked."""
    page.get_by_role("tab", name="Intuition").click()
    page.locator("#dot .compared").wait_for(timeout=PATIENCE)
    picture = page.locator("#dot .clickable img")
    box = picture.bounding_box()
    assert box is not None
    picture.click(position={"x": 0.36 * box["width"], "y": 0.35 * box["height"]})
    page.wait_for_timeout(1000)
    picture.click(position={"x": 0.5 * box["width"], "y": 0.43 * box["height"]})
    page.wait_for_timeout(2500)
    page.locator("#dot").evaluate("element => element.scrollIntoView()")
    page.mouse.move(0, 0)
    page.wait_for_timeout(500)


def compare_two_pictures(page: Page) -> None:
    """The history, with two pictures that differ in strength laid over one another."""
    tab, history = page.locator("#stylize"), page.locator("#history")
    tab.get_by_label("Size", exact=True).fill("384")
    for count, strength in enumerate(("75", "45"), 1):
        tab.get_by_label("number input for Strength").fill(strength)
        tab.get_by_label("number input for Strength").press("Tab")
        tab.get_by_role("button", name="Paint", exact=True).click()
        history.locator("li").nth(count - 1).wait_for(timeout=PATIENCE)
    for place in (1, 0):
        history.locator("button.compare").nth(place).click()
    page.wait_for_timeout(1500)
    history.evaluate("element => element.scrollIntoView()")
    page.wait_for_timeout(500)


def choose_among_styles(page: Page) -> None:
    """The tab Series, with one photograph in the four styles that it opens with."""
    page.get_by_role("tab", name="Series").click()
    tab = page.locator("#series")
    tab.get_by_role("button", name="Paint series").click()
    tab.get_by_text("All 4 pictures are painted.").wait_for(timeout=PATIENCE)
    page.wait_for_timeout(1500)
    tab.evaluate("element => element.scrollIntoView()")
    page.wait_for_timeout(500)


SHOTS = {
    "page": Screenshot(1280, 960, "light", paint),
    "phone": Screenshot(390, 844, "dark", paint),
    "intuition": Screenshot(1200, 900, "light", compare_two_places),
    "history": Screenshot(1200, 1100, "light", compare_two_pictures),
    "series": Screenshot(1200, 900, "light", choose_among_styles),
}
"""Name -> what it shows."""


def make(name: str, folder: Path = EXAMPLES) -> Path:
    """Take one screenshot and write it as a WebP."""
    from playwright.sync_api import sync_playwright

    shot, chromium = SHOTS[name], shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise ScreenshotError("There is no Chromium here: install Debian's package chromium.")
    with served() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context(
            viewport={"width": shot.width, "height": shot.height}, color_scheme=shot.scheme, locale="en-US"
        )
        page = context.new_page()
        page.goto(url)
        page.get_by_role("button", name=re.compile("^Paint$")).wait_for()
        page.wait_for_load_state("networkidle")
        shot.use(page)
        image = Image.open(io.BytesIO(page.screenshot()))
        browser.close()
    return write_image(image.convert("RGB"), folder / f"{name}.webp", "WEBP", quality=QUALITY, method=6)


@contextmanager
def served() -> Iterator[str]:
    """The page of a process of its own; gives its address."""
    ensure_model()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen([sys.executable, "app.py", "--port", str(port), "--no-browser", "--no-mcp"], cwd=ROOT)
    try:
        while not _answers(url):
            if process.poll() is not None:
                raise ScreenshotError("The page could not be served; what it says stands above.")
            time.sleep(0.2)
        yield url
    finally:
        process.terminate()
        process.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=5) as answer:
            return bool(json.load(answer)["status"] == "ok")
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(make_named(__doc__, SHOTS, make))
