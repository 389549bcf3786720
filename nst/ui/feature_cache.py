"""Feature maps of the pictures that visitors look into, each computed once by the worker."""

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
from ..painting.backbone import Backbone
from ..painting.shortage import plainly_short_of_memory
from ..pictures.reading import load_image
from ..serving.worker import Worker

CACHE_BYTES = 1 << 29
"""About seven pictures at all taps."""

Key = tuple[str, int, int]
"""Path, time of change in nanoseconds, and bytes of a file."""


class FeatureCache:
    """Feature maps by file, the least recently used ones forgotten first.  Safe to share between threads."""

    def __init__(self, worker: Worker, max_bytes: int = CACHE_BYTES) -> None:
        self._worker = worker
        self._max_bytes = max_bytes
        self._kept: OrderedDict[Key, Future[FeatureMaps]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def used_bytes(self) -> int:
        """Bytes that the kept feature maps occupy: no more than allowed, but for those of a single picture."""
        with self._lock:
            return self._used_bytes()

    def has(self, path: str) -> bool:
        """Whether the feature maps of this file are here already."""
        with self._lock:
            future = self._kept.get(_key(path))
            return future is not None and future.done()

    async def get(self, path: str | None, role: str) -> FeatureMaps:
        """The feature maps of a file.  role: what the picture is called on the page, for the message without one.

        Raises ImageError, BusyError, ClosedError.
        """
        if not path:
            raise ImageError(f"There is no {role} to look at: choose one above, or drop one in.")
        if not Path(path).exists():
            raise ImageError(f"{Path(path).name} is no longer here, as uploads are deleted after some hours.")
        key = _key(path)
        with self._lock:
            future = self._kept.get(key)
            if future is None or _has_failed(future):
                question = partial(_feature_maps_of, path, self._worker.backbone)
                future = self._kept[key] = self._worker.ask(question)
            self._kept.move_to_end(key)
        features = await asyncio.shield(asyncio.wrap_future(future))
        with self._lock:
            while len(self._kept) > 1 and self._used_bytes() > self._max_bytes:
                self._kept.popitem(last=False)
        return features

    def _used_bytes(self) -> int:
        return sum(kept.result().nbytes for kept in self._kept.values() if kept.done() and not _has_failed(kept))


def _has_failed(future: Future[FeatureMaps]) -> bool:
    return future.done() and (future.cancelled() or future.exception() is not None)


def _feature_maps_of(path: str, backbone: Backbone) -> FeatureMaps:
    with plainly_short_of_memory():
        return feature_maps(load_image(path), backbone=backbone)


def _key(path: str) -> Key:
    file = os.stat(path)
    return path, file.st_mtime_ns, file.st_size
