"""From an engine's job to a Gradio handler: news as they come, and errors as one friendly sentence."""

from __future__ import annotations

import asyncio
import html
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager

import gradio as gr
from gradio.context import LocalContext

from ..errors import NstError
from ..serving.engine import Engine, Job

POLL = 0.05
HEARTBEAT = 0.35
"""Seconds; Gradio sees that a client has gone only when its handler yields, so it yields without news as well."""


ABANDONED = 15.0
"""Seconds of messages that nobody has read, after which a client is taken to have left before it ever listened."""


async def watch(engine: Engine, job: Job, request: gr.Request) -> AsyncGenerator[bool]:
    """Yield whenever there is something to say of a job, and once when it is finished.

    That is True with every new snapshot, and False when its place in the line has moved, or when `HEARTBEAT`
    seconds have passed.

    Leaving the iterator stops the job: close it with `contextlib.aclosing`, so that this happens at once when
    a client cancels or vanishes.  request: the client's, to see whether it listens at all.  Raises what made the
    job fail.
    """
    try:
        shown, place, at = None, -1, -HEARTBEAT
        while not job.finished:
            if _unread(request) * HEARTBEAT > ABANDONED:
                return
            now, news = time.monotonic(), job.snapshot is not shown
            if news or engine.place(job) != place or now - at > HEARTBEAT:
                shown, place, at = job.snapshot, engine.place(job), now
                yield news
            await asyncio.sleep(POLL)
        if job.error is not None:
            raise job.error
        yield True
    finally:
        job.stop()


def _unread(request: gr.Request) -> int:
    """Messages that wait for a client.  Gradio runs a job to its end even if its stream is never opened."""
    blocks = LocalContext.blocks.get()
    assert blocks is not None
    messages = blocks._queue.pending_messages_per_session.get(str(request.session_hash))
    return messages.qsize() if messages else 0


@contextmanager
def friendly(*, on_page: bool = True) -> Iterator[None]:
    """Turn the project's own errors into Gradio's, which reach every client as they are, without a traceback.

    on_page: they are shown as HTML, in which a stranger's file name must stay plain text.
    """
    try:
        yield
    except NstError as error:
        words = html.escape(str(error)) if on_page else str(error)
        raise gr.Error(words, print_exception=False) from None
