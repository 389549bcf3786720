"""Where visitors reach the page: what a client of theirs is to be given."""

from __future__ import annotations

import os

import gradio as gr
from starlette.requests import Request

KEY = "gramarye.behind_proxy"
"""Where a request's scope keeps whether a proxy stands before the page, whose X-Forwarded-… are true."""


def server_of(request: gr.Request) -> str:
    """The Space's name, or the address that the visitor uses, with a slash at its end."""
    assert request.request is not None
    return os.environ.get("SPACE_ID") or page_address(request.request)


def page_address(request: Request) -> str:
    """Behind a proxy the page itself is asked by http, and maybe by another name."""
    address = request.base_url
    if not request.scope.get(KEY):
        return str(address)
    scheme, host = (_first(request, f"x-forwarded-{name}") for name in ("proto", "host"))
    if scheme in ("http", "https"):
        address = address.replace(scheme=scheme)
    return str(address.replace(netloc=host) if host else address)


def _first(request: Request, name: str) -> str:
    """Of what several proxies say, the word of the one nearest to the visitor."""
    return request.headers.get(name, "").split(",")[0].strip()
