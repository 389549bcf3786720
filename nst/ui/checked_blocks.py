"""A page all of whose events look at what they are sent before Gradio does."""

from __future__ import annotations

import asyncio
import html
import logging
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeGuard

import gradio as gr

from ..errors import BusyError, ImageError, RecipeError
from .friendly import friendly, in_words
from .languages import ENGLISH, Words, words_of
from .sent_image import MAX_FETCHED, addresses_in, as_file, as_files, local_file
from .web_address import Fetcher

FAILED = "Something went wrong on the server, where it has been noted: check what was sent, or try again."

LARGEST = 2**63 - 1
"""Of whole numbers: Gradio fails at writing a larger one into its answer."""

DEPTH = 50
"""How deep what is sent may be nested: Python itself can follow about 1000 levels."""

FETCHING_CALLS = 8
"""Calls whose images may be fetched at a time."""

_FETCHERS = ThreadPoolExecutor(FETCHING_CALLS, thread_name_prefix="fetching pictures")
_fetching = threading.Semaphore(FETCHING_CALLS)

_log = logging.getLogger(__name__)


class CheckedBlocks(gr.Blocks):
    """A page whose events, public and private, get no file but those that were uploaded, and answer in words.

    fetcher: for images that are given by their address, None where none are fetched.

    Gradio looks only at values that call themselves files (by `meta`); those that do not are opened all the same.  It
    fetches what is named by an address, of any size.  Of values of a wrong type it prints a traceback, and tells the
    client nothing.  And it keeps what each session sent and was shown, which is of use for deep links alone.
    """

    fetcher: Fetcher | None = None

    async def process_api(self, block_fn: Any, inputs: Any, *args: Any, **options: Any) -> dict[str, Any]:
        """As Gradio's, through which every call goes; what fails in it without words of its own gets some.

        Visitors of the page get them in their language, programs in English.
        """
        try:
            processed: dict[str, Any] = await super().process_api(block_fn, inputs, *args, **options)
        except Exception as error:
            if not _is_in_words(error):
                _log.error("%s", _failure(block_fn, error))
                error = gr.Error(FAILED, print_exception=False)
            raise in_words(error, _words_for(block_fn, options.get("request"))) from None
        return processed

    async def preprocess_data(
        self, block_fn: Any, inputs: list[Any], state: Any, explicit_call: bool = False
    ) -> list[Any]:
        """As Gradio's, which all data of all events goes through, after a look at the files in it."""
        on_page = block_fn.api_visibility == "private"
        with friendly(on_page=on_page):
            images = [i for i, block in enumerate(block_fn.inputs[: len(inputs)]) if isinstance(block, gr.Image)]
            lists = [i for i, block in enumerate(block_fn.inputs[: len(inputs)]) if _takes_several_files(block)]
            for i in images:
                inputs[i] = as_file(inputs[i]) if isinstance(inputs[i], str) else inputs[i]
            for i in lists:
                inputs[i] = as_files(inputs[i])
            inputs[:] = await _kept_here(inputs, self.fetcher)
            for i in images:
                as_file(inputs[i])  # says what is none
        try:
            processed: list[Any] = await super().preprocess_data(block_fn, inputs, state, explicit_call)
        except Exception as error:
            if _is_in_words(error):
                raise
            sentence = _wrong_value(block_fn, error)
            raise gr.Error(html.escape(sentence) if on_page else sentence, print_exception=False) from None
        finally:
            _forget_values(state)
        return processed

    async def postprocess_data(self, block_fn: Any, predictions: Any, state: Any) -> list[Any]:
        """As Gradio's, which copies files to where it serves them, with a word to the visitor if the disk is full."""
        try:
            with friendly():
                processed: list[Any] = await super().postprocess_data(block_fn, predictions, state)
        finally:
            _forget_values(state)
        return processed


def _takes_several_files(block: Any) -> bool:
    return isinstance(block, (gr.File, gr.UploadButton)) and block.file_count == "multiple"


def _words_for(block_fn: Any, request: Any) -> Words:
    on_page = block_fn.api_visibility == "private"
    return words_of(request) if on_page and isinstance(request, gr.Request) else ENGLISH


def _is_in_words(error: Exception) -> TypeGuard[gr.Error]:
    """True for an error of ours; Gradio's own quote all that was sent, and come with a traceback in the log."""
    return isinstance(error, gr.Error) and not error.print_exception


def _failure(block_fn: Any, error: Exception) -> str:
    """What went wrong, and where, in one line: either a bug, or sent by somebody who does not use the page."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    where = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
    name = getattr(block_fn, "api_name", None) or "an event"
    return f"{name} failed: {type(error).__name__} at {where}: {str(error)[:200]!a}"


def _wrong_value(block_fn: Any, error: Exception) -> str:
    """What is said of data that a component can't take; in the log as well, in one line."""
    where = f"/{block_fn.api_name}" if block_fn.api_name else "the event"
    reason = " ".join(str(error.__cause__ or error).split())[:150]
    sentence = f"A value that was sent to {where} is of a wrong type or out of range: {ascii(reason)[1:-1]}"
    _log.warning("refused: %s", sentence)
    return sentence


def _forget_values(state: Any) -> None:
    if state is not None:
        state.config_values.clear()


async def _kept_here(inputs: list[Any], fetcher: Fetcher | None) -> list[Any]:
    """As `_with_local_files`, on a thread, which for what is fetched is none of those that everybody's events need.

    Raises ImageError for more addresses than a task takes, BusyError where pictures of many others are fetched.
    """
    count = len(addresses_in(inputs)) if fetcher else 0
    if not count:
        return await asyncio.to_thread(_with_local_files, inputs, fetcher)
    if count > MAX_FETCHED:
        raise ImageError(f"{count} images are given by their address, and {MAX_FETCHED} are the most: upload them.")
    if not _fetching.acquire(blocking=False):
        raise BusyError(f"Pictures are fetched for {FETCHING_CALLS} others: try again in a minute, or upload yours.")
    fetched = _FETCHERS.submit(_with_local_files, inputs, fetcher)
    fetched.add_done_callback(lambda _: _fetching.release())
    kept: list[Any] = await asyncio.wrap_future(fetched)
    return kept


def _with_local_files(data: Any, fetcher: Fetcher | None, depth: int = 0) -> Any:
    """The same data with all that Gradio might take for a file, however deep in it, led to the folder of uploads."""
    if depth > DEPTH:
        raise RecipeError(f"What was sent is nested more than {DEPTH} times: no parameter is.")
    if isinstance(data, dict):
        data = local_file(data, fetcher) if {"path", "url"} & data.keys() else data
        return {key: _with_local_files(value, fetcher, depth + 1) for key, value in data.items()}
    if isinstance(data, str) and not data.isascii():
        return data.encode(errors="replace").decode()  # halves of characters, which no answer can be written with
    if isinstance(data, int) and abs(data) > LARGEST:
        raise RecipeError("A whole number of more than 19 digits was sent: no parameter takes one.")
    if isinstance(data, (list, tuple)):
        return [_with_local_files(value, fetcher, depth + 1) for value in data]
    return data
