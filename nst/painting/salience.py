"""What stands out in a picture: faces and other things that differ from what lies around, and straight edges."""

from __future__ import annotations

import torch
from torch import Tensor

from ..pictures.picture import Picture, Size, resize
from ..pictures.straight_edges import straight_edges
from ..taps import MIN_SIDE
from .targets import Targets

LOOKED_AT = 384
"""Pixels of the long side at which it is looked for, or the result's where that is smaller."""

TAP = "conv10"
"""The layer that sees eyes, mouths and windows.  Deeper ones answer to whole things, which in a portrait are as often
the clothes as the face."""

SIZES = (1, 2)
"""How many times smaller the picture is looked at as well: so parts are seen, and what they are parts of."""

EDGES = 0.5
"""How important the straightest edge is beside what stands out the most.  Edges are many, and what they get all else
gives."""

USUAL, RARE = 0.5, 0.99
"""The shares of places that stand out no more than one that counts as 0, and one that counts as 1."""


def find_salience(picture: Picture, size: Size, targets: Targets) -> Tensor:
    """What is important in a picture that is looked at at a size (width, height): 1x1xHxW, from 0 to 1."""
    smaller = [(size[0] // times, size[1] // times) for times in SIZES]
    features = [targets.content(picture, at, (TAP,), "replicate", "max")[TAP] for at in smaller if min(at) >= MIN_SIDE]
    things = [spread(resize(conspicuousness(seen.float().cpu()), size)) for seen in features]
    edges = straight_edges(picture.resized(size).rgb).square()
    return torch.maximum(spread(torch.cat(things).mean(0, keepdim=True)), EDGES * edges)


def conspicuousness(features: Tensor) -> Tensor:
    """How far the feature of each place is from the picture's mean feature: 1xCxhxw -> 1x1xhxw."""
    distance: Tensor = torch.linalg.vector_norm(features - features.mean((2, 3), keepdim=True), dim=1, keepdim=True)
    return distance


def spread(values: Tensor) -> Tensor:
    """1x1xHxW of any numbers, so stretched that what is usual is 0 and what is rare is 1."""
    usual, rare = values.quantile(USUAL), values.quantile(RARE)
    stretched: Tensor = (values - usual) / (rare - usual).clamp_min(1e-6)
    return stretched.clamp(0, 1)
