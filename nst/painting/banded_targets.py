"""Targets of a picture whose feature maps have no room: see `nst.network.bands`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from ..network.bands import BandedPass, Part
from ..network.extractor import Extractor
from ..pictures.picture import Picture
from ..recipe import Border, Pooling, StyleStatistic
from ..taps import BY_NAME
from .losses import Moments
from .moment_sums import MomentSums
from .regions import Region
from .statistics import STATISTICS, Kept
from .stopping import StopSignal
from .storage import stored
from .summaries import Sums
from .targets import Targets, margin_of, opaque_guide
from .transport import Transport

ROWS = 64
"""Of a feature map that are moved together."""


class BandedTargets(Targets):
    """As `Targets`, by the network that paints, and with nothing kept but styles.

    stop: looked at in each band.
    """

    def __init__(self, extractor: Extractor, model: str, stop: StopSignal, *, band_bytes: int | None) -> None:
        super().__init__(extractor, model)
        self._network, self._stop, self._band_bytes = extractor, stop, band_bytes

    def content(
        self, picture: Picture, size: tuple[int, int], taps: Collection[str], border: Border, pooling: Pooling
    ) -> dict[str, Tensor]:
        """As `Targets.content`, on the CPU, where they are `stored`.  Raises Stopped."""
        image, features = picture.resized(size).rgb, {}
        for part in self._parts(image, taps, border, pooling):
            if part.tap not in features:
                stride = BY_NAME[part.tap].stride
                shape = (1, part.features.shape[1], size[1] // stride, size[0] // stride)
                features[part.tap] = stored(shape, part.features.dtype)
            part.of(features[part.tap]).copy_(part.features)
        return features

    def style(
        self,
        picture: Picture,
        size: tuple[int, int],
        taps: Collection[str],
        border: Border,
        pooling: Pooling,
        statistic: StyleStatistic,
    ) -> dict[str, Kept]:
        """As `Targets.style`.  Raises Stopped."""
        member = STATISTICS[statistic]

        def compute(missing: Collection[str]) -> dict[str, Kept]:
            shown = picture.resized(size)
            margin = margin_of(size) if border == "wrap" else 0
            image = F.pad(shown.rgb, (margin,) * 4, "reflect") if margin else shown.rgb
            sums: dict[str, Sums] = {}
            for part in self._parts(image, missing, "replicate" if border == "wrap" else border, pooling):
                stride = BY_NAME[part.tap].stride
                at_tap = (size[1] // stride, size[0] // stride)
                if part.tap not in sums:
                    whole = part.features[:, :1, :1, :1].expand(1, 1, *at_tap)
                    guide, like = opaque_guide(shown, part.tap, whole), part.features.new_empty((), dtype=torch.float32)
                    sums[part.tap] = member.sums(part.features.shape[1], at_tap, guide, like)
                inside = _inside(part, margin // stride, at_tap)
                if inside.features.shape[2]:
                    sums[part.tap].add(inside)
            return {tap: each.kept() for tap, each in sums.items()}

        return self._kept_or(member.kind, compute, picture, size, taps, border, pooling)

    def _parts(self, image: Tensor, taps: Collection[str], border: Border, pooling: Pooling) -> Iterator[Part]:
        image = image.to(self._network.mean.device)
        for part in BandedPass(self._network, image, taps, border, pooling, band_bytes=self._band_bytes).forward():
            self._stop.check()
            yield part


def _inside(part: Part, margin: int, size: tuple[int, int]) -> Part:
    """What of a part lies within a margin of so many positions around a map of this (height, width)."""
    count = part.features.shape[2]
    skipped = min(max(margin - part.first, 0), count)
    kept = max(0, min(part.first + count, margin + size[0]) - part.first - skipped)
    rows = part.features.narrow(2, skipped, kept).narrow(3, margin, size[1])
    return Part(part.tap, part.first + skipped - margin, rows)


def move_stored(
    regions: Sequence[Region], content: Mapping[str, Tensor], device: torch.device, stop: StopSignal
) -> None:
    """As `nst.painting.transport.moved_in`, in place, of features that are stored, by what the device computes.

    content: tap -> 1xCxhxw.  Raises Stopped.
    """
    for tap, features in content.items() if regions else ():
        transports: list[tuple[Transport, Tensor | None]] = []
        for region in regions:
            guide = region.guide(tap, features[:, :1, :1, :1].to(device))
            height, width = features.shape[2:]
            sums = MomentSums(torch.zeros(features.shape[:2], device=device), (height, width), guide)
            for part in _stored_parts(tap, features, device, stop):
                sums.add(part)
            transports.append((Transport.between(sums.kept(), Moments(*region.style[tap])), guide))
        for part in _stored_parts(tap, features, device, stop):
            part.of(features).copy_(_moved(part, transports))


def _stored_parts(tap: str, features: Tensor, device: torch.device, stop: StopSignal) -> Iterator[Part]:
    for first in range(0, features.shape[2], ROWS):
        stop.check()
        yield Part(tap, first, features[:, :, first : first + ROWS].to(device))


def _moved(part: Part, transports: Sequence[tuple[Transport, Tensor | None]]) -> Tensor:
    result, left = torch.zeros_like(part.features), torch.ones_like(part.features[:, :1])
    for transport, guide in transports:
        moved = transport(part.features)
        if guide is None:
            return moved
        result, left = result + part.of(guide) * moved, left - part.of(guide)
    return result + left * part.features
