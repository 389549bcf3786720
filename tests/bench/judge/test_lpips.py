from __future__ import annotations

import pytest
import torch

from bench.judge.lpips import lpips

HEAD = torch.tensor([0.25, 0.75]).view(1, 2, 1, 1)


def test_features_of_another_direction_cost_what_their_channels_count() -> None:
    """Of two places one has (3, 0) for (0, 2): the squares of (1, 0) - (0, 1), times 0.25 and 0.75, over two places."""
    ours = torch.tensor([[3.0, 1], [0, 0]]).view(1, 2, 1, 2)
    theirs = torch.tensor([[0.0, 5], [2, 0]]).view(1, 2, 1, 2)
    assert lpips([ours], [theirs], [HEAD]) == pytest.approx(0.5)


def test_layers_add_up_and_the_same_features_cost_nothing() -> None:
    a, b = torch.rand(1, 2, 4, 4), torch.rand(1, 2, 4, 4)
    assert lpips([a], [a], [HEAD]) == 0
    assert lpips([a, a, b], [b, a, a], [HEAD] * 3) == pytest.approx(2 * lpips([a], [b], [HEAD]))
