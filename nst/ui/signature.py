"""The signature of an endpoint's handler, which is what the documentation and the clients see of it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import gradio as gr


def sign(handler: Callable[..., Any], defaults: Mapping[str, Any]) -> None:
    """Give a handler that takes a request and any values parameters with names.

    defaults: by name, in the order of its inputs.
    """
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    client = inspect.Parameter("request", kind, annotation=gr.Request)
    parameters = [inspect.Parameter(name, kind, default=default) for name, default in defaults.items()]
    handler.__signature__ = inspect.Signature([client, *parameters])  # type: ignore[attr-defined]
