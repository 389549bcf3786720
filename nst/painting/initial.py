"""What the optimization starts from."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

MEDIAN_WINDOW = 8


def uniform_noise(size: tuple[int, int], seed: int, *, wrap: bool = False) -> Tensor:
    """The article's random image: uniform noise behind an 8x8 median filter, channel by channel.

    size: (width, height).  Returns 1x3xHxW in [0, 1].  The filter takes away the finest grain, which the
    optimization would else have to remove pixel by pixel.  wrap: see `median_filter`.
    """
    return median_filter(_generate(torch.rand, size, seed), MEDIAN_WINDOW, wrap=wrap)


def style_noise(style: Tensor, size: tuple[int, int], seed: int) -> Tensor:
    """Noise with the colors of a style: normal noise given the mean and covariance of its RGB values.

    style: 1x3xhxw in [0, 1]; size: (width, height).  Returns 1x3xHxW, clamped to [0, 1].  Of a single pixel it is flat.
    """
    colors = style[0].flatten(1).double()
    values, vectors = torch.linalg.eigh(torch.cov(colors, correction=min(1, colors.shape[1] - 1)))
    root = vectors * values.clamp_min(0).sqrt() @ vectors.T
    noise = _generate(torch.randn, size, seed)
    mixed = torch.einsum("ij,njhw->nihw", root, noise.double()) + colors.mean(1).view(1, 3, 1, 1)
    return mixed.clamp(0, 1).float()


def median_filter(image: Tensor, window: int, *, wrap: bool = False) -> Tensor:
    """Median over a window x window neighbourhood; NxCxHxW -> NxCxHxW, edges replicated, or wrapped around.

    An even window reaches one pixel further up and left, and of an even count the upper of the two middle
    values is taken, as in `scipy.ndimage.median_filter`.
    """
    before, after = window // 2, (window - 1) // 2
    padded = F.pad(image, (before, after, before, after), mode="circular" if wrap else "replicate")
    rank = window * window // 2 + 1
    rows = [
        padded[:, :, y : y + window].unfold(2, window, 1).unfold(3, window, 1).flatten(-2).kthvalue(rank).values
        for y in range(image.shape[2])  # row by row, as all windows at once would take window^2 images of memory
    ]
    return torch.cat(rows, 2)


def _generate(draw: Callable[..., Tensor], size: tuple[int, int], seed: int) -> Tensor:
    """1x3xHxW by `torch.rand` or `torch.randn`; on the CPU, so that a seed means the same on every device."""
    width, height = size
    return draw((1, 3, height, width), generator=torch.Generator("cpu").manual_seed(seed))
