"""What strangers write comes back as text, whatever else it could be taken for: on the page and in the log.

What a browser makes of it is in test_browser_escaping.py.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any

import pytest

from tests.strangers_texts import MARKUP, NAME, TEXT, picture_with, recipes_of_a_stranger, steers
from tests.ui.by_hand import Page, called, error_in, page_of, sent, uploaded
from tests.ui.conftest import Server


@pytest.fixture(scope="module")
def page(server: Server) -> Page:
    return page_of(server)


@pytest.fixture(autouse=True)
def _the_log_steers_no_terminal(server: Server) -> Iterator[None]:
    before = len(server.log.read_text())
    yield
    log = server.log.read_text()[before:]
    assert steers(log) == set()
    assert "Traceback" not in log


def require_plain(shown: str) -> None:
    """HTML that is nothing but text."""
    assert len(shown) > 15
    assert "<" not in shown
    assert steers(html.unescape(shown)) == set()


def event_named(page: Page, name: str) -> tuple[dict[str, Any], int]:
    """The first of this name, and its first input."""
    return next((event, place) for event, place in page.events() if event["api_name"] == name)


def test_the_name_of_a_file_that_is_no_picture(page: Page) -> None:
    file = uploaded(page.server, f"{NAME}.png", b"no picture")
    shown = error_in(page.heard(*event_named(page, "check_upload"), file))
    require_plain(shown)
    assert "__bold__ [link](javascript-alert)" in shown


@pytest.mark.parametrize("what", recipes_of_a_stranger())
def test_a_recipe_in_a_picture(page: Page, what: str) -> None:
    metadata = recipes_of_a_stranger()[what]
    file = uploaded(page.server, f"{NAME}.png", picture_with(metadata))
    shown = error_in(page.heard(*page.events("file")[0], file))
    require_plain(shown)
    assert "img src=x onerror=alert(1)" in shown


def test_a_value_in_place_of_each_setting(page: Page) -> None:
    """Of the page's own events, with no picture, so that nothing is painted where one takes it."""
    paints = [event for event, place in page.events() if event["api_name"].startswith("_paint") and place == 0]
    assert len(paints) == 3
    for event in paints:
        opening = [None if isinstance(value, dict) else value for value in page.values(event)]
        for place in range(len(opening)):
            data = [*opening[:place], TEXT, *opening[place + 1 :]]
            require_plain(error_in(page.messages(event, data)[-1]))


def test_a_value_of_every_event(page: Page) -> None:
    events, given_back = {event["id"]: (event, place) for event, place in page.events()}, set()
    for event, place in events.values():
        if event["api_visibility"] == "private":
            answer = page.heard(event, place, TEXT)
            if shown := error_in(answer):
                require_plain(shown)
            elif "<img src=x" in answer:
                given_back.add(event["api_name"])
    assert given_back <= {"_latest_shares"}  # which only moves what the visitor's own page shows already


def test_a_client_is_told_as_it_is_and_the_log_in_one_line(server: Server) -> None:
    answer = called(server, {"content": None, "style": None, "preset": TEXT})
    assert MARKUP in answer  # JSON, in which nothing is run
    assert steers(answer) <= {"\r"}


def test_an_address_a_name_and_a_path_in_the_log(server: Server) -> None:
    """Which refuse what they are sent."""
    for route in ("call/%1b[31mred", "call/v2/%e2%80%aegnp", "run/%0d%0atwo"):
        with pytest.raises(OSError, match="HTTP Error"):
            sent(server, route, b'{"data": []}', "application/json")
