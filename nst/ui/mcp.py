"""The endpoints as tools of agents, by the Model Context Protocol, where the extra `gradio[mcp]` is installed."""

from __future__ import annotations

from importlib.util import find_spec

import gradio as gr

EXTRA = f"gradio[mcp]=={gr.__version__}"
"""What pip is to install for it, beside the Gradio that is here."""


def is_installed() -> bool:
    """True if tools can be served.  Gradio itself says nothing where they can't."""
    return find_spec("mcp") is not None
