from __future__ import annotations

import pytest
import torch

from bench.judge.crispness import crispness

CHECKERBOARD = ((torch.arange(8)[:, None] + torch.arange(8)) % 2).float().expand(1, 3, 8, 8)


def test_half_the_contrast_is_half_as_crisp() -> None:
    assert crispness(0.25 + CHECKERBOARD / 2, CHECKERBOARD) == pytest.approx(0.5)


def test_a_slope_is_not_crisp_at_all() -> None:
    """Its second differences are 0."""
    slope = (torch.arange(8) / 8).expand(1, 3, 8, 8)
    assert crispness(slope, CHECKERBOARD) == 0


def test_noise_is_crisper_and_a_mean_of_neighbours_less_crisp() -> None:
    rgb = torch.rand(1, 3, 32, 32)
    assert crispness(torch.nn.functional.avg_pool2d(rgb, 3, 1), rgb) < 0.5
    assert crispness(rgb, torch.nn.functional.avg_pool2d(rgb, 3, 1)) > 2
