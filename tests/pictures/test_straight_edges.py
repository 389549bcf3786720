"""Where straight edges are found: in pictures of which one knows."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from nst.pictures.straight_edges import blurred, straight_edges

SIDE = 96


def grain(strength: float = 0.3) -> Tensor:
    """1x3x96x96 of gray noise around a middle gray."""
    noise = torch.rand(1, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(0)) - 0.5
    return (0.5 + strength * noise).expand(1, 3, SIDE, SIDE).clone()


def half_plane(degrees: float) -> Tensor:
    """Where one side of a straight line through the middle is, 96x96 of true and false."""
    along = torch.arange(SIDE) - SIDE / 2
    turned = along[None] * math.cos(math.radians(degrees)) + along[:, None] * math.sin(math.radians(degrees))
    return turned > 0


@pytest.mark.parametrize("degrees", [0, 30, 90, 135])
def test_a_straight_edge_is_found_in_grain_whichever_way_it_runs(degrees: float) -> None:
    side = half_plane(degrees)
    found = straight_edges(grain() + 0.4 * side)[0, 0]
    near = straight_edges((side * 1.0).expand(1, 3, SIDE, SIDE))[0, 0] > 0.8
    far = straight_edges((side * 1.0).expand(1, 3, SIDE, SIDE))[0, 0] < 0.05
    inner = slice(16, -16)  # where the line and its surroundings are whole
    assert found[inner, inner][near[inner, inner]].mean() > 4 * found[inner, inner][far[inner, inner]].mean()


def test_texture_of_the_same_contrast_is_not_straight() -> None:
    picture = grain(1.0)
    picture[..., : SIDE // 2] = 0.3 + 0.4 * (torch.arange(SIDE // 2) > SIDE // 4)
    found = straight_edges(picture)[0, 0]
    assert found[:, SIDE // 4 - 2 : SIDE // 4 + 2].mean() > 3 * found[:, 3 * SIDE // 4 :].mean()


def test_of_an_even_picture_nothing_is_found() -> None:
    assert not straight_edges(torch.full((1, 3, 40, 30), 0.4)).any()


def test_it_is_a_share() -> None:
    found = straight_edges(torch.rand(1, 3, 50, 70))
    assert found.shape == (1, 1, 50, 70)
    assert 0 <= float(found.min()) <= float(found.max()) <= 1


def test_a_blur_spreads_a_point_as_a_gaussian() -> None:
    point = torch.zeros(1, 1, 21, 21, dtype=torch.float64)
    point[..., 10, 10] = 1
    spread = blurred(point, 2.0)[0, 0]
    assert float(spread.sum()) == pytest.approx(1)
    assert float(spread[10, 12] / spread[10, 10]) == pytest.approx(math.exp(-0.5))
    assert float(spread[13, 14] / spread[10, 10]) == pytest.approx(math.exp(-(9 + 16) / 8))


def test_a_blur_leaves_an_even_picture_as_it_is_up_to_its_border() -> None:
    even = torch.full((1, 3, 5, 4), 0.7)
    torch.testing.assert_close(blurred(even, 3.0), even)
