from __future__ import annotations

import pytest
import torch

from bench.judge.gram import gram_distance


def test_where_features_are_does_not_matter() -> None:
    features = torch.rand(1, 5, 6, 7)
    moved = features.flatten(2)[:, :, torch.randperm(42)].view(1, 5, 7, 6)
    assert gram_distance(moved, features) == pytest.approx(0, abs=1e-10)


def test_no_features_at_all_cost_one() -> None:
    assert gram_distance(torch.zeros(1, 5, 3, 3), torch.rand(1, 5, 6, 7)) == pytest.approx(1)


def test_features_twice_as_strong_cost_nine() -> None:
    """Their Gram matrix is four times as large: (4 - 1)^2."""
    features = torch.rand(1, 5, 6, 7)
    assert gram_distance(2 * features, features) == pytest.approx(9)
