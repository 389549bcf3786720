from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from bench.judge.color import color_distance, color_histogram, hellinger


def flat(*rgb: float) -> Tensor:
    return torch.tensor(rgb).view(1, 3, 1, 1).expand(1, 3, 8, 8)


def test_hellinger_is_zero_for_the_same_and_one_for_nothing_in_common() -> None:
    p, q = torch.tensor([0.5, 0.5, 0, 0]), torch.tensor([0, 0, 0.1, 0.9])
    assert hellinger(p, p) == 0
    assert hellinger(p, q) == pytest.approx(1)


def test_hellinger_of_one_half_in_common() -> None:
    """Half the sum of (1 - root 1/2)^2 and 1/2 is 1 - root 1/2."""
    distance = hellinger(torch.tensor([1.0, 0]), torch.tensor([0.5, 0.5]))
    assert distance == pytest.approx(math.sqrt(1 - math.sqrt(0.5)))


def test_a_histogram_is_the_formula_pixel_by_pixel() -> None:
    pixels = [(0.2, 0.4, 0.6), (0.9, 0.1, 0.3), (0.5, 0.5, 0.5)]
    centers, expected = np.linspace(-3, 3, 64), np.zeros((3, 64, 64))
    for pixel in pixels:
        for channel, (first, second) in enumerate(((1, 2), (0, 2), (0, 1))):
            ratios = [(pixel[channel] + 1e-6) / (pixel[other] + 1e-6) for other in (first, second)]
            votes = [1 / (1 + ((np.log(ratio) - centers) / 0.02) ** 2) for ratio in ratios]
            expected[channel] += np.linalg.norm(pixel) * np.outer(*votes)
    histogram = color_histogram(torch.tensor(pixels).T.reshape(1, 3, 1, 3))
    assert np.allclose(histogram, expected / expected.sum(), rtol=1e-3)


def test_a_histogram_of_many_pixels_is_that_of_their_blocks_together() -> None:
    """40000 pixels are three blocks."""
    rgb = torch.rand(1, 3, 100, 100)
    assert torch.allclose(color_histogram(rgb.repeat(1, 1, 2, 2)), color_histogram(rgb), atol=1e-6)


def test_the_same_colors_elsewhere_cost_nothing() -> None:
    rgb = torch.rand(1, 3, 10, 12)
    assert color_distance(rgb.flip(2, 3).transpose(2, 3), rgb) == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize("other", [flat(0, 1, 0), flat(0, 0, 1), flat(0.5, 0.5, 0.5)])
def test_another_color_costs_nearly_all(other: Tensor) -> None:
    assert color_distance(flat(1, 0, 0), other) > 0.9


def test_brightness_is_no_color() -> None:
    assert color_distance(flat(0.8, 0.4, 0.2), flat(0.4, 0.2, 0.1)) < 1e-3


def test_how_much_of_a_color_there_is_counts() -> None:
    """Half orange, half blue against orange alone: 0.54 if their bins had nothing in common."""
    orange, blue = flat(0.8, 0.4, 0.1), flat(0.1, 0.4, 0.8)
    assert color_distance(torch.cat([orange, blue], dim=3), orange) == pytest.approx(0.54, abs=0.05)


def test_black_is_gray() -> None:
    assert color_distance(flat(0, 0, 0), flat(0.5, 0.5, 0.5)) < 1e-3
