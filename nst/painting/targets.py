"""What the pixels are to match: feature maps of the content, statistics of the style.

They are computed once per picture and size and kept, so that a visitor who only turns a slider waits for
nothing.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection
from typing import Protocol, TypeVar, cast

import torch.nn.functional as F
from torch import Tensor

from ..pictures.picture import Picture, Size
from ..recipe import Border, Pooling, StyleStatistic
from ..taps import BY_NAME, TORUS_STEP
from .regions import guide_at
from .statistics import STATISTICS, Kept

CACHE_BYTES = 1 << 30

MARGIN = 64
"""Pixels of mirror image around a style whose result has no border, so that the network's own is not in its style."""

T = TypeVar("T", bound=tuple[Tensor, ...])


class FeatureExtractor(Protocol):
    """What `nst.network.extractor.Extractor` and `nst.network.ort_extractor.OrtExtractor` have in common."""

    def __call__(
        self, image: Tensor, taps: Collection[str], border: Border = "zeros", pooling: Pooling = "max"
    ) -> dict[str, Tensor]: ...


class Targets:
    """Targets by picture, size, tap, border and pooling, each computed once while they fit into `limit` bytes.

    The least recently used ones go first.  Safe to share between threads.  `model` is the digest of the
    network behind `extractor`, so that a cache never mixes two networks.  `wrapping`: what computes those with the
    border "wrap", where `extractor` has none.
    """

    def __init__(
        self,
        extractor: FeatureExtractor,
        model: str,
        limit: int = CACHE_BYTES,
        *,
        wrapping: FeatureExtractor | None = None,
    ) -> None:
        self._extractor = extractor
        self._wrapping = wrapping or extractor
        self._model = model
        self._limit = limit
        self._kept: OrderedDict[tuple[object, ...], tuple[Tensor, ...]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def used_bytes(self) -> int:
        """Bytes that the kept targets occupy, at most the limit."""
        return sum(tensor.nbytes for target in self._kept.values() for tensor in target)

    def forget(self) -> None:
        """Keep nothing of what has been computed so far."""
        with self._lock:
            self._kept.clear()

    def content(
        self, picture: Picture, size: tuple[int, int], taps: Collection[str], border: Border, pooling: Pooling
    ) -> dict[str, Tensor]:
        """Feature maps of a picture at a size (width, height): tap -> 1xCxhxw as the extractor gives it."""

        def compute(missing: Collection[str]) -> dict[str, tuple[Tensor]]:
            extractor = self._wrapping if border == "wrap" else self._extractor
            features = extractor(picture.resized(size).rgb, missing, border, pooling)
            return {tap: (feature,) for tap, feature in features.items()}

        by_tap = self._kept_or("content", compute, picture, size, taps, border, pooling)
        return {tap: features for tap, (features,) in by_tap.items()}

    def style(
        self,
        picture: Picture,
        size: tuple[int, int],
        taps: Collection[str],
        border: Border,
        pooling: Pooling,
        statistic: StyleStatistic,
    ) -> dict[str, Kept]:
        """What a statistic keeps of the opaque part of a picture at a size (width, height): tap -> float32.

        border: with "wrap" of features that see no border, as those of the result don't: a style is no tile, so it is
        seen with its mirror image around it, and only what lies inside counts.
        """
        member = STATISTICS[statistic]

        def compute(missing: Collection[str]) -> dict[str, Kept]:
            shown = picture.resized(size)
            if border == "wrap":
                features = _within_margins(self._extractor, shown, missing, pooling)
            else:
                features = self._extractor(shown.rgb, missing, border, pooling)
            guides = {tap: opaque_guide(shown, tap, feature) for tap, feature in features.items()}
            return {tap: member.gather(feature, guides[tap]) for tap, feature in features.items()}

        return self._kept_or(member.kind, compute, picture, size, taps, border, pooling)

    def _kept_or(
        self,
        kind: str,
        compute: Callable[[Collection[str]], dict[str, T]],
        picture: Picture,
        size: tuple[int, int],
        taps: Collection[str],
        border: Border,
        pooling: Pooling,
    ) -> dict[str, T]:
        def key(tap: str) -> tuple[object, ...]:
            return (kind, self._model, picture.digest, size, border, pooling, tap)

        with self._lock:
            by_tap = {tap: cast(T, self._kept[key(tap)]) for tap in taps if key(tap) in self._kept}
        missing = [tap for tap in taps if tap not in by_tap]
        if missing:
            by_tap |= compute(missing)
        with self._lock:
            for tap in taps:
                self._kept[key(tap)] = by_tap[tap]
                self._kept.move_to_end(key(tap))
            while self._kept and self.used_bytes > self._limit:
                self._kept.popitem(last=False)
        return {tap: by_tap[tap] for tap in taps}


def margin_of(size: Size) -> int:
    """Pixels around a picture of this size: `MARGIN`, or as many as it can mirror, a multiple of each tap's stride."""
    return min(MARGIN, (min(size) - 1) // TORUS_STEP * TORUS_STEP)


def _within_margins(
    extractor: FeatureExtractor, shown: Picture, taps: Collection[str], pooling: Pooling
) -> dict[str, Tensor]:
    """The features of a picture as a part of a larger one."""
    margin = margin_of((shown.width, shown.height))
    larger = extractor(F.pad(shown.rgb, (margin,) * 4, "reflect"), taps, "replicate", pooling)
    features = {}
    for tap, whole in larger.items():
        stride = BY_NAME[tap].stride
        start = margin // stride
        features[tap] = whole.narrow(2, start, shown.height // stride).narrow(3, start, shown.width // stride)
    return features


def opaque_guide(shown: Picture, tap: str, features: Tensor) -> Tensor | None:
    """Which places of a picture's features, 1xCxhxw, are opaque, as those of a region are inside; None for all.

    A few last columns or rows may be seen by no position of a deep tap: there the nearest ones stand for them.
    """
    if shown.alpha is None:
        return None
    guide = guide_at(shown.alpha, tap, features)
    if not bool(guide.any()):
        guide = F.adaptive_avg_pool2d(shown.alpha, (features.shape[2], features.shape[3])).to(features)
    return guide
