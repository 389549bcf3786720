"""The body of a request as it comes in, with an end to its size and to the patience for it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from starlette.types import Message, Receive

from .refusal import RefusedError


@dataclass(frozen=True)
class Patience:
    """Seconds for the next piece of a body, and for the whole."""

    piece: float = 30.0
    whole: float = 900.0


class RequestBody:
    """An ASGI `receive` that raises a `RefusedError`, and keeps it as `refusal`, where a body has no end in sight.

    most: bytes that it may have.
    """

    def __init__(self, receive: Receive, most: int, patience: Patience) -> None:
        self.refusal: RefusedError | None = None
        self._receive = receive
        self._most = most
        self._patience = patience
        self._bytes = 0
        self._ends_at = time.monotonic() + patience.whole
        self._is_whole = False

    async def __call__(self) -> Message:
        if self._is_whole:
            return await self._receive()
        message = await self._next()
        if message["type"] == "http.disconnect":
            self._is_whole = True
            self.refusal = RefusedError(400, "The request ended before it was whole.")
            raise self.refusal
        self._bytes += len(message.get("body", b""))
        self._is_whole = not message.get("more_body", False)
        if self._bytes > self._most:
            self.refuse_size()
        return message

    def refuse_size(self) -> None:
        """Raise what is said of a body that is too large."""
        self.refusal = RefusedError(413, f"The request is too large: it may have up to {_megabytes(self._most)} here.")
        raise self.refusal

    async def drain(self, seconds: float, most: int) -> None:
        """Read on without keeping anything, as many clients hear an answer only when all is sent."""
        ends_at = time.monotonic() + seconds
        while not self._is_whole and self._bytes < most:
            try:
                message = await asyncio.wait_for(self._receive(), ends_at - time.monotonic())
            except TimeoutError:
                return
            self._bytes += len(message.get("body", b""))
            self._is_whole = not message.get("more_body", False)

    async def _next(self) -> Message:
        seconds = min(self._patience.piece, self._ends_at - time.monotonic())
        try:
            return await asyncio.wait_for(self._receive(), seconds)
        except TimeoutError:
            self._is_whole = True
            self.refusal = RefusedError(408, "The rest of the request did not come in time: send it again.")
            raise self.refusal from None


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.3g} MB"
