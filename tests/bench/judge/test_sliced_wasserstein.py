from __future__ import annotations

import math

import pytest
import torch

from bench.judge.gram import gram_distance
from bench.judge.sliced_wasserstein import directions, sliced_wasserstein, squared_wasserstein

ONE_HOT = torch.eye(4).repeat(1, 3).view(1, 4, 3, 4)
"""12 places, each of 4 channels 1 at three of them: a variance of 1/4 - 1/16 in each."""


def test_a_shift_costs_its_length_as_a_share_of_the_spread() -> None:
    """By 3 in one of four channels: along orthonormal directions 9 / 4 on average, over a variance of 3 / 16."""
    moved = ONE_HOT.clone()
    moved[:, 2] += 3
    assert sliced_wasserstein(moved, ONE_HOT) == pytest.approx(math.sqrt(12), rel=1e-5)


def test_a_shift_by_the_spread_costs_one_in_any_unit() -> None:
    features = 1000 * torch.rand(1, 6, 8, 8)
    spread = features.flatten(2).var(2, correction=0).sum().sqrt()
    shift = torch.nn.functional.normalize(torch.randn(1, 6, 1, 1), dim=1) * spread
    assert sliced_wasserstein(features + shift, features) == pytest.approx(1, rel=1e-4)


def test_where_features_are_does_not_matter() -> None:
    features = torch.rand(1, 5, 6, 7)
    moved = features.flatten(2)[:, :, torch.randperm(42)].view(1, 5, 7, 6)
    assert sliced_wasserstein(moved, features) == pytest.approx(0, abs=1e-6)


def test_the_same_features_more_often_cost_nothing() -> None:
    features = torch.rand(1, 5, 6, 7)
    assert sliced_wasserstein(features.repeat(1, 1, 3, 2), features) == pytest.approx(0, abs=1e-5)


def test_it_sees_what_gram_matrices_do_not() -> None:
    """Both have a mean of 2 and a variance of 1; sorted, they differ by 1 - (2 - root 2), 1, 1 and root 2 - 1."""
    root = math.sqrt(2)
    ours = torch.tensor([1.0, 1, 3, 3]).view(1, 1, 2, 2)
    theirs = torch.tensor([2 - root, 2, 2, 2 + root]).view(1, 1, 2, 2)
    assert gram_distance(ours, theirs) == pytest.approx(0, abs=1e-10)
    assert sliced_wasserstein(ours, theirs) == pytest.approx(math.sqrt(2 - root), rel=1e-5)


def test_quantiles_of_two_and_of_three_numbers_differ_on_a_sixth() -> None:
    """0, 1 steps at 1/2, and 0, 0, 1 at 2/3; the second row the other way round, with steps of 10."""
    ours, theirs = torch.tensor([[1.0, 0], [0, 10]]), torch.tensor([[0.0, 1, 0], [10, 0, 10]])
    assert squared_wasserstein(ours, theirs).tolist() == pytest.approx([1 / 6, 100 / 6])


def test_any_two_counts_agree_with_numbers_repeated_to_one_count() -> None:
    ours, theirs = torch.randn(4, 15), torch.randn(4, 22)
    repeated = [values.repeat_interleave(count, dim=1).sort(1).values for values, count in ((ours, 22), (theirs, 15))]
    expected = (repeated[0] - repeated[1]).square().mean(1)
    assert torch.allclose(squared_wasserstein(ours, theirs), expected, rtol=1e-4)


def test_directions_stand_at_right_angles_and_are_the_same_each_time() -> None:
    first = directions(32).clone()
    directions.cache_clear()
    assert torch.equal(directions(32), first)
    assert torch.allclose(first @ first.T, torch.eye(32), atol=1e-5)
