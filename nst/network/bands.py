"""The network on bands of rows, so that of a large picture no feature map is ever there as a whole.

A stage of two or three convolutions sees as many rows around those it computes, so that a band needs hardly more than
its own.  What is kept whole is the input of each stage alone, behind a pooling, of which the widest has an eighth of
the numbers of the two maps before it.  Going back, a band's maps are made again from that.  What comes out is what the
undivided network gives, but for the order in which sums are rounded: nothing is approximated, so there are no seams.
(D. Galerne et al. 2022, arXiv 2212.13459, divide the pixels instead, with 256 px around each block; by stages it is one
to three rows of each map.)
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from ..recipe import Border, Pooling
from ..taps import BY_NAME, LAYERS, STAGES, Layer
from .extractor import Edge, Extractor, edged, masked_by_relu, require_torus
from .pooling import max_pool, max_pool_gradient

BAND_BYTES = 1 << 27
"""What the maps of a band occupy, which lie in memory together when it goes back: so many that they fill the cores, and
so few that they are still near when the next layer reads them."""

LEAST_ROWS = 48
"""Of a band of a wide picture, whose maps occupy more then: with fewer, the rows around them would be too many."""


class Part(NamedTuple):
    """The features of a tap in a band.

    features: 1xCxrxw.  first: the band's first row in the whole map.
    """

    tap: str
    first: int
    features: Tensor

    def of(self, whole: Tensor) -> Tensor:
        """The same rows of 1xDxhxw, whatever has the map's height."""
        return whole.narrow(2, self.first, self.features.shape[2])


WORK_BACK = 2
"""What the way back takes, beside the way there: maps are made again, and their gradients as often."""

Pull = Callable[[Part, Tensor | None], Tensor | None]
"""A part, and the gradient of what else is made of it -> its whole gradient, 1xCxrxw, None for none."""


@dataclass(frozen=True)
class _Band:
    """Rows `first` to `last` of a stage, and the rows around them that it looks at, `start` to `stop`.

    Those outside of the map are there in a picture that wraps around.
    """

    first: int
    last: int
    start: int
    stop: int

    def own(self, x: Tensor) -> Tensor:
        """Of the rows from start to stop, those of the band itself."""
        return x.narrow(2, self.first - self.start, self.last - self.first)


