"""A visitor of the page, in Debian's Chromium."""

from __future__ import annotations

import base64
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.waiting import SLOW, until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Request

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

IN_A_BROWSER = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine"),
]
"""The marks of a file of tests that need one."""


STILL = """
document.fonts.status === "loaded" && document.getAnimations().every(one => one.playState !== "running")
"""


class Visitor:
    """A page, and everything that must not happen on it."""

    def __init__(self, browser: Browser, url: str, *, start: str = "Paint", **options: Any) -> None:
        """start: what the button is called that begins a painting."""
        self.complaints: list[str] = []
        self._asking: set[Request] = set()
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(SLOW * 1000)
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self._local(request.url, url))
        self.page.on("request", self._asks)
        self.page.on("requestfinished", self._has_heard)
        self.page.on("requestfailed", self._has_heard)
        self.page.on("framenavigated", lambda _: self._asking.clear())  # whose ends nobody tells
        self.page.goto(url)
        self.button(start).wait_for()
        self.page.wait_for_load_state("networkidle")

    def _local(self, address: str, url: str) -> None:
        if not address.startswith((url, "data:", "blob:")):
            self.complaints.append(f"a request to {address}")

    def _asks(self, request: Request) -> None:
        self._asking.add(request)

    def _has_heard(self, request: Request) -> None:
        self._asking.discard(request)

    def settle(self) -> None:
        """Wait until the page has heard all that it has asked for, and nothing on it moves any more."""
        until(lambda: self.page.evaluate(STILL) and not self._awaited(), lambda: f"awaited: {self._awaited()}")

    def _awaited(self) -> list[str]:
        return [request.url for request in self._asking if "/heartbeat/" not in request.url]

    def button(self, name: str, task: str = "stylize") -> Locator:
        """By its name, behind which an accordion's has an arrow."""
        return self.panel(task).get_by_role("button", name=re.compile(f"^{name}( ▼)?$"))

    def panel(self, task: str = "stylize") -> Locator:
        return self.page.locator(f"#{task}")

    def choose_file(self, label: str, path: Path) -> None:
        """Into the image input of this label, after emptying it."""
        block = self.page.locator(".block", has=self.page.get_by_text(label, exact=True)).first
        if (clear := block.get_by_role("button", name=re.compile("clear|remove", re.I))).count():
            clear.first.click()
        block.locator("input[type=file]").first.set_input_files(path)
        block.locator("img").first.wait_for()

    def load_recipe(self, path: Path) -> None:
        self.button("Load recipe").click()
        self.panel().get_by_text("Drop a picture made with Gramarye").wait_for()
        self.panel().locator("input[type=file]").last.set_input_files(path)

    def quick(self, size: str = "128") -> None:
        self.panel().get_by_label("fast", exact=True).check()
        self.type_in(self.panel().get_by_label("Size", exact=True), size)

    def type_in(self, field: Locator, text: str) -> None:
        """Into a field, once it stands: one that an accordion has just shown takes its own value a moment later."""
        field.wait_for()
        self.settle()
        field.fill(text)
        self.settle()
        assert field.input_value() == text

    def drop(self, path: Path) -> None:
        """On the page's head, where there is no field for it."""
        self.page.evaluate(
            """encoded => {
                const bytes = Uint8Array.from(atob(encoded), one => one.charCodeAt(0));
                const files = new DataTransfer(), head = document.querySelector('#head');
                files.items.add(new File([bytes], 'dropped.jpg', {type: 'image/jpeg'}));
                const options = {bubbles: true, cancelable: true, dataTransfer: files};
                head.dispatchEvent(new DragEvent('dragover', options));
                window.shown = !document.querySelector('#drop-overlay').hidden;
                head.dispatchEvent(new DragEvent('drop', options));
            }""",
            base64.b64encode(path.read_bytes()).decode(),
        )
        assert self.page.evaluate("window.shown")

    def status(self) -> str:
        return self.panel().locator(".status").inner_text()
