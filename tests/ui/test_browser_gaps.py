"""What Gradio's own page looks like and is called, for which `nst.ui.gradio_gaps` has CSS and a script.

A test that begins with "gradio" fails when Gradio has closed the gap: what stands in for it can go then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.ui.small_page import serving_lines
from tests.ui.visitor import IN_A_BROWSER, STILL
from tests.waiting import SLOW

pytestmark = IN_A_BROWSER

PLAIN = """
import sys
import gradio as gr
from PIL import Image
from nst.ui.gradio_gaps import CSS, NAME_BUTTONS
from nst.ui.theme import THEME

mended = sys.argv[1] == "mended"
pictures = [(Image.new("RGB", (60, 40), color), color) for color in ("red", "green", "blue", "gray", "black")]
with gr.Blocks(analytics_enabled=False) as page:
    gr.Image(pictures[0][0], label="A red picture", interactive=False, elem_classes="picture")
    gr.Gallery(pictures, columns=4, height="auto", allow_preview=False, interactive=False, elem_classes="picks")
    with gr.Tabs():
        for name in ("Reconstruct the content", "Synthesize the style", "A third tab", "A fourth tab"):
            with gr.Tab(name, elem_id="intuition"):
                gr.Markdown("$$ x + y $$")
    if mended:
        page.load(None, None, None, js=NAME_BUTTONS, api_visibility="private")
page.launch(quiet=True, prevent_thread_lock=True, ssr_mode=False, theme=THEME, css=CSS if mended else None,
    footer_links=["api", "settings"])
print(page.local_url, flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module", params=["plain", "mended"])
def shown(request: pytest.FixtureRequest, browser: Any) -> Iterator[tuple[bool, Any]]:
    """Whether the gaps are made up for, and a small page in a browser, in the dark."""
    with serving_lines(PLAIN, request.param) as address:
        page = browser.new_page(viewport={"width": 1200, "height": 900}, color_scheme="dark")
        page.set_default_timeout(SLOW * 1000)
        page.goto(address)
        page.locator(".picks img").nth(4).wait_for()
        page.locator("#intuition .katex").first.wait_for()
        if request.param == "mended":
            page.locator("button[aria-label='A red picture']").wait_for()
            page.locator(".picks button[aria-label='black']").wait_for()
        page.wait_for_function("[...document.images].every(image => image.complete)")
        page.wait_for_function(STILL)
        yield request.param == "mended", page
        page.close()


def css(element: Any, name: str) -> str:
    return str(element.evaluate(f"element => getComputedStyle(element).{name}"))


def test_gradio_numbers_thumbnails_and_leaves_a_large_image_without_a_name(shown: tuple[bool, Any]) -> None:
    mended, page = shown
    thumbnails = [button.get_attribute("aria-label") for button in page.locator(".picks button:has(img)").all()]
    image = page.locator("button:has(img)").first.get_attribute("aria-label")
    if mended:
        assert thumbnails == ["red", "green", "blue", "gray", "black"]
        assert image == "A red picture"
    else:
        assert thumbnails[0] == "Thumbnail 1 of 5"
        assert image is None


def test_gradio_has_as_many_columns_as_one_says_whatever_fits(shown: tuple[bool, Any]) -> None:
    mended, page = shown
    columns = len(css(page.locator(".picks .grid-container"), "gridTemplateColumns").split())
    assert columns > 10 if mended else columns == 4


def test_gradio_lays_captions_over_thumbnails(shown: tuple[bool, Any]) -> None:
    mended, page = shown
    assert page.locator(".picks .caption-label").first.is_visible() is not mended


def test_gradio_keeps_room_below_the_pictures_of_a_gallery(shown: tuple[bool, Any]) -> None:
    mended, page = shown
    page.set_viewport_size({"width": 390, "height": 844})  # where the pictures take less than the least height
    last = page.locator(".picks img").last.bounding_box()
    whole = page.locator(".picks .grid-wrap").bounding_box()
    page.set_viewport_size({"width": 1200, "height": 900})
    assert (whole["y"] + whole["height"] - last["y"] - last["height"] < 20) is mended


def test_gradio_has_rows_of_a_least_height(shown: tuple[bool, Any]) -> None:
    mended, page = shown
    assert (css(page.locator(".picks .grid-container"), "gridAutoRows") == "auto") is mended


def test_gradio_cuts_off_formulas(shown: tuple[bool, Any]) -> None:
    mended, page = shown
    block = page.locator("#intuition .block:has(.katex)").first
    assert (css(block, "overflow") == "visible") is mended


def test_gradio_shows_a_chosen_tab_darker_than_can_be_read_in_the_dark(shown: tuple[bool, Any]) -> None:
    mended, page = shown
    color = css(page.locator("button[role=tab].selected").first, "color")
    assert (luminance(color) > 0.3) is mended  # 4.5 times that of a ground as dark as the page's


def luminance(color: str) -> float:
    """The relative luminance of "rgb(r, g, b)", 0 to 1, as in WCAG 2."""
    bands = [int(band) / 255 for band in re.findall(r"\d+", color)[:3]]
    red, green, blue = (band / 12.92 if band <= 0.04045 else ((band + 0.055) / 1.055) ** 2.4 for band in bands)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_gradio_leaves_a_small_image_small_in_its_frame(shown: tuple[bool, Any]) -> None:
    mended, page = shown
    image = page.locator(".picture .image-frame img")
    assert css(image, "objectFit") == ("contain" if mended else "scale-down")


def test_gradio_gives_tabs_more_room_than_a_phone_has(shown: tuple[bool, Any]) -> None:
    mended, page = shown
    page.set_viewport_size({"width": 390, "height": 844})
    padding = float(css(page.locator(".tab-container button").first, "paddingLeft").removesuffix("px"))
    page.set_viewport_size({"width": 1200, "height": 900})
    assert (padding <= 6) is mended


def test_a_button_that_has_words_keeps_them(shown: tuple[bool, Any]) -> None:
    _, page = shown
    assert page.get_by_role("button", name="Use via API").count() == 1
