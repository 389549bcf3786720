"""The weighted sum that the pixels are moved down: content, style and total variation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from ..recipe import Border, Pooling, Recipe
from ..taps import BY_NAME
from .importance import weights_at
from .losses import mean_square, mse_beside, total_variation
from .regions import Region
from .statistics import STATISTICS, Distance

Parts = tuple[tuple[str, str], ...]
"""("content" or "style", tap) of each part of the loss, in the order in which an objective gives them."""


class Losses(NamedTuple):
    """The terms before weighting, and their weighted sum.

    content_taps, style_taps: what each tap adds to content and to style, which are their sums.
    """

    content: float
    style: float
    tv: float
    total: float
    content_taps: Mapping[str, float] = MappingProxyType({})
    style_taps: Mapping[str, float] = MappingProxyType({})

    @classmethod
    def read(cls, terms: Tensor, parts: Parts) -> Losses:
        """From the numbers of an `Evaluation` and the objective's `parts`; reads the device."""
        content, style, tv, total, *values = terms.tolist()
        by_tap: dict[str, dict[str, float]] = {"content": {}, "style": {}}
        for (kind, tap), value in zip(parts, values, strict=True):
            by_tap[kind][tap] = by_tap[kind].get(tap, 0.0) + value
        return cls(content, style, tv, total, by_tap["content"], by_tap["style"])


TOTAL = Losses._fields.index("total")
"""Place of the weighted sum among an evaluation's numbers, which come in the order of `Losses`."""


