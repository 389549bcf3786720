"""How well a picture keeps what belongs together: the distance of two self-similarities.

As the content feature structural distance (CFSD) of Chung et al. 2024 (StyleID, arXiv 2312.09008): each place's
similarities to all others, as a distribution, and the Kullback-Leibler divergence from the content's.  Colors and
strokes may be new; the sky has to stay like itself and unlike the house.  Two things differ here: similarities are
cosines, so that a picture's contrast does not count, and maps are shrunk, as the matrix has the square of their size.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from nst.pictures.picture import fit

LONG_SIDE = 48
"""Places: larger maps are shrunk to this by average pooling."""

TEMPERATURE = 0.1
"""Cosines of features that are never negative lie close together; divided by this, the likest places stand out."""


def structure_distance(ours: Tensor, theirs: Tensor) -> float:
    """Features of a picture and of its content, 1xCxHxW of one size -> mean over places of the divergence, in nats."""
    return float(F.kl_div(_similarities(ours), _similarities(theirs), reduction="batchmean", log_target=True))


def _similarities(features: Tensor) -> Tensor:
    """1xCxHxW -> NxN: logarithms of a distribution over all N places for each place."""
    width, height = fit((features.shape[3], features.shape[2]), LONG_SIDE)
    f = F.normalize(F.adaptive_avg_pool2d(features, (height, width)).flatten(2)[0], dim=0)
    return F.log_softmax(f.T @ f / TEMPERATURE, dim=1)
