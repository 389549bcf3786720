"""How soon a newcomer has a picture: `python -m bench.first_picture`.

Opens the page of a server that is up in Chromium, presses Paint at once, and waits until the picture can be taken
along, a visitor after another, each with an empty browser.  Printed and saved are the seconds from the address to that
picture, those until Paint was pressed, and those of the painting as the page says them: the rest is the page's.
Needs the development set (Playwright) and Chromium, which has no cores of its own.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import statistics
import time
from typing import TYPE_CHECKING, Any

from export.screenshots import PATIENCE, served
from nst.painting.backbone import Backbone

from .results import save_results

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def visit(browser: Browser, url: str) -> dict[str, Any]:
    """The seconds of one newcomer, and the size that the page opens with."""
    context = browser.new_context(viewport={"width": 1280, "height": 960}, locale="en-US")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    began = time.monotonic()
    page.goto(url)
    tab = page.locator("#stylize")
    tab.get_by_role("button", name="Paint", exact=True).click()
    pressed = time.monotonic()
    tab.get_by_role("button", name="Download PNG").wait_for()
    there = time.monotonic()
    done = re.search(r"Done in ([\d.]+) s", tab.locator(".status").inner_text())
    assert done is not None
    size = int(tab.get_by_label("Size", exact=True).input_value())
    context.close()
    return {
        "size": size,
        "picture_s": round(there - began, 1),
        "pressed_s": round(pressed - began, 1),
        "painting_s": float(done[1]),
    }


def main() -> None:
    """Measure, print and save."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visitors", type=int, default=5)
    options = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with served() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        visits = [visit(browser, url) for _ in range(options.visitors)]
        browser.close()
    row = {"median_s": statistics.median(each["picture_s"] for each in visits), "visits": visits}
    print(json.dumps(row))
    print(save_results("first_picture", str(Backbone.open()), [row]))


if __name__ == "__main__":
    main()
