from __future__ import annotations

import math

import pytest
import torch

from bench.judge.structure import structure_distance


def one_hot(places: list[int]) -> torch.Tensor:
    return torch.nn.functional.one_hot(torch.tensor(places)).float().T[None, :, None]


def test_the_same_structure_costs_nothing() -> None:
    features = torch.rand(1, 8, 6, 7)
    assert structure_distance(features, features) == 0


def test_which_features_show_it_and_how_strongly_does_not_matter() -> None:
    features, other = torch.rand(1, 8, 6, 7), torch.rand(1, 8, 6, 7)
    relabeled = features[:, torch.randperm(8)] * 100
    assert structure_distance(relabeled, features) == pytest.approx(0, abs=1e-6)
    assert structure_distance(relabeled, other) == pytest.approx(structure_distance(features, other), rel=1e-4)


def test_two_kinds_dealt_out_anew() -> None:
    """AABB as ABAB.  With e = exp(1 / 0.1) each row of AABB holds e, e, 1, 1 over 2e + 2; in ABAB one of its e is a 1
    and one of its 1 an e: (e - 1) / (2e + 2) * log e, which is 5 tanh 5.
    """
    assert structure_distance(one_hot([0, 1, 0, 1]), one_hot([0, 0, 1, 1])) == pytest.approx(5 * math.tanh(5), rel=1e-5)


def test_large_maps_are_shrunk_by_their_means() -> None:
    ours, theirs = torch.rand(1, 4, 36, 48), torch.rand(1, 4, 36, 48)
    larger = [features.repeat_interleave(2, 2).repeat_interleave(2, 3) for features in (ours, theirs)]
    assert structure_distance(*larger) == pytest.approx(structure_distance(ours, theirs), rel=1e-4)
