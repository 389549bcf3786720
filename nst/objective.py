"""The weighted sum that the pixels are moved down: content, style and total variation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import torch
from torch import Tensor

from .layers import BY_NAME
from .losses import gram_matrix, mean_square, mse, total_variation
from .recipe import Recipe
from .targets import FeatureExtractor


class Losses(NamedTuple):
    """The terms before weighting, and their weighted sum."""

    content: float
    style: float
    tv: float
    total: float


@dataclass(frozen=True, eq=False)
class Objective:
    """One scale's loss as a function of the pixels.

    content: tap -> 1xCxhxw feature maps to keep, in the network's precision, so that no step has to cast them;
    style: tap -> 1xCxC Gram matrices to take on, in float32 or more; both on the pixels' device, either may be empty.
    check: called between the forward and the backward pass, which are long; what it raises ends the step.
    """

    extractor: FeatureExtractor
    content: Mapping[str, Tensor]
    style: Mapping[str, Tensor]
    recipe: Recipe
    check: Callable[[], None] = lambda: None

    def __call__(self, pixels: Tensor) -> Tensor:
        """1x3xHxW in [0, 1] -> the four numbers of `Losses` as one tensor, of which [3] is to be minimized."""
        recipe = self.recipe
        features = self.extractor(pixels, {*self.content, *self.style}, recipe.border)
        self.check()
        zero = pixels.new_zeros(())
        content, style = zero, zero
        for tap, target in self.content.items():
            content = content + mse(features[tap], target) * self._content_factors[tap]
        for tap, target in self.style.items():
            style = style + mse(gram_matrix(features[tap]), target) * self._style_factors[tap]
        tv = total_variation(pixels) if recipe.tv_weight else zero
        total = recipe.balanced_content_weight * content + recipe.style_weight * style + recipe.tv_weight * tv
        return torch.stack((content, style, tv, total))

    @cached_property
    def _content_factors(self) -> dict[str, Tensor]:
        return {tap: self._unit(target) / len(self.content) for tap, target in self.content.items()}

    @cached_property
    def _style_factors(self) -> dict[str, Tensor]:
        weights = tap_weights(tuple(self.style), self.recipe.style_falloff)
        return {tap: self._unit(target) * weights[tap] for tap, target in self.style.items()}

    def _unit(self, target: Tensor) -> Tensor:
        """What an error is multiplied by before weighting; of the target alone, so the same at every step."""
        return 1 / mean_square(target) if self.recipe.loss == "relative" else torch.ones((), device=target.device)


def tap_weights(taps: tuple[str, ...], falloff: float) -> dict[str, float]:
    """Weights that sum to 1; a tap counts `falloff` times less for each pooling before it.

    With 4 and one tap per stage: 256:64:16:4:1.  With 1: the plain average of Gatys et al. (equation 5).
    """
    raw = {tap: falloff ** -BY_NAME[tap].stage for tap in taps}
    return {tap: weight / sum(raw.values()) for tap, weight in raw.items()}
