"""Which language a visitor gets: the one that was chosen by hand, else what the browser asks for."""

from __future__ import annotations

import gradio as gr
from starlette.requests import HTTPConnection

from .words import ENGLISH, LANGUAGES, Words

COOKIE = "gramarye_language"
"""What a browser remembers of a choice by hand."""


def words_of(request: gr.Request) -> Words:
    """The words of the language of whoever sends a request to a handler."""
    return ENGLISH if request.request is None else LANGUAGES[language_of(request.request)]


def language_of(request: HTTPConnection) -> str:
    """The language of a visitor, as the files are named: by the cookie, else the most wanted one that there is."""
    if (chosen := request.cookies.get(COOKIE)) in LANGUAGES:
        return str(chosen)
    wanted = (_wanted(entry) for entry in request.headers.get("accept-language", "").split(","))
    known = [(share, language) for share, language in wanted if language in LANGUAGES and share > 0]
    return max(known, key=lambda each: each[0])[1] if known else ENGLISH.language


def _wanted(entry: str) -> tuple[float, str]:
    """Share and language of "zh-Hans-CN;q=0.8": 0.8 and "zh"; a share of 0 for nonsense."""
    tag, _, share = entry.partition(";")
    try:
        weight = float(share.strip().removeprefix("q=")) if share else 1.0
    except ValueError:
        weight = 0.0
    return weight, tag.strip().partition("-")[0].lower()
