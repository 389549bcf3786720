from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from bench.judge.patches import nearest_distance, omission, strangeness


def test_every_patch_of_a_pattern_is_found_in_the_pattern_moved_on() -> None:
    """A pattern of 4x5 places, twice and more in both directions: each patch of one lies in the other, elsewhere."""
    pattern = torch.rand(1, 6, 4, 5).repeat(1, 1, 3, 3)
    moved = pattern.roll((1, 3), (2, 3))
    assert nearest_distance(pattern, moved) == pytest.approx(0, abs=1e-6)
    assert nearest_distance(moved, pattern) == pytest.approx(0, abs=1e-6)


def test_what_is_left_out_costs_in_one_direction() -> None:
    """The style is of kind A in its left half and B in its right; the picture has nothing but A.

    Patches of three columns begin at six columns: two are all A, two are all B and at a distance of 1, and between them
    lie one that is A by two thirds and one by a third: 0, 0, 1/3, 2/3, 1, 1.
    """
    style = torch.zeros(1, 2, 6, 8)
    style[:, 0, :, :4] = style[:, 1, :, 4:] = 1
    picture = torch.zeros(1, 2, 6, 6)
    picture[:, 0] = 1
    assert nearest_distance(picture, style) == pytest.approx(0, abs=1e-6)
    assert nearest_distance(style, picture) == pytest.approx(0.5)


def test_a_picture_of_half_a_style_omits_and_one_of_two_styles_is_strange() -> None:
    """Of two kinds in equal parts, which beyond their mean are each other's opposite, at a distance of 2.

    All but two columns of patches lie in one kind; the two between are like A by 6 : 3 and 3 : 6, a cosine of
    (6 - 3) / 9 = 1/3 and of -1/3: distances of 0, 0, 2/3, 4/3, 2, 2, a mean of 1.
    """
    style = torch.zeros(1, 2, 6, 8)
    style[:, 0, :, :4] = style[:, 1, :, 4:] = 1
    half = style[..., :4]
    assert strangeness(half, style) == pytest.approx(0, abs=1e-6)
    assert omission(half, style) == pytest.approx(1)
    other = torch.zeros(1, 2, 6, 8)
    assert strangeness(other - style, style) > 0.5


def test_what_all_places_have_in_common_does_not_matter() -> None:
    picture, style, common = torch.rand(1, 6, 9, 9), torch.rand(1, 6, 10, 8), 5 * torch.rand(1, 6, 1, 1)
    for distance in (strangeness, omission):
        assert distance(picture + common, style + common) == pytest.approx(distance(picture, style), rel=1e-4)


def test_strength_does_not_matter() -> None:
    features = torch.rand(1, 6, 9, 9)
    assert nearest_distance(100 * features, features) == pytest.approx(0, abs=1e-6)


def test_a_large_map_in_blocks_is_asked_on_a_grid_and_searched_whole() -> None:
    """58x58 patches are more than four times 800, so every third is asked for in both directions, and two blocks."""
    ours, theirs = torch.rand(1, 3, 60, 60), torch.rand(1, 3, 60, 60)
    asked, among = unit_patches(ours)[::3, ::3].reshape(-1, 27), unit_patches(theirs).reshape(-1, 27)
    expected = np.mean(1 - (asked @ among.T).max(1))
    assert nearest_distance(ours, theirs) == pytest.approx(expected, rel=1e-4)


def unit_patches(features: Tensor) -> NDArray[Any]:
    """1x3xHxW -> (H-2)x(W-2)x27, each of length 1."""
    windows = np.lib.stride_tricks.sliding_window_view(features[0].double().numpy(), (3, 3), axis=(1, 2))
    patches = windows.transpose(1, 2, 0, 3, 4).reshape(58, 58, 27)
    unit: NDArray[Any] = patches / np.linalg.norm(patches, axis=2, keepdims=True)
    return unit