class BandedPass:
    """One picture's way through the network and back.

    image: 1x3xHxW in [0, 1], where it is computed.  taps, border, pooling: as in `Extractor`.  band_bytes: what
    the maps of a band may occupy, if not what suits the picture.  kept_from: the stage, from 0, from which on maps are
    kept until it goes back, in place of being made again: the deeper, the less they occupy for what they take to make.
    times_back: how often it will go back, for `share`.
    Raises ImageError as that does.
    """

    def __init__(
        self,
        extractor: Extractor,
        image: Tensor,
        taps: Collection[str],
        border: Border = "zeros",
        pooling: Pooling = "max",
        *,
        band_bytes: int | None = None,
        kept_from: int = len(STAGES),
        times_back: int = 1,
    ) -> None:
        self._extractor, self._taps, self._border, self._pooling = extractor, taps, border, pooling
        self._wraps, self._band_bytes = border == "wrap", band_bytes
        deepest = max((BY_NAME[tap] for tap in taps), key=LAYERS.index)
        if self._wraps:
            require_torus(image, deepest)
        reached = LAYERS[: LAYERS.index(deepest) + 1]
        self._stages = [[layer for layer in reached if layer.stage == k] for k in range(deepest.stage + 1)]
        self._inputs = [image.detach()]
        self._kept_from = kept_from
        self._kept: dict[tuple[int, int], list[Tensor]] = {}
        self._times_back, self._work = times_back, 0

    @property
    def share(self) -> float:
        """How much of the way there, and so many times back, is gone: 0 to 1, reckoned in multiplications."""
        height = self._inputs[0].shape[2]
        once = sum((height >> k) * self._row_work(k) for k in range(len(self._stages)))
        return self._work / (once * (1 + WORK_BACK * self._times_back))

    def forward(self) -> Iterator[Part]:
        """Each tap's features, band by band, the shallowest first; to be called once, and gone through."""
        for k, layers in enumerate(self._stages):
            x = self._inputs[k]
            pools = k + 1 < len(self._stages)
            if pools:
                height, width = (side // 2 for side in x.shape[2:])
                pooled = self._empty((1, STAGES[k][-1], height, width), x.device)
            for band in self._bands(k):
                maps = self._maps(k, band)
                if k >= self._kept_from:
                    self._kept[k, band.first] = maps
                for layer, features in zip(layers, maps, strict=True):
                    if layer.name in self._taps:
                        yield Part(layer.name, band.first, band.own(features))
                rows = (band.last - band.first) // 2
                self._work += (band.last - band.first) * self._row_work(k)
                if pools and rows:
                    pooled.narrow(2, band.first // 2, rows).copy_(self._pool(band.own(maps[-1])))
            if pools:
                self._inputs.append(pooled)

    def backward(self, pull: Pull) -> Tensor:
        """The gradient for the image, 1x3xHxW.  pull: says that of each tap's features, whose parts come again."""
        of_next: Tensor | None = None
        for k in range(len(self._stages) - 1, -1, -1):
            of_input = torch.zeros_like(self._inputs[k])
            for band in self._bands(k):
                gradient = self._back(k, band, of_next, pull)
                self._work += WORK_BACK * (band.last - band.first) * self._row_work(k)
                if gradient is not None and k:
                    _add_rows(of_input, gradient, band.start)
                elif gradient is not None:
                    _add_rows_of_image(of_input, gradient / self._extractor.std, band.start - 1, self._border)
            of_next = of_input
        assert of_next is not None
        return of_next

    def _row_work(self, k: int) -> int:
        """Multiplications of a row of a stage."""
        width = self._inputs[0].shape[3] >> k
        return width * 9 * sum(layer.in_channels * layer.out_channels for layer in self._stages[k])

    def _bands(self, k: int) -> Iterator[_Band]:
        height, width = self._inputs[k].shape[2:]
        of_row = _row_bytes(k, width, self._extractor.dtype.itemsize)
        rows = self._band_bytes // of_row if self._band_bytes else max(LEAST_ROWS, BAND_BYTES // of_row)
        rows = max(1, rows // 2) * 2
        around = len(self._stages[k])
        for first in range(0, height, rows):
            last = min(first + rows, height)
            start, stop = first - around, last + around
            yield _Band(first, last, *((start, stop) if self._wraps else (max(start, 0), min(stop, height))))

    def _maps(self, k: int, band: _Band) -> list[Tensor]:
        """Behind each layer of a stage, at the band's rows and those around, of which the outermost are not right."""
        x = self._rows(k, band)
        maps = []
        for layer in self._stages[k]:
            x = self._extractor.forward[layer.name].relu(*edged(x, self._edge(layer)))
            maps.append(x)
        return maps

    def _rows(self, k: int, band: _Band) -> Tensor:
        """What a stage makes a band of, in the network's precision; of the image with its border."""
        x = self._inputs[k]
        if k:
            return _rows_of(x, band.start, band.stop) if self._wraps else x[:, :, band.start : band.stop]
        extractor, border = self._extractor, self._border
        first, last = band.start - 1, band.stop + 1
        height = x.shape[2]
        if border == "wrap":
            x = _rows_of(x, first, last)
            x = torch.cat((x[..., -1:], x, x[..., :1]), 3)
        else:
            beyond = (1, 1, int(first < 0), int(last > height))
            x = x[:, :, max(first, 0) : min(last, height)]
            if border == "replicate":
                x = F.pad(x, beyond, "replicate")
        x = (x.to(extractor.mean) - extractor.mean) / extractor.std
        if border == "zeros":
            x = F.pad(x, beyond)
        return x.to(extractor.dtype).contiguous(memory_format=torch.channels_last)

    def _back(self, k: int, band: _Band, of_next: Tensor | None, pull: Pull) -> Tensor | None:
        """The gradient for what a stage makes a band of; None where nothing that is compared depends on it."""
        gradient, kept = None, self._kept.get((k, band.first))
        maps = self._maps(k, band) if kept is None else list(kept)
        rows = (band.last - band.first) // 2
        if of_next is not None and rows:
            of_pooled = of_next.narrow(2, band.first // 2, rows)
            gradient = torch.zeros_like(maps[-1])
            band.own(gradient).copy_(self._pool_gradient(band.own(maps[-1]), of_pooled))
        for layer in reversed(self._stages[k]):
            y = maps.pop()
            if layer.name in self._taps:
                part = Part(layer.name, band.first, band.own(y))
                of_part = pull(part, None if gradient is None else band.own(gradient))
                if of_part is not None:
                    gradient = torch.zeros_like(y) if gradient is None else gradient
                    band.own(gradient).copy_(of_part)
            if gradient is not None:
                masked = masked_by_relu(gradient, y, in_place=True)
                edge = self._edge(layer)
                around = (masked, 2) if edge == "there" else edged(masked, edge)
                gradient = self._extractor.backward[layer.name](*around)
        return gradient

    def _edge(self, layer: Layer) -> Edge:
        return "there" if layer is LAYERS[0] else "wrap" if self._wraps else "zeros"

    def _pool(self, x: Tensor) -> Tensor:
        return max_pool(x) if self._pooling == "max" else F.avg_pool2d(x, 2)

    def _pool_gradient(self, x: Tensor, of_pooled: Tensor) -> Tensor:
        if self._pooling == "max":
            return max_pool_gradient(x, of_pooled.contiguous(memory_format=torch.channels_last))
        height, width = of_pooled.shape[2:]
        gradient = torch.zeros_like(x)
        gradient[:, :, : 2 * height, : 2 * width] = F.interpolate(of_pooled / 4, scale_factor=2.0)
        return gradient

    def _empty(self, shape: tuple[int, ...], device: torch.device) -> Tensor:
        dtype = self._extractor.dtype
        return torch.empty(shape, dtype=dtype, device=device, memory_format=torch.channels_last)


def largest_band(width: int, itemsize: int) -> int:
    """Bytes of the maps of a band, of a picture so many pixels wide with numbers of so many bytes."""
    return max(BAND_BYTES, *(LEAST_ROWS * _row_bytes(k, width >> k, itemsize) for k in range(len(STAGES))))


def _row_bytes(k: int, width: int, itemsize: int) -> int:
    """Of a row of a stage's maps, and three more of the widest, which it passes through.  width: of a map."""
    return itemsize * width * (sum(STAGES[k]) + 3 * max(STAGES[k]))


def _rows_of(x: Tensor, start: int, stop: int) -> Tensor:
    """Rows of a picture that wraps around, 1xCxHxW; any number of them, from anywhere."""
    rows = torch.arange(start, stop, device=x.device) % x.shape[2]
    return x.index_select(2, rows).contiguous(memory_format=torch.channels_last)


def _add_rows(into: Tensor, rows: Tensor, start: int) -> None:
    """Add rows where they belong in 1xCxHxW; those beyond an edge at the opposite one."""
    height, at = into.shape[2], 0
    while at < rows.shape[2]:
        first = (start + at) % height
        count = min(height - first, rows.shape[2] - at)
        into.narrow(2, first, count).add_(rows.narrow(2, at, count))
        at += count


def _add_rows_of_image(into: Tensor, gradient: Tensor, start: int, border: Border) -> None:
    """Add the gradient for rows of the image with its border, 1x3xrx(W+2), where it belongs.

    That of the border is the gradient of the pixels that it was made of, or of none.
    """
    inner = gradient[..., 1:-1].to(into)
    left, right = gradient[..., 0], gradient[..., -1]
    if border == "zeros":
        first, last = max(-start, 0), min(into.shape[2] - start, inner.shape[2])
        _add_rows(into, inner[:, :, first:last], start + first)
        return
    inner[..., 0] += right if border == "wrap" else left
    inner[..., -1] += left if border == "wrap" else right
    if border == "replicate":
        height = into.shape[2]
        if start < 0:
            inner[:, :, 1] += inner[:, :, 0]
            inner, start = inner[:, :, 1:], 0
        if start + inner.shape[2] > height:
            inner[:, :, -2] += inner[:, :, -1]
            inner = inner[:, :, :-1]
    _add_rows(into, inner, start)
