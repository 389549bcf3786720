"""Which part of the picture is to take on which style.

A mask guides the Gram matrix: only places inside it are counted, each layer at its own resolution (Gatys et al.
2017, arXiv 1611.07865, section 4).  A style's gradient also reaches no pixel that is further outside than one
position of the deepest layer, although the features there look up to 100 px around.  On the picture's waves (see
`nst.painting.spectral_basis`) a step carries a little of it beyond, which the content there takes back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch.nn.functional as F
from torch import Tensor

from ..taps import BY_NAME

LEAST_SHARE = 1e-3
"""A region of less than this share of the picture is left out: there is nothing to count in it."""


@dataclass(frozen=True, eq=False)
class Region:
    """A style to take on, everywhere or inside a mask.

    style: tap -> what a statistic has kept of it, see `nst.painting.statistics`.  mask: 1x1xHxW of the image's size, 0
    outside to 1 inside, or None for the whole image.  Both on the pixels' device.
    """

    style: Mapping[str, tuple[Tensor, ...]]
    mask: Tensor | None = None
    _guides: dict[str, Tensor] = field(default_factory=dict, init=False, repr=False)

    @property
    def share(self) -> float | Tensor:
        """The region's share of the picture, by which its loss counts: so a place counts the same in every region."""
        return 1.0 if self.mask is None else self.mask.mean()

    def guide(self, tap: str, features: Tensor) -> Tensor | None:
        """How much each place of a tap's features, 1xCxhxw, is inside the mask: 1x1xhxw, None for all of it."""
        if self.mask is None:
            return None
        if tap not in self._guides:
            self._guides[tap] = guide_at(self.mask, tap, features)
        return self._guides[tap]

    def reach(self, *, wrap: bool = False) -> Tensor | None:
        """1x1xHxW of ones and zeros: which pixels the region's loss may move; None for all of them.

        wrap: it reaches across the image's sides to the opposite ones.
        """
        if self.mask is None:
            return None
        stride = max(BY_NAME[tap].stride for tap in self.style)
        inside = (self.mask > 0).to(self.mask.dtype)
        around = F.pad(inside, (stride,) * 4, "circular" if wrap else "constant")
        return F.max_pool2d(F.max_pool2d(around, (2 * stride + 1, 1), stride=1), (1, 2 * stride + 1), stride=1)


def guide_at(mask: Tensor, tap: str, features: Tensor) -> Tensor:
    """A mask of an image's size, 1x1xHxW from 0 to 1, as the guide of its features at a tap: 1x1xhxw, in their type."""
    return F.avg_pool2d(mask, BY_NAME[tap].stride).to(features)
