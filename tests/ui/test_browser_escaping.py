"""What strangers write, in Chromium: it is read as text, and nothing of it is run, linked or set in bold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nst.pictures.writing import save_image
from tests.conftest import smooth_picture
from tests.strangers_texts import NAME, picture_with, recipes_of_a_stranger
from tests.ui.conftest import Server
from tests.ui.visitor import IN_A_BROWSER, Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog

pytestmark = IN_A_BROWSER

ELEMENTS = "img[src='x'], img[onerror], a[href^='javascript'], strong:text('bold'), b:text('bold'), em:text('bold')"
"""What the texts would be, were they taken for more than text."""


@pytest.fixture
def visitor(browser: Browser, server: Server) -> Iterator[Visitor]:
    visitor = Visitor(browser, server.url, viewport={"width": 1440, "height": 1000})

    def complain(dialog: Dialog) -> None:
        visitor.complaints.append(dialog.message)
        dialog.dismiss()

    visitor.page.on("dialog", complain)
    yield visitor
    visitor.settle()  # an image that were one would have been asked for
    assert visitor.page.locator(ELEMENTS).count() == 0
    assert visitor.complaints == []
    visitor.context.close()
    server.until_free()


def toast(visitor: Visitor) -> str:
    """The words of the one message that is shown; closed afterwards."""
    message = visitor.page.get_by_test_id("toast-text").first
    message.wait_for()
    assert visitor.page.locator(ELEMENTS).count() == 0
    text = message.inner_text()
    visitor.page.get_by_test_id("toast-close").first.click()
    message.wait_for(state="detached")
    return text


def test_the_name_of_a_file_that_is_no_picture(visitor: Visitor, tmp_path: Path) -> None:
    (path := tmp_path / f"{NAME}.png").write_bytes(b"no picture")
    block = visitor.page.locator(".block", has=visitor.page.get_by_text("Content", exact=True)).first
    block.get_by_role("button", name=re.compile("clear|remove", re.I)).first.click()
    block.locator("input[type=file]").first.set_input_files(path)
    assert "__bold__ [link](javascript-alert)" in toast(visitor)
    visitor.complaints[:] = [words for words in visitor.complaints if "bold" not in words]  # it is no picture to show


@pytest.mark.parametrize("what", recipes_of_a_stranger())
def test_a_recipe_in_a_picture(visitor: Visitor, tmp_path: Path, what: str) -> None:
    (path := tmp_path / f"{NAME}.png").write_bytes(picture_with(recipes_of_a_stranger()[what]))
    visitor.load_recipe(path)
    assert "img src=x onerror=alert(1)" in toast(visitor)


def test_a_setting_that_is_typed_in(visitor: Visitor) -> None:
    visitor.button("More styles, masks, importance, init image").click()
    visitor.button("All settings").click()
    visitor.type_in(visitor.panel().get_by_label("Style blend"), "<img src=x onerror=alert(1)>**bold**")
    visitor.button("Paint").click()
    assert "<img src=x onerror=alert(1)>**bold**" in toast(visitor)


def test_names_of_pictures_that_are_painted(visitor: Visitor, tmp_path: Path) -> None:
    for i, label in enumerate(("Content", "Style")):
        visitor.choose_file(label, save_image(smooth_picture(64, 48, seed=i), tmp_path / f"{i} {NAME}.png"))
    visitor.quick("48")
    visitor.button("Paint").click()
    visitor.page.get_by_text(re.compile(r"^Done in [\d.]+ s\.$")).wait_for()
    visitor.button("Recipe and Python call").click()
    assert "__bold__ [link](javascript-alert)" in visitor.panel().locator(".cm-content").nth(1).inner_text()
