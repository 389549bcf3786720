"""Feature maps of the pictures that visitors look into, each computed once by the worker."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from functools import partial

from ..errors import BusyError, ImageError
from ..learn.feature_maps import FeatureMaps, feature_maps
from ..painting.backbone import Backbone
from ..painting.shortage import plainly_short_of_memory
from ..pictures.picture import Picture
from ..serving.worker import Worker
from .readers import read
from .uploads import load_upload, require_here

CACHE_BYTES = 1 << 29
"""About seven pictures at all taps."""

MAX_COMING = 6
"""Pictures whose feature maps may be on their way: of each there are up to 200 MB while it waits for the worker."""

Key = tuple[str, int, int]
"""Path, time of change in nanoseconds, and bytes of a file."""


class FeatureCache:
    """Feature maps by file, the least recently used ones forgotten first.  For handlers of one event loop."""

    def __init__(self, worker: Worker, max_bytes: int = CACHE_BYTES) -> None:
        self._worker = worker
        self._max_bytes = max_bytes
        self._kept: OrderedDict[Key, FeatureMaps] = OrderedDict()
        self._coming: dict[Key, asyncio.Task[FeatureMaps]] = {}

    @property
    def used_bytes(self) -> int:
        """Bytes that the kept feature maps occupy: no more than allowed, but for those of a single picture."""
        return sum(features.nbytes for features in self._kept.values())

    def has(self, path: str) -> bool:
        """Whether the feature maps of this file are here already."""
        try:
            return _key(path) in self._kept
        except ImageError:
            return False

    async def get(self, path: str | None, role: str) -> FeatureMaps:
        """The feature maps of a file.  role: what the picture is called on the page, for the message without one.

        Raises ImageError, BusyError, ClosedError.
        """
        if not path:
            raise ImageError(f"There is no {role} to look at: choose one above, or drop one in.")
        key = _key(path)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        if key not in self._coming:
            if len(self._coming) >= MAX_COMING:
                raise BusyError(f"{len(self._coming)} pictures are looked into before yours: try again in a minute.")
            self._coming[key] = coming = asyncio.create_task(self._look(key))
            coming.add_done_callback(lambda _: self._coming.pop(key))
        return await asyncio.shield(self._coming[key])  # which others may wait for too

    async def _look(self, key: Key) -> FeatureMaps:
        """Read a picture, have the worker look at it, and keep what it has seen."""
        # without a name for the picture, by which an error would hold it
        asked = self._worker.ask(partial(_feature_maps_of, await read(load_upload, key[0]), self._worker.backbone))
        features = self._kept[key] = await asyncio.wrap_future(asked)
        while len(self._kept) > 1 and self.used_bytes > self._max_bytes:
            self._kept.popitem(last=False)
        return features


def _feature_maps_of(picture: Picture, backbone: Backbone) -> FeatureMaps:
    with plainly_short_of_memory():
        return feature_maps(picture, backbone=backbone)


def _key(path: str) -> Key:
    """Raises ImageError where there is no such file any more."""
    file = require_here(path)
    return path, file.st_mtime_ns, file.st_size
