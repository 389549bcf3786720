"""The judge and what it says."""

from __future__ import annotations

from collections.abc import Callable
from statistics import mean
from typing import NamedTuple

import torch
from torch import Tensor

from nst.pictures.picture import Picture, fit

from .alexnet import AlexNet
from .color import color_distance
from .crispness import crispness
from .gram import gram_distance
from .lpips import lpips
from .patches import omission, strangeness
from .sliced_wasserstein import sliced_wasserstein
from .structure import structure_distance
from .vgg19 import TAPS, VGG19

_PATCH_TAPS = ("relu3_1", "relu4_1")
_STRUCTURE_TAP = "relu3_1"


class Figures(NamedTuple):
    """What the judge says.  Less is better in all but crispness, where 1 is best.

    Against the style at the picture's long side; 0 for the style itself:
    style: relative distance of Gram matrices, mean over relu1_1 to relu5_1 of VGG-19.
    wasserstein: sliced Wasserstein distance of the features as a share of their spread, mean over the same layers.
    patches: mean of the next two.
    strangeness: how far the picture's patches are from the style's nearest; mean of relu3_1 and relu4_1.
    omission: how far the style's patches are from the picture's nearest: what of the style was left out.
    color: distance of the distributions of colors, 0 to 1.

    Against the content at the picture's size; 0 for the content itself:
    content: LPIPS 0.1 with AlexNet.
    structure: distance of the self-similarities at relu3_1, in nats.

    Against the style again:
    crispness: 1 is as crisp as the style; less is blurred, more is noisy.
    """

    style: float
    wasserstein: float
    patches: float
    strangeness: float
    omission: float
    color: float
    content: float
    structure: float
    crispness: float


CONTENT_FIGURES = ("content", "structure")
"""Those against the content."""


class Judge:
    """Holds the two networks; call it with a picture and what it was made of."""

    def __init__(self, vgg: VGG19 | None = None, alexnet: AlexNet | None = None) -> None:
        """Fetches the networks that are not given.  Raises WeightsError where they are out of reach."""
        self._vgg, self._alexnet = vgg or VGG19.fetched(), alexnet or AlexNet.fetched()

    @torch.no_grad()
    def __call__(self, picture: Picture, content: Picture, style: Picture) -> Figures:
        """The figures of a picture at its own size, whose sides are 32 px or more."""
        size = (picture.width, picture.height)
        kept, painted = content.resized(size), style.resized(fit((style.width, style.height), max(size), upscale=True))
        ours, theirs = self._vgg.features(picture.rgb), self._vgg.features(painted.rgb)
        structure = self._vgg.features(kept.rgb, _STRUCTURE_TAP)[_STRUCTURE_TAP]
        strange, omitted = (_mean(distance, ours, theirs, _PATCH_TAPS) for distance in (strangeness, omission))
        return Figures(
            style=_mean(gram_distance, ours, theirs, TAPS),
            wasserstein=_mean(sliced_wasserstein, ours, theirs, TAPS),
            patches=(strange + omitted) / 2,
            strangeness=strange,
            omission=omitted,
            color=color_distance(picture.rgb, painted.rgb),
            content=self._lpips(picture.rgb, kept.rgb),
            structure=structure_distance(ours[_STRUCTURE_TAP], structure),
            crispness=crispness(picture.rgb, painted.rgb),
        )

    def _lpips(self, ours: Tensor, theirs: Tensor) -> float:
        return lpips(self._alexnet.features(ours), self._alexnet.features(theirs), self._alexnet.heads)


def _mean(
    distance: Callable[[Tensor, Tensor], float],
    ours: dict[str, Tensor],
    theirs: dict[str, Tensor],
    taps: tuple[str, ...],
) -> float:
    return mean(distance(ours[tap], theirs[tap]) for tap in taps)
