"""Keeping the content's colors, in the two ways of Gatys et al. 2017 (arXiv 1606.05897, section 5).

Images are NxCxHxW, sRGB in [0, 1].
"""

from __future__ import annotations

import torch
from torch import Tensor

LUMA = (0.299, 0.587, 0.114)
"""Shares of red, green and blue in the luminance Y of YIQ (ITU-R BT.601)."""

MAX_GRAY_TINT = 4 / 255
"""How far apart red, green and blue of a gray picture may be on average: as far as the noise of a scanner, a color
profile or a JPEG sets them.  Less than the speckle that a painting of gray pictures would have."""

MAX_SPECK_TINT, MAX_SPECKS = 16 / 255, 1e-3
"""The same of single pixels, and the share of those that may be tinted more: dust, but no seal on an ink painting."""

SAMPLED_SIDE = 512
"""Pixels: of a larger picture only some are looked at for their tint, as colors are no detail."""

_LEAST_VARIANCE = 1e-6
"""Added to each color's variance, so that a picture of one color can be matched as well: less than one of 255 steps."""


def luminance(rgb: Tensor) -> Tensor:
    """Y of YIQ: Nx3xHxW -> Nx1xHxW."""
    return torch.einsum("c,nchw->nhw", rgb.new_tensor(LUMA), rgb)[:, None]


def tint(rgb: Tensor, cover: Tensor | None = None) -> Tensor:
    """How far apart red, green and blue of 1x3xHxW are, in a row: of pixels spread evenly over a large picture.

    cover: 1x1xHxW; where it is 0, pixels are left out.
    """
    step = max(1, max(rgb.shape[2:]) // SAMPLED_SIDE)
    some = rgb[0, :, ::step, ::step].flatten(1)
    apart = some.amax(0) - some.amin(0)
    return apart if cover is None else apart[cover[0, 0, ::step, ::step].flatten() > 0]


def is_gray(rgb: Tensor, cover: Tensor | None = None) -> bool:
    """True for a gray picture, also one whose red, green and blue are nearly the same; rgb, cover: as in `tint`."""
    apart = tint(rgb, cover)
    return float(apart.mean()) <= MAX_GRAY_TINT and float((apart > MAX_SPECK_TINT).float().mean()) <= MAX_SPECKS


def with_luminance(rgb: Tensor, luma: Tensor) -> Tensor:
    """The picture with another luminance (Nx1xHxW) and exactly its own chroma.

    Adding the same to red, green and blue leaves I and Q as they are.  Where the sum would leave [0, 1] the
    luminance gives way, never the color.
    """
    chroma = rgb - luminance(rgb)
    low, high = -chroma.amin(1, keepdim=True), 1 - chroma.amax(1, keepdim=True)
    return (luma.maximum(low).minimum(high) + chroma).clamp(0, 1)


def match_luminance(image: Tensor, reference: Tensor, sample: Tensor | None = None) -> Tensor:
    """The image's luminance with the reference's mean and standard deviation (equation 10): Nx1xHxW, unclamped.

    sample: colors that count as the image's, 1x3xhxw, where those of some of its parts do not.
    """
    ours, theirs = luminance(image if sample is None else sample), luminance(reference)
    gain = _deviation(theirs) / _deviation(ours).clamp_min(_LEAST_VARIANCE**0.5)
    return (luminance(image) - ours.mean()) * gain + theirs.mean()


def _deviation(luma: Tensor) -> Tensor:
    """The standard deviation; 0 of a single value."""
    return luma.std(correction=min(1, luma.numel() - 1))


def match_colors(image: Tensor, reference: Tensor, sample: Tensor | None = None) -> Tensor:
    """The image with the reference's mean color and color covariance: 1x3xHxW, unclamped.

    The linear map x -> L_r L_i^-1 (x - mean_i) + mean_r of the Cholesky factors L of both covariances (section
    5.1); in float64 inside.  sample: as in `match_luminance`.
    """
    ours, theirs = (picture[0].flatten(1).double() for picture in (image if sample is None else sample, reference))
    root_ours, root_theirs = (_root(colors) for colors in (ours, theirs))
    flat = (ours if sample is None else image[0].flatten(1).double()) - ours.mean(1, keepdim=True)
    matched = root_theirs @ torch.linalg.solve_triangular(root_ours, flat, upper=False)
    result: Tensor = (matched + theirs.mean(1, keepdim=True)).view(image.shape).to(image.dtype)
    return result


def _root(colors: Tensor) -> Tensor:
    """Lower Cholesky factor of the covariance of 3xN colors."""
    floor = _LEAST_VARIANCE * torch.eye(3, dtype=colors.dtype)
    root: Tensor = torch.linalg.cholesky(torch.cov(colors, correction=0) + floor)
    return root
