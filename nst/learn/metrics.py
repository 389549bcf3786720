"""How near two pictures are, pixel by pixel: MSE, PSNR and SSIM, which the article names as alternatives.

All take HxWx3 pictures as floats from 0 to 1 and calculate in float64.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import ImageError

Array = NDArray[Any]

WINDOW, SIGMA = 11, 1.5
"""Pixels: side and standard deviation of SSIM's Gaussian window."""

C1, C2 = 0.01**2, 0.03**2
"""SSIM's constants (K1 L)^2 and (K2 L)^2 for values from 0 to L = 1."""


class Metrics(NamedTuple):
    """mse: 0 when equal; psnr: in dB, infinite when equal; ssim: 1 when equal, about 0 for unrelated pictures."""

    mse: float
    psnr: float
    ssim: float


def measure(value: Array, target: Array) -> Metrics:
    """All three.  Raises ImageError when the sizes differ or a side is under 11 px."""
    if value.shape != target.shape or min(value.shape[:2]) < WINDOW:
        sizes = " and ".join(f"{shape[1]}x{shape[0]}" for shape in (value.shape, target.shape))
        raise ImageError(f"Pictures of {sizes} px can't be compared: give two of one size, {WINDOW} px or more.")
    mse = float(np.square(value.astype(np.float64) - target).mean())
    return Metrics(mse, -10 * math.log10(mse) if mse else math.inf, _ssim(value, target))


def _ssim(value: Array, target: Array) -> float:
    """Structural similarity (Wang et al. 2004, equation 13), mean over windows that lie inside and over channels."""
    x, y = value.astype(np.float64), target.astype(np.float64)
    mean_x, mean_y = _blurred(x), _blurred(y)
    variances = _blurred(x * x) - mean_x**2 + _blurred(y * y) - mean_y**2
    covariance = _blurred(x * y) - mean_x * mean_y
    luminance = (2 * mean_x * mean_y + C1) / (mean_x**2 + mean_y**2 + C1)
    return float((luminance * (2 * covariance + C2) / (variances + C2)).mean())


def _blurred(image: Array) -> Array:
    offsets = np.arange(WINDOW) - WINDOW // 2
    window = np.exp(-(offsets**2) / (2 * SIGMA**2))
    window /= window.sum()
    for axis in (0, 1):
        image = np.lib.stride_tricks.sliding_window_view(image, WINDOW, axis=axis) @ window
    return image
