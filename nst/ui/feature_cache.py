"""The pictures that a visitor looks into, and their feature maps, each computed once by the engine."""

from __future__ import annotations

import asyncio
import os
import threading
from collections import OrderedDict
from concurrent.futures import Future
from functools import partial
from pathlib import Path

from ..errors import ImageError
from ..learn.feature_maps import FeatureMaps, feature_maps
from ..pictures.reading import load_image
from ..serving.engine import Engine

CACHE_BYTES = 1 << 29
"""About seven pictures at all taps."""

Key = tuple[str, int, int]


class Looks:
    """Feature maps by file, the least recently used ones forgotten first.  Safe to share between threads."""

    def __init__(self, engine: Engine, limit: int = CACHE_BYTES) -> None:
        self._engine = engine
        self._limit = limit
        self._kept: OrderedDict[Key, Future[FeatureMaps]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def used_bytes(self) -> int:
        """Bytes that the kept feature maps occupy, at most the limit."""
        with self._lock:
            return self._used()

    def has(self, path: str) -> bool:
        """Whether a look at this file costs nothing."""
        with self._lock:
            kept = self._kept.get(_key(path))
            return kept is not None and kept.done()

    async def at(self, path: str | None, role: str) -> FeatureMaps:
        """The feature maps of a file.  role: what the picture is called on the page, for the message without one.

        Raises ImageError, BusyError.
        """
        if not path:
            raise ImageError(f"There is no {role} to look at: choose one above, or drop one in.")
        if not Path(path).exists():
            raise ImageError(f"{Path(path).name} is no longer here, as uploads are deleted after some hours.")
        key = _key(path)
        with self._lock:
            found = self._kept.get(key)
            if found is None or (found.done() and (found.cancelled() or found.exception())):
                found = self._kept[key] = compute(self._engine, path)
            self._kept.move_to_end(key)
        features = await asyncio.shield(asyncio.wrap_future(found))
        with self._lock:
            while len(self._kept) > 1 and self._used() > self._limit:
                self._kept.popitem(last=False)
        return features

    def _used(self) -> int:
        done = [kept for kept in self._kept.values() if kept.done() and not kept.cancelled() and not kept.exception()]
        return sum(kept.result().nbytes for kept in done)


def compute(engine: Engine, path: str) -> Future[FeatureMaps]:
    """Have the engine look at a picture: the one place where the page computes feature maps."""
    return engine.ask(partial(_look, engine, path))


def _look(engine: Engine, path: str) -> FeatureMaps:
    return feature_maps(load_image(path), backbone=engine.backbone)


def _key(path: str) -> Key:
    facts = os.stat(path)
    return path, facts.st_mtime_ns, facts.st_size
