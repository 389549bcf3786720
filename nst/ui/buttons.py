"""The two buttons that begin and stop something: one of them can be pressed at a time."""

from __future__ import annotations

from typing import Any

import gradio as gr


def busy() -> tuple[Any, Any]:
    """Updates of both while it is under way."""
    return gr.update(interactive=False), gr.update(interactive=True)


def idle() -> tuple[Any, Any]:
    """Updates of both when it has ended."""
    return gr.update(interactive=True), gr.update(interactive=False)
