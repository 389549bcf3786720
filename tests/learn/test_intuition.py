"""Dot products, Gram matrices and shuffles against values derived by hand, and against the losses."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from nst.learn.intuition import (
    compare_vectors,
    gram,
    relative_distance,
    shuffle_cells,
    shuffle_positions,
    similarity_map,
    strongest_pairs,
    strongest_places,
)
from nst.painting import losses


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal(shape)


@pytest.mark.parametrize(
    ("b", "degrees"), [((2, 0), 0), ((3, 3), 45), ((0, 5), 90), ((-1, math.sqrt(3)), 120), ((-4, 0), 180)]
)
def test_angles_known_by_heart(b: tuple[float, float], degrees: float) -> None:
    actual = compare_vectors(np.array([3.0, 0.0]), np.array(b))
    assert actual.degrees == pytest.approx(degrees)
    assert actual.dot == pytest.approx(3 * b[0])


def test_a_comparison_is_that_of_numpy() -> None:
    a, b = noise(2, 512)
    actual = compare_vectors(a.astype(np.float32), b.astype(np.float32))
    cosine = np.dot(a, b) / np.sqrt(np.dot(a, a) * np.dot(b, b))
    assert actual.dot == pytest.approx(np.dot(a, b), rel=1e-5)
    assert actual.cosine == pytest.approx(cosine, rel=1e-5)
    assert actual.degrees == pytest.approx(np.degrees(np.arccos(cosine)), rel=1e-6)
    assert actual.dot == pytest.approx(actual.norm_a * actual.norm_b * actual.cosine)


def test_a_vector_of_zeros_has_no_direction() -> None:
    actual = compare_vectors(np.zeros(3), np.ones(3))
    assert actual.dot == 0
    assert math.isnan(actual.cosine)
    assert math.isnan(actual.degrees)


def test_the_similarity_is_one_at_the_place_itself_and_the_cosine_elsewhere() -> None:
    features = noise(16, 5, 7).astype(np.float32)
    actual = similarity_map(features, column=3, row=2)
    assert actual.shape == (5, 7)
    assert actual[2, 3] == pytest.approx(1, abs=1e-12)
    assert actual[4, 6] == pytest.approx(compare_vectors(features[:, 2, 3], features[:, 4, 6]).cosine)
    features[:, 0, 0] = 0
    assert similarity_map(features, 3, 2)[0, 0] == 0
    assert not similarity_map(features, 0, 0).any()


def test_gram_of_orthogonal_channels_is_diagonal() -> None:
    orthogonal, _ = np.linalg.qr(noise(20, 20))
    expected = np.eye(20) / 20  # each channel has length 1, over 20 positions
    np.testing.assert_allclose(gram(orthogonal.reshape(20, 4, 5)), expected, atol=1e-15)


def test_gram_of_identical_channels_is_constant() -> None:
    features = np.broadcast_to(np.array([[1.0, 2.0], [3.0, 4.0]]), (5, 2, 2))
    assert (gram(features) == (1 + 4 + 9 + 16) / 4).all()


def test_gram_is_that_of_the_loss() -> None:
    features = noise(1, 8, 6, 5)
    np.testing.assert_allclose(gram(features[0]), losses.gram_matrix(torch.from_numpy(features))[0].numpy(), rtol=1e-12)


def test_shuffling_positions_leaves_the_gram_matrix_exactly_as_it_was() -> None:
    whole = np.random.default_rng(1).integers(0, 1000, (32, 24, 20)).astype(np.float64)  # sums of them have no rounding
    shuffled = shuffle_positions(whole, np.random.default_rng(2).permutation(480))
    assert relative_distance(shuffled, whole) > 0.1
    assert (gram(shuffled) == gram(whole)).all()
    assert relative_distance(gram(shuffled), gram(whole)) == 0


def test_of_any_numbers_only_rounding_is_left_by_a_shuffle() -> None:
    features = noise(32, 24, 20)
    shuffled = shuffle_positions(features, np.random.default_rng(2).permutation(480))
    assert relative_distance(gram(shuffled), gram(features)) < 1e-28


def test_the_distance_is_a_share_of_the_target() -> None:
    target = np.array([3.0, 4.0])
    assert relative_distance(target, target) == 0
    assert relative_distance(0 * target, target) == 1
    assert relative_distance(2 * target, target) == 1
    value, other = noise(2, 4, 6, 6)
    expected = losses.mse(*map(torch.from_numpy, (value, other))) / losses.mean_square(torch.from_numpy(other))
    assert relative_distance(value, other) == pytest.approx(expected.item())


def test_the_picture_is_shuffled_as_its_features() -> None:
    image = np.arange(9 * 7 * 3).reshape(9, 7, 3)
    order = np.random.default_rng(3).permutation(12)
    moved = shuffle_cells(image, (4, 3), order)
    assert moved.shape == (8, 6, 3)
    corners = image[:8:2, :6:2].transpose(2, 0, 1)  # of each cell of 2x2 pixels
    assert (moved[::2, ::2].transpose(2, 0, 1) == shuffle_positions(corners, order)).all()
    assert (shuffle_cells(image, (4, 3), np.arange(12)) == image[:8, :6]).all()


def test_the_strongest_pairs_share_no_channel() -> None:
    products = np.array([[99, 8, 7, 1], [8, 99, 6, 5], [7, 6, 99, 2], [1, 5, 2, 99]])
    assert strongest_pairs(products, 3) == [(0, 1), (2, 3)]


def test_the_strongest_places_lie_apart() -> None:
    response = np.array([[9, 8, 0, 0], [0, 0, 0, 7], [6, 0, 0, 0]])
    assert strongest_places(response, 9, apart=1) == [(0, 0), (1, 0), (3, 1), (0, 2)]
    assert strongest_places(response, 9, apart=2) == [(0, 0), (3, 1), (0, 2)]
