"""Who reads what visitors send: two threads, in turn, as pictures take the most memory while they are decoded."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from weakref import WeakValueDictionary

import gradio as gr

from .visitor_address import visitor_of

READERS = 2
"""Pictures that are decoded at a time; one takes up to 0.9 GB."""

T = TypeVar("T")

_threads = ThreadPoolExecutor(READERS, thread_name_prefix="reading pictures")
_turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
"""By visitor, as long as one of theirs is read or waits."""


async def read(work: Callable[..., T], *given: Any) -> T:
    """What some work gives that decodes pictures, done by one of the readers when there is one free.

    Not as the future's own result: asyncio ties a future into a circle, which would hold it until a collection.
    """
    results: list[T] = []
    await asyncio.wrap_future(_threads.submit(lambda: results.append(work(*given))))
    return results.pop()


async def read_for(request: gr.Request, work: Callable[..., T], *given: Any) -> T:
    """As `read`, one at a time of each visitor, so that nobody waits until all that another sent is read."""
    async with _turns.setdefault(visitor_of(request), asyncio.Lock()):
        return await read(work, *given)


def in_turn(handle: Callable[[Any], T]) -> Callable[..., Awaitable[T]]:
    """A handler of an event with one input that does as another, by `read_for`; it keeps the name."""

    async def handler(given: Any, request: gr.Request) -> T:
        return await read_for(request, handle, given)

    handler.__name__ = handle.__name__
    return handler
