"""MSE, PSNR and SSIM against values derived by hand, and against SSIM as the sum that its definition is."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nst.errors import ImageError
from nst.learn.metrics import C1, C2, SIGMA, measure


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random((14, 13, 3))


def test_a_picture_is_equal_to_itself() -> None:
    metrics = measure(noise(0), noise(0))
    assert metrics == (0, math.inf, metrics.ssim)
    assert metrics.ssim == pytest.approx(1)


def test_flat_pictures_differ_in_luminance_alone() -> None:
    a, b = 0.5, 0.6
    actual = measure(np.full((20, 30, 3), a), np.full((20, 30, 3), b))
    assert actual.mse == pytest.approx(0.01)
    assert actual.psnr == pytest.approx(20)  # decibels: 10 log10(1 / 0.01)
    assert actual.ssim == pytest.approx((2 * a * b + C1) / (a * a + b * b + C1))


def test_a_negative_has_a_negative_structure() -> None:
    assert measure(1 - noise(0), noise(0)).ssim < -0.5


def test_ssim_is_the_mean_over_windows_of_its_definition() -> None:
    x, y = noise(1), 0.7 * noise(1) + 0.3 * noise(2)
    row, column = np.mgrid[-5:6, -5:6]
    weights = np.exp(-(row**2 + column**2) / (2 * SIGMA**2))[:, :, None]
    weights /= weights.sum()
    actual = []
    for top in range(4):
        for left in range(3):
            a, b = (image[top : top + 11, left : left + 11] for image in (x, y))
            mean_a, mean_b = (weights * a).sum((0, 1)), (weights * b).sum((0, 1))
            variance_a, variance_b = (
                (weights * (a - mean_a) ** 2).sum((0, 1)),
                (weights * (b - mean_b) ** 2).sum((0, 1)),
            )
            covariance = (weights * (a - mean_a) * (b - mean_b)).sum((0, 1))
            actual.append(
                (2 * mean_a * mean_b + C1) / (mean_a**2 + mean_b**2 + C1)
                * (2 * covariance + C2) / (variance_a + variance_b + C2)
            )  # fmt: skip
    assert measure(x, y).ssim == pytest.approx(np.mean(actual), rel=1e-9)


def test_other_sizes_are_refused() -> None:
    with pytest.raises(ImageError, match=r"Pictures of 13x14 and 14x13 px can't be compared: give two of one size"):
        measure(noise(0), noise(0).swapaxes(0, 1))
    with pytest.raises(ImageError, match="11 px or more"):
        measure(noise(0)[:10], noise(0)[:10])
