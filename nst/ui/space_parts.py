"""What the page has on a Hugging Face Space alone: a copy of one's own, and a post to the Space's community.

Both open a page of huggingface.co in a new tab, on a click; the page itself asks nothing of it.
"""

from __future__ import annotations

import json
import os
import re

import gradio as gr

from .languages import Words, said, words_js

_NAME = re.compile(r"[\w.-]+/[\w.-]+")


def space_name() -> str | None:
    """The Space's owner and name, None elsewhere."""
    name = os.environ.get("SPACE_ID", "")
    return name if _NAME.fullmatch(name) else None


def draw_duplicate() -> None:
    """Gradio's button for a copy of the Space."""
    if space_name():
        gr.DuplicateButton(said("space.duplicate"))


def post_button() -> gr.Button | None:
    """A button beside a result; None where there is no community."""
    return gr.Button(said("space.post"), size="sm", visible=False) if space_name() else None


def post_js() -> str:
    """What it does in the browser, with the link's query and the recipe: it opens a new discussion to be sent."""
    address = json.dumps(f"https://huggingface.co/spaces/{space_name()}/discussions/new")
    return f"""(query, recipe) => {{
        const words = {words_js(_words)};
        const link = location.origin + location.pathname + query;
        const said = {{title: words.title, description: words.text.replace('{{link}}', () => link)
            .replace('{{recipe}}', () => recipe)}};
        window.open({address} + '?' + new URLSearchParams(said), '_blank', 'noopener');
    }}"""


def _words(words: Words) -> dict[str, str]:
    """With places for what the browser knows."""
    return {"title": words("space.post_title"), "text": words("space.post_text", link="{link}", recipe="{recipe}")}
