"""A picture's feature maps as plain arrays, to look at rather than to optimize."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from ..errors import ImageError
from ..painting.backbone import Backbone, shared_backbone
from ..pictures.picture import Picture, fit
from ..pictures.reading import as_picture
from ..taps import BY_NAME, MIN_SIDE, TAPS
from .intuition import gram

SIDE = 256
"""Pixels of the long side: all 13 taps are 70 MB then, and a look at one of them takes a fraction of a second."""


@dataclass(frozen=True, eq=False)
class FeatureMaps:
    """What the network sees in a picture.  ``maps["conv7"]`` is CxHxW float32, nowhere negative.

    rgb: the picture at the size in which it was looked at, HxWx3 uint8.
    """

    rgb: NDArray[np.uint8]
    maps: Mapping[str, NDArray[np.float32]]
    _grams: dict[str, NDArray[np.float64]] = field(default_factory=dict, init=False, repr=False)

    def __getitem__(self, tap: str) -> NDArray[np.float32]:
        return self.maps[tap]

    @property
    def nbytes(self) -> int:
        """Bytes in memory, without those of Gram matrices."""
        return self.rgb.nbytes + sum(features.nbytes for features in self.maps.values())

    def gram(self, tap: str) -> NDArray[np.float64]:
        """The Gram matrix at a tap, CxC; computed once."""
        if tap not in self._grams:
            self._grams[tap] = gram(self.maps[tap])
        return self._grams[tap]

    def position(self, tap: str, x: float, y: float) -> tuple[int, int]:
        """(column, row) of a tap's feature map for a pixel; a pixel outside counts as the nearest one inside."""
        _, rows, columns = self.maps[tap].shape
        stride = BY_NAME[tap].stride
        return min(max(int(x) // stride, 0), columns - 1), min(max(int(y) // stride, 0), rows - 1)

    def at(self, tap: str, x: float, y: float) -> NDArray[np.float32]:
        """The C features at the place of a pixel."""
        column, row = self.position(tap, x, y)
        return self.maps[tap][:, row, column]


def feature_maps(
    source: Picture | Tensor | Image.Image | str | os.PathLike[str],
    size: int = SIDE,
    *,
    backbone: Backbone | None = None,
) -> FeatureMaps:
    """The feature maps of a picture at all taps, behind the ReLU.

    source: a path, a `Picture`, a Pillow image, or a 3xHxW float tensor in [0, 1].  size: long side in pixels at
    which it is looked at; nothing is enlarged.  backbone: default the shared one on the best device.
    Raises ImageError, ModelError.
    """
    picture = as_picture(source)
    width, height = fit((picture.width, picture.height), size)
    if min(width, height) < MIN_SIDE:
        raise ImageError(
            f"A picture of {picture.width}x{picture.height} px would be {width}x{height} px at size {size}, "
            f"but {MIN_SIDE} px are the least: crop it."
        )
    small = picture.resized((width, height))
    extractor = (backbone or shared_backbone()).extractor
    with torch.no_grad():
        by_tap: dict[str, Any] = extractor(small.rgb, TAPS, border="replicate")
    maps = {tap: np.ascontiguousarray(tensor[0].float().cpu().numpy()) for tap, tensor in by_tap.items()}
    return FeatureMaps(np.asarray(Picture(small.rgb).to_pil()), maps)
