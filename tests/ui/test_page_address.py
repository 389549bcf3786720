"""What a client is told to call, wherever the page is served."""

from __future__ import annotations

from typing import Any

import gradio as gr
import pytest
from starlette.requests import Request

from nst.ui.page_address import KEY, server_of
from tests.conftest import unset


def asked(*, behind_proxy: bool, **headers: str) -> gr.Request:
    """A request as the page gets it, which listens without TLS."""
    named = {"host": "127.0.0.1:7860", **{f"x-forwarded-{key}": value for key, value in headers.items()}}
    scope: dict[str, Any] = {
        "type": "http", "scheme": "http", "path": "/gradio_api/queue/join", "query_string": b"a=b", KEY: behind_proxy,
        "headers": [(key.encode(), value.encode()) for key, value in named.items()],
    }  # fmt: skip
    return gr.Request(Request(scope))


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    unset(monkeypatch, "SPACE_ID")


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        ({}, "http://127.0.0.1:7860/"),
        ({"proto": "https"}, "https://127.0.0.1:7860/"),
        ({"proto": "https", "host": "art.example"}, "https://art.example/"),
        ({"proto": "https, http", "host": "art.example:8443, inner"}, "https://art.example:8443/"),
        ({"proto": "javascript"}, "http://127.0.0.1:7860/"),
    ],
)
def test_behind_a_proxy_it_is_the_proxys_address(headers: dict[str, str], address: str) -> None:
    assert server_of(asked(behind_proxy=True, **headers)) == address


def test_without_a_proxy_nobody_else_says_where_it_is() -> None:
    request = asked(behind_proxy=False, proto="https", host="evil.example")
    assert server_of(request) == "http://127.0.0.1:7860/"


def test_a_space_is_called_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPACE_ID", "me/gramarye")
    assert server_of(asked(behind_proxy=True, proto="https")) == "me/gramarye"
