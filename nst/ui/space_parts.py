"""What the page has on a Hugging Face Space alone: a copy of one's own, and a post to the Space's community.

Both open a page of huggingface.co in a new tab, on a click; the page itself asks nothing of it.
"""

from __future__ import annotations

import json
import os
import re

import gradio as gr

DUPLICATE, POST = "Duplicate this Space", "Post to the community"

POST_TITLE = "A picture made with Gramarye"
POST_TEXT = "Drop the picture here.\n\n[The same settings]({link})\n\n```json\n{recipe}\n```\n"

_NAME = re.compile(r"[\w.-]+/[\w.-]+")


def space_name() -> str | None:
    """The Space's owner and name, None elsewhere."""
    name = os.environ.get("SPACE_ID", "")
    return name if _NAME.fullmatch(name) else None


def draw_duplicate() -> None:
    """Gradio's button for a copy of the Space."""
    if space_name():
        gr.DuplicateButton(DUPLICATE)


def post_button() -> gr.Button | None:
    """A button beside a result; None where there is no community."""
    return gr.Button(POST, size="sm", visible=False) if space_name() else None


def post_js() -> str:
    """What it does in the browser, with the link's query and the recipe: it opens a new discussion to be sent."""
    address = json.dumps(f"https://huggingface.co/spaces/{space_name()}/discussions/new")
    return f"""(query, recipe) => {{
        const text = {json.dumps(POST_TEXT)};
        const link = location.origin + location.pathname + query;
        const said = {{title: {json.dumps(POST_TITLE)}, description: text.replace('{{link}}', () => link)
            .replace('{{recipe}}', () => recipe)}};
        window.open({address} + '?' + new URLSearchParams(said), '_blank', 'noopener');
    }}"""
