"""What a browser shows of yields that come close together: all of them.

Of Gradio's own, whether the first are lost depends on how busy the browser is; test_whole_values.py says why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ui.small_page import serving_lines
from tests.ui.visitor import IN_A_BROWSER
from tests.waiting import SLOW

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = IN_A_BROWSER

playwright = pytest.importorskip("playwright.sync_api")

CLOSE_TOGETHER = """
import sys
import gradio as gr
from nst.ui.whole_values import send_whole_values

LISTENING = "watch('value', () => element.append(JSON.stringify(props.value)))"

def told():
    yield {row: gr.update(visible=True), picture: gr.update(visible=True)}
    yield {heard: {"made": 1}}
    yield {last: "The end"}

with gr.Blocks(analytics_enabled=False) as page:
    start = gr.Button("Start")
    with gr.Row(visible=False) as row:
        gr.Button("Shown")
    picture = gr.Image(visible=False)
    heard = gr.HTML(None, html_template="", js_on_load=LISTENING, elem_id="heard")
    last = gr.Markdown()
    start.click(told, None, [row, picture, heard, last])
send_whole_values(page)
page.launch(quiet=True, prevent_thread_lock=True, ssr_mode=False)
print(page.local_url, flush=True)
sys.stdin.read()
"""


def test_no_yield_is_lost_to_the_next(browser: Browser) -> None:
    with serving_lines(CLOSE_TOGETHER) as address:
        page = browser.new_page()
        page.set_default_timeout(SLOW * 1000)
        page.goto(address)
        page.get_by_role("button", name="Start").click()
        page.get_by_text("The end").wait_for()
        playwright.expect(page.locator("#heard")).to_have_text('{"made":1}')
        page.get_by_role("button", name="Shown").wait_for()
        page.close()
