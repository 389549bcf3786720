"""Features that are moved to another mean and covariance, held against what is known of such moves."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from nst.painting.backbone import Backbone
from nst.painting.losses import moments
from nst.painting.painting import stylize
from nst.painting.regions import Region
from nst.painting.transport import moved_in, transport_matrix, transported
from nst.pictures.picture import Picture
from nst.recipe import Recipe


def far_above_zero(seed: int, channels: int = 4, height: int = 9, width: int = 10) -> Tensor:
    """Correlated features of which none is moved below 0, and that vary enough to be moved as a whole."""
    generator = torch.Generator().manual_seed(seed)
    noise = torch.rand(channels, height * width, generator=generator, dtype=torch.float64) ** 4
    mixing = torch.eye(channels, dtype=torch.float64) + 0.3 * torch.rand(channels, channels, generator=generator)
    mixed = mixing @ noise
    return 0.2 + mixed.view(1, channels, height, width)


def test_moved_features_have_the_styles_moments() -> None:
    style = moments(far_above_zero(2))
    moved = moments(transported(far_above_zero(1), style))
    torch.testing.assert_close(moved.mean, style.mean)
    torch.testing.assert_close(moved.covariance, style.covariance, rtol=1e-6, atol=1e-6)


def test_features_that_have_them_stay() -> None:
    features = far_above_zero(1)
    torch.testing.assert_close(transported(features, moments(features)), features, rtol=1e-6, atol=1e-6)


def test_of_one_channel_spread_and_mean_are_exchanged() -> None:
    features, style = (
        torch.tensor(values, dtype=torch.float64).view(1, 1, 1, 3) for values in ([10, 12, 14], [5, 11, 17])
    )
    torch.testing.assert_close(transported(features, moments(style)), style)


def test_the_matrix_is_that_of_the_least_movement() -> None:
    """Symmetric, and for covariances that commute the root of their ratio: no other map moves less."""
    torch.testing.assert_close(
        transport_matrix(torch.diag(torch.tensor([4.0, 9.0])), torch.diag(torch.tensor([1.0, 36.0]))),
        torch.diag(torch.tensor([0.5, 2.0], dtype=torch.float64)),
    )
    s, t = (moments(far_above_zero(seed)).covariance[0] for seed in (3, 4))
    matrix = transport_matrix(s, t)
    torch.testing.assert_close(matrix, matrix.T)
    torch.testing.assert_close(matrix @ s @ matrix, t, rtol=1e-6, atol=1e-6)


def test_beside_a_style_of_one_color_the_content_keeps_what_varies_in_it() -> None:
    features, flat = far_above_zero(1), torch.full((1, 4, 5, 6), 3.0, dtype=torch.float64)
    moved = transported(features, moments(flat))
    torch.testing.assert_close(moved, features - features.mean((2, 3), keepdim=True) + 3)


def test_nothing_is_below_zero_and_a_channel_that_is_always_zero_is_no_trouble() -> None:
    features = torch.cat((far_above_zero(1, 2), torch.zeros(1, 1, 9, 10)), 1)
    dark = moments(torch.rand(1, 3, 8, 8, dtype=torch.float64))
    moved = transported(features, dark)
    assert bool((moved >= 0).all())
    assert bool(moved.isfinite().all())


def test_places_outside_of_a_region_stay_and_those_inside_have_its_moments() -> None:
    features, mask = far_above_zero(1), torch.zeros(1, 1, 9, 10, dtype=torch.float64)
    mask[..., :4] = 1
    style = moments(far_above_zero(2))
    moved = moved_in([Region({"conv1": style}, mask)], "conv1", features)
    assert torch.equal(moved[..., 4:], features[..., 4:])
    torch.testing.assert_close(moments(moved[..., :4]).covariance, style.covariance, rtol=1e-6, atol=1e-6)


def test_without_regions_features_stay() -> None:
    features = far_above_zero(1)
    assert moved_in([], "conv1", features) is features


QUICK: dict[str, Any] = {"size": 48, "start_size": 0, "first_steps": 3, "content_target": "transported"}


def test_a_painting_asks_for_the_content_in_the_styles_moments(
    backbone: Backbone, content: Picture, style: Picture
) -> None:
    """At the first step the picture is the content itself: it is no longer what the content loss asks for."""
    first = next(stylize(content, style, Recipe(**QUICK), backbone=backbone)).losses()
    own = next(stylize(content, style, Recipe(**{**QUICK, "content_target": "own"}), backbone=backbone)).losses()
    assert own.content == pytest.approx(0, abs=1e-6)
    assert first.content > 0.01
    assert first.style == pytest.approx(own.style)


def test_with_masks_and_several_styles_it_paints(backbone: Backbone, content: Picture, style: Picture) -> None:
    half = torch.zeros(1, 3, content.height, content.width)
    half[..., : content.width // 2] = 1
    painting = stylize(content, [style, content], Recipe(**QUICK), mask=Picture(half), backbone=backbone)
    assert bool(painting.result().rgb.isfinite().all())
