"""Which language a visitor gets."""

from __future__ import annotations

import gradio as gr
import pytest
from starlette.requests import Request

from nst.ui.languages import COOKIE, ENGLISH, LANGUAGES, language_of, words_of


def request(accepted: str | None = None, cookie: str | None = None) -> Request:
    headers = {"accept-language": accepted, "cookie": cookie and f"other=1; {COOKIE}={cookie}"}
    raw = [(name.encode(), value.encode()) for name, value in headers.items() if value is not None]
    return Request({"type": "http", "headers": raw})


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("en-US,en;q=0.9", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("zh", "zh"),
        ("ZH-hant-TW", "zh"),
        ("zh-Hans-CN;q=0.8, en;q=0.7", "zh"),
        ("en;q=0.7, zh;q=0.8", "zh"),
        ("de-DE,de;q=0.9", "en"),
        ("de, zh;q=0.5", "zh"),
        ("zh;q=0, *;q=0.1", "en"),
        ("zh;q=many,,;;;q", "en"),
        ("zhuang", "en"),
    ],
)
def test_a_browser_gets_the_most_wanted_language_that_there_is(accepted: str | None, language: str) -> None:
    assert language_of(request(accepted)) == language


def test_a_choice_by_hand_counts_more_than_what_the_browser_wants() -> None:
    assert language_of(request("zh-CN", "en")) == "en"
    assert language_of(request("en-US", "zh")) == "zh"
    assert language_of(request("zh-CN", "klingon")) == "zh"


def test_a_handler_gets_the_words() -> None:
    assert words_of(gr.Request(request("zh"))) is LANGUAGES["zh"]
    assert words_of(gr.Request(session_hash="a")) is ENGLISH
