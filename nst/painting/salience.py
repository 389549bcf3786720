"""What stands out in a picture: faces and other things that the network knows, and straight edges."""

from __future__ import annotations

import torch
from torch import Tensor

from ..pictures.picture import Picture, Size, resize
from ..pictures.straight_edges import straight_edges
from .targets import Targets

LOOKED_AT = 384
"""Pixels of the long side at which it is looked for, or the result's where that is smaller."""

TAP = "conv13"
"""The layer that knows the most of things."""


def find_salience(picture: Picture, size: Size, targets: Targets) -> Tensor:
    """What is important in a picture when it is looked at at a size: 1x1xHxW of that size, from 0 to 1."""
    features = targets.content(picture, size, (TAP,), "replicate", "max")[TAP]
    things = resize(conspicuous(features.float().cpu()), size).clamp(0, 1)
    return torch.maximum(things, straight_edges(picture.resized(size).rgb))


def conspicuous(features: Tensor) -> Tensor:
    """Where much is found: 1xCxhxw feature maps, at least 0 -> 1x1xhxw from 0 to 1."""
    much = features.sum(1, keepdim=True)
    usual, most = much.quantile(0.5), much.max()
    return ((much - usual) / (most - usual).clamp_min(1e-6)).clamp(0, 1)
