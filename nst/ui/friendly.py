"""The project's own errors as one friendly sentence for whoever called, on the page or through the API."""

from __future__ import annotations

import html
from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr

from ..errors import NstError
from .full_disk import SENTENCE, is_full_disk


@contextmanager
def friendly(*, on_page: bool = True) -> Iterator[None]:
    """Turn NstErrors, and a full disk, into Gradio's errors, which reach every client as they are, without a traceback.

    on_page: they are shown as HTML, in which a stranger's file name must stay plain text.
    """
    try:
        yield
    except (NstError, OSError) as error:
        if is_full_disk(error):
            raise gr.Error(SENTENCE, print_exception=False) from None
        if not isinstance(error, NstError):
            raise
        sentence = html.escape(str(error)) if on_page else str(error)
        raise gr.Error(sentence, print_exception=False) from None
