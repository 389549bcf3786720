"""What is put into Gradio's page, and what is handed on as it is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import gradio
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from nst.ui.languages import COOKIE
from nst.ui.page_language import BEGIN, PageLanguage, in_language, switch_html

PAGE = '<html lang="en"><head><script>gradio_config = {}</script><script type="module" src="a.js"></script></head>'


def page(_: Request) -> Response:
    return HTMLResponse(PAGE)


def plain(_: Request) -> Response:
    return PlainTextResponse(PAGE)


@pytest.fixture
def client() -> TestClient:
    routes = [Route("/", page), Route("/plain", plain), Route("/gradio_api/file=a.html", page)]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(PageLanguage)]))


@pytest.mark.parametrize(
    ("headers", "tag"),
    [
        ({"Accept-Language": "zh"}, "zh-CN"),
        ({"Accept-Language": "de"}, "en"),
        ({"Accept-Language": "en", "Cookie": f"{COOKIE}=zh"}, "zh-CN"),
    ],
)
def test_the_page_says_its_language_before_gradio_begins(client: TestClient, headers: dict[str, str], tag: str) -> None:
    answer = client.get("/", headers=headers)
    assert answer.text.startswith(f'<html lang="{tag}">')
    script, module = answer.text.index(f'("{tag}", '), answer.text.index('<script type="module"')
    assert answer.text.index("gradio_config = {}") < script < module
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert answer.headers["vary"] == "Cookie, Accept-Language"


@pytest.mark.parametrize("path", ["/plain", "/gradio_api/file=a.html"])
def test_all_else_is_handed_on(client: TestClient, path: str) -> None:
    assert client.get(path, headers={"Accept-Language": "zh"}).text == PAGE


def test_gradios_page_has_the_places_for_it() -> None:
    template = Path(gradio.__file__).parent / "templates" / "frontend" / "index.html"
    made = in_language(template.read_bytes(), "zh").decode()
    assert made.count('lang="zh-CN"') == made.count('"zh-CN", {') == 1
    assert template.read_bytes().count(BEGIN) == 1
    assert made.index("window.gradio_config = ") < made.index('"zh-CN", {')


def test_gradios_own_words_are_given_where_there_are_some() -> None:
    chinese, english = (in_language(PAGE.encode(), language).decode() for language in ("zh", "en"))
    given = re.search(r'\}\)\("zh-CN", (\{.*\})\)</script>', chinese)
    assert given is not None
    assert json.loads(given[1])["Fullscreen"] == "全屏"
    assert '("en", {})' in english


def test_the_switch_names_every_language_by_its_own_name() -> None:
    assert switch_html("zh") == (
        '<nav aria-label="语言"><button lang="en" data-language="en">English</button> / '
        '<span aria-current="true">中文</span></nav>'
    )