class Walk(Protocol):
    """From pixels to the feature maps of taps, one after the other: `nst.network.extractor.Extractor.walk`."""

    def __call__(
        self, image: Tensor, taps: Collection[str], border: Border, pooling: Pooling
    ) -> Generator[tuple[str, Tensor], Tensor | None]: ...


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The loss at some pixels, with the graph that its gradient goes back through.

    terms: the four numbers of `Losses`, before and after weighting.  parts: one number for each of the objective's
    `parts`.  everywhere: what moves all pixels.  regional: the style loss of each region.
    """

    terms: Tensor
    parts: Sequence[Tensor]
    everywhere: Tensor
    regional: Sequence[Tensor]

    def numbers(self) -> Tensor:
        """Terms and parts as one tensor on the device, without the graph."""
        return torch.cat([part.detach().view(-1) for part in (self.terms, *self.parts)])


@dataclass(frozen=True, eq=False)
class Objective:
    """One scale's loss as a function of the pixels.

    walk: gives the feature maps of the pixels.
    content: tap -> 1xCxhxw feature maps to keep, in the network's precision, so that no step has to cast them;
    style: what to take on, and where; both on the pixels' device, either may be empty.
    recipe: as it is at the result's size, see `Recipe.at_size`.
    importance: how much each place of the content counts, 1x1xHxW of the image's size, 1 on average; None: all alike.
    """

    walk: Walk
    content: Mapping[str, Tensor]
    style: Sequence[Region]
    recipe: Recipe
    importance: Tensor | None = None

    def evaluate(self, pixels: Tensor) -> Evaluation:
        """The loss of 1x3xHxW pixels in [0, 1]: the forward pass."""
        recipe = self.recipe
        content_parts: dict[str, Tensor] = {}
        style_parts: list[dict[str, Sequence[Tensor]]] = [{} for _ in self.style]

        def compare(tap: str, features: Tensor) -> Tensor:
            if tap in self.content:
                features, error = mse_beside(features, self.content[tap], self._content_weights.get(tap))
                content_parts[tap] = error * self._content_factors[tap]
            for i, region in enumerate(self.style):
                if tap in region.style:
                    features, style_parts[i][tap] = self._distances[i][tap](features, region.guide(tap, features))
            return features

        _go_on_from(compare, self.walk(pixels, self._taps, recipe.border, recipe.pooling))
        tv = total_variation(pixels, wrap=recipe.wraps) if recipe.tv_weight else pixels.new_zeros(())
        return Evaluation(*self._weighed(pixels, content_parts, style_parts, tv))

    def _weighed(
        self,
        pixels: Tensor,
        content_parts: Mapping[str, Tensor],
        style_parts: Sequence[Mapping[str, Sequence[Tensor]]],
        tv: Tensor,
    ) -> tuple[Tensor, Sequence[Tensor], Tensor, Sequence[Tensor]]:
        """What an `Evaluation` has, of the errors by tap, those of the styles region by region."""
        recipe = self.recipe
        contents = [content_parts[tap] for tap in self.content]
        content = sum(contents, pixels.new_zeros(()))
        region_parts = [
            torch.stack([part for tap in region.style for part in by_tap[tap]])
            for region, by_tap in zip(self.style, style_parts, strict=True)
        ]
        styles = [parts.sum() for parts in region_parts]
        style = torch.stack(styles).sum() if styles else pixels.new_zeros(())
        everywhere = recipe.content_weight * content + recipe.tv_weight * tv
        finite = 0 * pixels.detach().sum()  # no number where a pixel is none, which a ReLU may take for 0
        terms = torch.stack((content, style, tv, everywhere + recipe.style_weight * style + finite))
        return terms, (*contents, *region_parts), everywhere, styles

    def gradient(self, pixels: Tensor, evaluation: Evaluation) -> Tensor:
        """Of the weighted sum, for the pixels that it was evaluated at: the backward pass; 1x3xHxW.

        The gradient of a region's style stays within that region's reach.  An evaluation has one gradient: its graph
        is used up.
        """
        regions = zip(evaluation.regional, self._reaches, strict=True)
        bounded = [(loss, reach) for loss, reach in regions if reach is not None]
        free = evaluation.everywhere if bounded else evaluation.terms[TOTAL]
        gradient = torch.autograd.grad(free, pixels, retain_graph=bool(bounded), materialize_grads=True)[0]
        while bounded:
            loss, reach = bounded.pop()
            weighted = self.recipe.style_weight * loss
            gradient += torch.autograd.grad(weighted, pixels, retain_graph=bool(bounded))[0] * reach
        return gradient.contiguous()

    @property
    def parts(self) -> Parts:
        """What the numbers behind the first four are; a tap that is compared in several ways comes several times."""
        compared = [item for by_tap in self._distances for item in by_tap.items()]
        styles = [("style", tap) for tap, distance in compared for _ in range(distance.parts)]
        return (*(("content", tap) for tap in self.content), *styles)

    @property
    def _taps(self) -> set[str]:
        return {*self.content, *(tap for region in self.style for tap in region.style)}

    @cached_property
    def _content_factors(self) -> dict[str, Tensor]:
        return {tap: self._unit(self._weighted(tap)) / len(self.content) for tap in self.content}

    def _weighted(self, tap: str) -> Tensor:
        """The content's features as they count: a relative error is a share of all of it, strong places or weak."""
        target, weight = self.content[tap], self._content_weights.get(tap)
        return target if weight is None else target * weight.sqrt().to(target.dtype)

    @cached_property
    def _content_weights(self) -> dict[str, Tensor]:
        """Tap -> how much each of its places counts, 1x1xhxw; empty where all count alike."""
        if self.importance is None:
            return {}
        return {tap: weights_at(self.importance, tap) for tap in self.content}

    @cached_property
    def _distances(self) -> list[dict[str, Distance]]:
        """Region -> tap -> how far features are from the region's style, weighted."""
        statistic, relative = STATISTICS[self.recipe.style_statistic], self.recipe.loss == "relative"
        by_region = []
        for region in self.style:
            weights = tap_weights(tuple(region.style), self.recipe.style_falloff)
            by_region.append(
                {
                    tap: statistic.distance(kept, weights[tap], region.share, relative=relative)
                    for tap, kept in region.style.items()
                }
            )
        return by_region

    @cached_property
    def _reaches(self) -> list[Tensor | None]:
        return [region.reach(wrap=self.recipe.wraps) for region in self.style]

    def _unit(self, target: Tensor) -> Tensor:
        """What an error is multiplied by before weighting; of the target alone, so the same at every step."""
        return 1 / mean_square(target) if self.recipe.loss == "relative" else torch.ones((), device=target.device)


def _go_on_from(compare: Callable[[str, Tensor], Tensor], walk: Generator[tuple[str, Tensor], Tensor | None]) -> None:
    """Compare each tap of a walk, which goes on from what the comparison gives back."""
    tapped = next(walk, None)
    while tapped is not None:
        beside = compare(*tapped)
        try:
            tapped = walk.send(beside)
        except StopIteration:
            tapped = None


def tap_weights(taps: tuple[str, ...], falloff: float) -> dict[str, float]:
    """Weights that sum to 1; a tap counts `falloff` times less for each pooling before it.

    With 4 and one tap per stage: 256:64:16:4:1.  With 1: the plain average of Gatys et al. (equation 5).
    """
    raw = {tap: falloff ** -BY_NAME[tap].stage for tap in taps}
    return {tap: weight / sum(raw.values()) for tap, weight in raw.items()}
