"""The endpoints as tools of agents, by the Model Context Protocol, where the extra `gradio[mcp]` is installed."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import gradio as gr

EXTRA = "gradio[mcp]==6.31.0"
"""What pip is to install for it."""


def is_installed() -> bool:
    """True if tools can be served.  Gradio itself says nothing where they can't."""
    return find_spec("mcp") is not None


def mend(page: gr.Blocks) -> None:
    """Have every tool of a launched page give all of its outputs, also to an agent that asks for no progress.

    Gradio 6.31 sends such an agent the outputs as one text, in which an image is a path on the server.
    """
    server: Any = page.mcp_server_obj
    one_text = server._execute_tool_without_progress

    async def each(job: Any) -> list[Any]:
        (result,) = await one_text(job)
        return list(result) if isinstance(result, tuple) else [result]

    server._execute_tool_without_progress = each
