"""How much each place of the content counts: where it counts more it is kept, and the others are painted the more.

The weights are 1 on average over the picture, so that `content_weight` keeps its meaning.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from ..taps import BY_NAME

ROUNDING = 1e-4
"""By how much the weights of a map of one tone may differ once it has been resized."""


def focus_weights(importance: Tensor, focus: float) -> Tensor | None:
    """1x1xHxW weights of mean 1, `focus` times as large where the importance is 1 as where it is 0, linear between.

    importance: 1x1xHxW from 0 to 1.  None where all places count alike.
    """
    weights = 1 + (focus - 1) * importance
    return None if weights.max() <= (1 + ROUNDING) * weights.min() else weights / weights.mean()


def weights_at(weights: Tensor, tap: str) -> Tensor:
    """Weights of an image's size as those of the places of a tap, 1x1xhxw, of mean 1 again."""
    pooled = F.avg_pool2d(weights, BY_NAME[tap].stride)  # which leaves out a rest at the right and at the bottom
    return pooled / pooled.mean()
