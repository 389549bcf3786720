"""Keeping the content's colors."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from nst.pictures.color import is_gray, luminance, match_colors, match_luminance, tint, with_luminance

YIQ = torch.tensor([[0.299, 0.587, 0.114], [0.596, -0.274, -0.322], [0.211, -0.523, 0.312]])


def sample(seed: int, height: int = 12, width: int = 15) -> Tensor:
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(seed))


def chroma(rgb: Tensor) -> Tensor:
    """I and Q, by the standard's matrix."""
    return torch.einsum("ij,njhw->nihw", YIQ[1:], rgb)


def test_luminance_is_the_y_of_yiq() -> None:
    colors = torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1], [0.5, 0.5, 0.5]]).T[None, :, None]
    assert luminance(colors).flatten().tolist() == pytest.approx([0.299, 0.587, 0.114, 1, 0.5])


def test_another_luminance_keeps_the_chroma_exactly() -> None:
    content, painted = sample(1), sample(2)
    result = with_luminance(content, luminance(painted))
    assert 0 <= result.min()
    assert result.max() <= 1
    torch.testing.assert_close(chroma(result), chroma(content), atol=1e-6, rtol=0)


def test_where_the_color_allows_it_the_luminance_is_the_one_given() -> None:
    gray = torch.full((1, 3, 4, 4), 0.2)
    luma = torch.linspace(0, 1, 16).view(1, 1, 4, 4)
    torch.testing.assert_close(with_luminance(gray, luma), luma.expand(1, 3, 4, 4))


def test_matched_luminance_has_the_references_mean_and_deviation() -> None:
    reference = sample(2) * 0.3 + 0.1
    matched = match_luminance(sample(1), reference)
    assert matched.mean().item() == pytest.approx(luminance(reference).mean().item(), abs=1e-6)
    assert matched.std().item() == pytest.approx(luminance(reference).std().item(), abs=1e-6)


def test_matched_colors_have_the_references_mean_and_covariance() -> None:
    mixing = torch.tensor([[0.5, 0.2, 0.0], [0.1, 0.3, 0.1], [0.0, 0.2, 0.4]])
    reference = torch.einsum("ij,njhw->nihw", mixing, sample(2)) + 0.1
    actual, wanted = (image[0].flatten(1).double().numpy() for image in (match_colors(sample(1), reference), reference))
    np.testing.assert_allclose(actual.mean(1), wanted.mean(1), atol=1e-6)
    np.testing.assert_allclose(np.cov(actual), np.cov(wanted), atol=2e-5)  # the floor of the variances is 1e-6


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
def test_a_picture_of_one_color_can_be_matched(level: float) -> None:
    flat = torch.full((1, 3, 8, 8), level)
    torch.testing.assert_close(match_colors(flat, flat), flat)
    to_flat = match_colors(sample(1), flat)
    assert (to_flat - level).abs().max() < 0.01
    mean = sample(1).mean((2, 3), keepdim=True)
    torch.testing.assert_close(match_colors(flat, sample(1)), mean.expand(1, 3, 8, 8))
    assert match_luminance(flat, sample(1)).isfinite().all()


def test_a_single_pixel_has_a_luminance_to_match_and_none_to_vary() -> None:
    pixel, reference = sample(1)[..., :1, :1], sample(2)
    mean = luminance(reference).mean().view(1, 1, 1, 1)
    torch.testing.assert_close(match_luminance(pixel, reference), mean)
    torch.testing.assert_close(match_luminance(reference, pixel), luminance(pixel).expand(1, 1, *reference.shape[2:]))


def gray_ramp(height: int = 100, width: int = 100) -> Tensor:
    return torch.linspace(0.1, 0.9, height * width).view(1, 1, height, width).repeat(1, 3, 1, 1)


def test_tint_is_the_distance_of_the_farthest_channels() -> None:
    colors = torch.tensor([[0.2, 0.5, 0.4], [0.3, 0.3, 0.3]]).T.view(1, 3, 1, 2)
    assert tint(colors).tolist() == pytest.approx([0.3, 0])
    assert tint(colors, torch.tensor([[[[0.0, 0.1]]]])).tolist() == [0]


def test_of_a_large_picture_some_pixels_are_looked_at() -> None:
    assert tint(sample(1, 30, 4096)).shape == (4 * 512,)  # every eighth row and column


@pytest.mark.parametrize(("deviation", "expected"), [(0.0, True), (1.0, True), (2.0, True), (8.0, False)])
def test_a_scan_of_a_gray_picture_is_gray_up_to_a_scanners_noise(deviation: float, expected: bool) -> None:
    """In steps of 255, in each channel by itself."""
    noise = torch.randn(1, 3, 100, 100, generator=torch.Generator().manual_seed(0)) * deviation / 255
    assert is_gray(gray_ramp() + noise) == expected


@pytest.mark.parametrize(("steps", "expected"), [(3, True), (6, False), (20, False)])
def test_a_cast_that_nobody_sees_is_none_and_a_sepia_is_color(steps: int, expected: bool) -> None:
    warm = gray_ramp()
    warm[:, 0] += steps / 255
    assert is_gray(warm) == expected


@pytest.mark.parametrize(("side", "expected"), [(2, True), (6, False)])
def test_a_speck_of_dust_is_no_color_and_a_red_seal_is(side: int, expected: bool) -> None:
    """Of 10,000 pixels."""
    drawing = gray_ramp()
    drawing[:, 0, :side, :side] = 1
    assert is_gray(drawing) == expected


def test_color_where_nothing_is_covered_does_not_count() -> None:
    half, cover = gray_ramp(), torch.ones(1, 1, 100, 100)
    half[:, 0, :, 50:] = 1
    cover[..., 50:] = 0
    assert not is_gray(half)
    assert is_gray(half, cover)
