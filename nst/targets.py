"""What the pixels are to match: feature maps of the content, Gram matrices of the style.

They are computed once per picture and size and kept, so that a visitor who only turns a slider waits for
nothing.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection
from typing import Protocol

from torch import Tensor

from .image import Picture
from .losses import gram_matrix

CACHE_BYTES = 1 << 30


class FeatureExtractor(Protocol):
    """What `nst.vgg.Extractor` and `nst.ort.OrtExtractor` have in common."""

    def __call__(self, image: Tensor, taps: Collection[str], border: str = "zeros") -> dict[str, Tensor]: ...


class Targets:
    """Targets by picture, size, tap and border, each computed once while they fit into `limit` bytes.

    The least recently used ones go first.  Safe to share between threads.  `model` is the digest of the
    network behind `extractor`, so that a cache never mixes two networks.
    """

    def __init__(self, extractor: FeatureExtractor, model: str, limit: int = CACHE_BYTES) -> None:
        self._extractor = extractor
        self._model = model
        self._limit = limit
        self._kept: OrderedDict[tuple[object, ...], Tensor] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def used_bytes(self) -> int:
        """Bytes that the kept targets occupy, at most the limit."""
        return sum(tensor.nbytes for tensor in self._kept.values())

    def content(self, picture: Picture, size: tuple[int, int], taps: Collection[str], border: str) -> dict[str, Tensor]:
        """Feature maps of a picture at a size (width, height): tap -> 1xCxhxw float32 on the CPU."""
        return self._get("content", lambda features: features, picture, size, taps, border)

    def style(self, picture: Picture, size: tuple[int, int], taps: Collection[str], border: str) -> dict[str, Tensor]:
        """Gram matrices of a picture at a size (width, height): tap -> 1xCxC float32 on the CPU."""
        return self._get("style", gram_matrix, picture, size, taps, border)

    def _get(
        self,
        kind: str,
        statistic: Callable[[Tensor], Tensor],
        picture: Picture,
        size: tuple[int, int],
        taps: Collection[str],
        border: str,
    ) -> dict[str, Tensor]:
        def key(tap: str) -> tuple[object, ...]:
            return (kind, self._model, picture.digest, size, border, tap)

        with self._lock:
            found = {tap: self._kept[key(tap)] for tap in taps if key(tap) in self._kept}
        missing = [tap for tap in taps if tap not in found]
        if missing:
            features = self._extractor(picture.resized(size).rgb, missing, border)
            found |= {tap: statistic(feature) for tap, feature in features.items()}
        with self._lock:
            for tap in taps:
                self._kept[key(tap)] = found[tap]
                self._kept.move_to_end(key(tap))
            while self._kept and self.used_bytes > self._limit:
                self._kept.popitem(last=False)
        return {tap: found[tap] for tap in taps}
