"""The project's own errors as one friendly sentence for whoever called, on the page or through the API."""

from __future__ import annotations

import html
from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr

from ..errors import NstError
from .full_disk import SENTENCE, is_full_disk
from .languages import ENGLISH, Words

LONGEST = 600
"""Characters of a sentence; those of this project have fewer, but for the values that they quote."""


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
        sentence = _brief(str(error))
        sentence = html.escape(sentence) if on_page else sentence
        raise gr.Error(sentence, print_exception=False) from None


def in_words(error: gr.Error, words: Words) -> gr.Error:
    """An error for a visitor of the page, in the visitor's language as far as its sentence is known there."""
    if words is ENGLISH:
        return error
    english = html.unescape(error.message)
    own = words.sentence(english)
    return gr.Error(
        error.message if own == english else html.escape(own), duration=error.duration, title=words("page.error"),
        print_exception=error.print_exception,
    )  # fmt: skip


def _brief(sentence: str) -> str:
    """Without its middle, if it is long: there stands a value as a stranger sent it."""
    if len(sentence) <= LONGEST:
        return sentence
    return f"{sentence[: LONGEST // 2]} … {sentence[-LONGEST // 2 :]}"
