"""The same loss and the same gradient, of a picture whose feature maps have no room: band by band.

Two passes over the bands: one gathers what the errors are made of (see `nst.painting.summaries`), the other takes the
gradient of that back to each band's pixels.  Between them nothing is there but the inputs of the stages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from ..network.bands import BandedPass, Part
from ..network.extractor import Extractor
from ..taps import BY_NAME
from .losses import mean_square, total_variation_by_rows
from .objective import Evaluation, Objective
from .room import Room
from .step_share import StepShare
from .stopping import StopSignal
from .summaries import ContentSummary, Summary

ROWS = 256
"""Of a feature map or an image that are looked at together."""


@dataclass(frozen=True, eq=False)
class BandedEvaluation(Evaluation):
    """With what its gradient goes back through.

    summaries: of each tap all that is made of its features.  of_tv: the gradient of the total variation, 1x3xHxW, if it
    counts.
    """

    way: BandedPass
    summaries: Mapping[str, Sequence[Summary]]
    of_tv: Tensor | None


@dataclass(frozen=True, eq=False, kw_only=True)
class BandedObjective(Objective):
    """As `Objective`, but that the content's feature maps may lie wherever there is room.

    extractor: gives the feature maps of the pixels; its own `walk` is not used.  stop: looked at in each band.
    share: set in each band.  room: how large a band is, and what of it stays.
    """

    extractor: Extractor
    stop: StopSignal
    share: StepShare
    room: Room

    def evaluate(self, pixels: Tensor) -> BandedEvaluation:
        """As `Objective.evaluate`.  Raises Stopped."""
        recipe = self.recipe
        way = BandedPass(
            self.extractor,
            pixels.detach(),
            self._taps,
            recipe.border,
            recipe.pooling,
            band_bytes=self.room.band,
            kept_from=self.room.kept_from,
            times_back=1 + sum(reach is not None for reach in self._reaches),
        )
        height, width = pixels.shape[2:]
        contents = {tap: self._content_summary(tap) for tap in self.content}
        regions = [
            {tap: self._style_summary(i, tap, (height, width)) for tap in region.style}
            for i, region in enumerate(self.style)
        ]
        summaries: dict[str, list[Summary]] = {tap: [summary] for tap, summary in contents.items()}
        for by_tap in regions:
            for tap, summary in by_tap.items():
                summaries.setdefault(tap, []).append(summary)
        for part in way.forward():
            self._look_up(way)
            for summary in summaries[part.tap]:
                summary.add(part)
        content_parts = {tap: summary.errors()[0] for tap, summary in contents.items()}
        style_parts = [{tap: summary.errors() for tap, summary in by_tap.items()} for by_tap in regions]
        tv, of_tv = pixels.new_zeros(()), None
        if recipe.tv_weight:
            tv, of_tv = total_variation_by_rows(pixels.detach(), ROWS, wrap=recipe.wraps)
        weighed = self._weighed(pixels, content_parts, style_parts, tv)
        return BandedEvaluation(*weighed, way=way, summaries=summaries, of_tv=of_tv)

    def gradient(self, pixels: Tensor, evaluation: Evaluation) -> Tensor:
        """As `Objective.gradient`, at the pixels that were evaluated.  Raises Stopped."""
        assert isinstance(evaluation, BandedEvaluation)
        regions = list(zip(evaluation.regional, self._reaches, strict=True))
        weight = self.recipe.style_weight
        free = [evaluation.everywhere, *(weight * loss for loss, reach in regions if reach is None)]
        gradient = self._pulled(pixels, torch.stack(free).sum(), evaluation)
        if evaluation.of_tv is not None:
            gradient += self.recipe.tv_weight * evaluation.of_tv
        for loss, reach in regions:
            if reach is not None:
                gradient += self._pulled(pixels, weight * loss, evaluation).mul_(reach)
        self.share.made = 0.0
        return gradient

    def _look_up(self, way: BandedPass) -> None:
        """Between two bands: say how far it is, and see whether it is to end."""
        self.share.made = way.share
        self.stop.check()

    def _pulled(self, pixels: Tensor, loss: Tensor, evaluation: BandedEvaluation) -> Tensor:
        """The gradient of a part of the loss, by way of the network; 0 for what does not depend on it."""
        leaves = [leaf for summaries in evaluation.summaries.values() for each in summaries for leaf in each.leaves]
        if not loss.requires_grad:
            return torch.zeros_like(pixels)
        gradients = iter(torch.autograd.grad(loss, leaves, retain_graph=True, allow_unused=True))
        pulling: dict[str, list[tuple[Summary, list[Tensor]]]] = {tap: [] for tap in evaluation.summaries}
        for tap, summaries in evaluation.summaries.items():
            for summary in summaries:
                given = [(leaf, next(gradients)) for leaf in summary.leaves]
                if any(of_leaf is not None for _, of_leaf in given):
                    of_leaves = [torch.zeros_like(leaf) if of_leaf is None else of_leaf for leaf, of_leaf in given]
                    pulling[tap].append((summary, of_leaves))

        def pull(part: Part, beside: Tensor | None) -> Tensor | None:
            self._look_up(evaluation.way)
            for summary, of_leaves in pulling[part.tap]:
                beside = summary.pull(part, of_leaves, beside)
            return beside

        return evaluation.way.backward(pull)

    def _content_summary(self, tap: str) -> Summary:
        return ContentSummary(self.content[tap], self._content_factors[tap], self._content_weights.get(tap))

    def _style_summary(self, region: int, tap: str, size: tuple[int, int]) -> Summary:
        layer = BY_NAME[tap]
        at_tap = (size[0] // layer.stride, size[1] // layer.stride)
        like = self.style[region].style[tap][0].new_empty((), dtype=self.extractor.dtype)
        guide = self.style[region].guide(tap, like)
        return self._distances[region][tap].summary(layer.out_channels, at_tap, guide)

    @cached_property
    def _content_factors(self) -> dict[str, Tensor]:
        return {tap: self._unit_by_rows(tap) / len(self.content) for tap in self.content}

    def _unit_by_rows(self, tap: str) -> Tensor:
        """As `Objective._unit`, of features that may lie elsewhere."""
        target, weight = self.content[tap], self._content_weights.get(tap)
        device = self.extractor.mean.device
        if self.recipe.loss != "relative":
            return torch.ones((), device=device)
        total = torch.zeros((), dtype=self.extractor.mean.dtype, device=device)
        for first in range(0, target.shape[2], ROWS):
            counted = target[:, :, first : first + ROWS].to(device)
            if weight is not None:
                counted = counted * weight[:, :, first : first + ROWS].sqrt().to(counted.dtype)
            total += mean_square(counted) * (counted.numel() / target.numel())
        return 1 / total
