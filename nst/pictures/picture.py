"""What the rest of the package works on: RGB in sRGB as floats from 0 to 1, its alpha channel apart."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

Size = tuple[int, int]
"""(width, height) in pixels."""

MAX_SIDE = 4096
"""Pixels: larger images are reduced to this long side as they are read; a result may be larger."""


@dataclass(frozen=True, eq=False)
class Picture:
    """An image as the network sees it.

    rgb: 1x3xHxW float32 on the CPU, sRGB, 0 to 1, already composited where the file is transparent.
    alpha: 1x1xHxW float32, 0 (transparent) to 1, or None for an opaque picture.
    name: where it came from, for messages.
    provenance: how it was made, when this project made it; written into and read from files.
    """

    rgb: Tensor
    alpha: Tensor | None = None
    name: str = "picture"
    provenance: dict[str, Any] | None = None

    @property
    def width(self) -> int:
        """Pixels."""
        return self.rgb.shape[3]

    @property
    def height(self) -> int:
        """Pixels."""
        return self.rgb.shape[2]

    @property
    def opaque(self) -> Tensor:
        """1x3xHxW: its RGB; of a picture with transparent parts the colors of those that are mostly opaque, 1x3x1xN."""
        if self.alpha is None:
            return self.rgb
        return self.rgb[:, :, inside(self.alpha[0, 0])][:, :, None]

    @cached_property
    def digest(self) -> str:
        """SHA-256 over size, RGB and alpha values: equal for equal pictures, whatever file they came from."""
        sha = hashlib.sha256(f"{self.width}x{self.height}".encode())
        for band in (self.rgb, self.alpha):
            sha.update(b"" if band is None else band.contiguous().numpy().data)
        return sha.hexdigest()

    def resized(self, size: Size) -> Picture:
        """The same picture at another size (width, height); bicubic with antialiasing."""
        if size == (self.width, self.height):
            return self
        alpha = None if self.alpha is None else resize(self.alpha, size).clamp(0, 1)
        return replace(self, rgb=resize(self.rgb, size).clamp(0, 1), alpha=alpha)

    def to_pil(self) -> Image.Image:
        """8-bit RGB, or RGBA for a transparent picture."""
        bands = [self.rgb] if self.alpha is None else [self.rgb, self.alpha]
        array = np.nan_to_num(np.concatenate([band[0].numpy() for band in bands]).transpose(1, 2, 0))
        return Image.fromarray((array * 255).round().clip(0, 255).astype(np.uint8))

    def __repr__(self) -> str:
        task = f", {self.provenance.get('task')}" if self.provenance else ""
        return f"Picture({self.name}, {self.width}x{self.height}{', alpha' if self.alpha is not None else ''}{task})"


def inside(cover: Tensor) -> Tensor:
    """Where a cover from 0 to 1 is at least half of the most that it is anywhere: what counts by half does not count.

    Of the most, so that a cover of grays means the same as one that is as many times whiter.
    """
    return cover >= cover.max() / 2


def resize(image: Tensor, size: Size) -> Tensor:
    """NxCxHxW to (width, height), bicubic with antialiasing; values may overshoot their range a little."""
    width, height = size
    if image.shape[2:] == (height, width):
        return image
    return F.interpolate(image, (height, width), mode="bicubic", antialias=True, align_corners=False)


def area_of(size: Size) -> int:
    """Pixels."""
    return size[0] * size[1]


def fit(size: Size, long_side: int, *, upscale: bool = False) -> Size:
    """(width, height) scaled to a long side, the aspect ratio kept; no larger than it was unless `upscale`."""
    scale = long_side / max(size)
    if scale > 1 and not upscale:
        return size
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
