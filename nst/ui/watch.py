"""From a worker's job to a Gradio handler that streams: when there is something new to show."""

from __future__ import annotations

import asyncio
import copy
import time
import traceback
from collections.abc import AsyncGenerator

import gradio as gr

from ..errors import NstError
from ..serving.job import Job
from ..serving.worker import Worker
from .gradio_gaps import unread_messages

POLL = 0.05
HEARTBEAT = 0.35
"""Seconds; Gradio sees that a client has gone only when its handler yields, so it yields without news as well."""

ABANDONED = 15.0
"""Seconds of unread messages after which a client is taken to have left before it ever listened."""


async def watch(worker: Worker, job: Job, request: gr.Request, *, may_outlive: bool = False) -> AsyncGenerator[bool]:
    """Yield whenever there is something to say about a job, and once when it is finished.

    That is True with every new snapshot, and False when its place in the line has moved, or when `HEARTBEAT`
    seconds have passed.

    Leaving the iterator stops the job: close it with `contextlib.aclosing`, so that this happens at once when
    a client cancels or vanishes.  may_outlive: it does not; somebody else sees to that.  request: the client's, to see
    whether it listens at all.  Raises what made the job fail.
    """
    try:
        shown, place, yielded_at = None, -1, -HEARTBEAT
        while not job.finished:
            if unread_messages(request) * HEARTBEAT > ABANDONED:
                return
            now, has_new_snapshot = time.monotonic(), job.snapshot is not shown
            if has_new_snapshot or worker.place(job) != place or now - yielded_at > HEARTBEAT:
                shown, place, yielded_at = job.snapshot, worker.place(job), now
                yield has_new_snapshot
            await asyncio.sleep(POLL)
        if job.error is not None:
            raise _anew(job.error)
        yield True
    finally:
        if not may_outlive:
            job.stop()


def _anew(error: Exception) -> Exception:
    """The error without the job's own, which would keep what waits for it, and thereby the job, until a collection."""
    if isinstance(error, gr.Error):  # of `spaces`, which tells a visitor why no GPU is lent
        return gr.Error(error.message, duration=error.duration, title=error.title, print_exception=False)
    return copy.copy(error) if isinstance(error, NstError) else RuntimeError("".join(traceback.format_exception(error)))
