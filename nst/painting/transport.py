"""The content's features as a painter of the style would have them: moved to the style's mean and covariance.

Content loss and style loss contradict one another where the photograph is grayer, flatter or lighter than the painting:
no picture has the one's feature maps and the other's moments.  Of all maps that give features the moments of the style,
that of optimal transport moves them the least; what is left of the content is then where its features are above or
below their mean, which the style has no word against.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from .losses import Moments, moments, variation
from .regions import Region

LEAST_VARIANCE = 1e-4
"""The least variance along any direction, as a share of the most: what hardly varies would be noise when stretched."""

BAND = 1 << 15
"""Places that are moved at a time, so that little memory is taken beside the result."""


class Transport(NamedTuple):
    """x -> M (x - before) + after, as far as it stays above 0, as a ReLU's output does.

    matrix: CxC; before, after: C, the means.
    """

    matrix: Tensor
    before: Tensor
    after: Tensor

    @classmethod
    def between(cls, own: Moments, style: Moments) -> Transport:
        """From features of these moments to the mean and covariance of a style.

        With those of a style of one color nothing of the content would be left: the less a style varies, the more the
        features keep their own covariance, see `nst.painting.losses.variation`.
        """
        matrix = transport_matrix(own.covariance[0], style.covariance[0]).to(own.mean)
        matrix = torch.eye(len(matrix)).to(matrix).lerp(matrix, float(variation(style)))
        return cls(matrix, own.mean[0], style.mean[0].to(own.mean))

    def __call__(self, features: Tensor) -> Tensor:
        """1xCxhxw; the type stays."""
        rows = features[0].permute(1, 2, 0).flatten(0, 1)
        bands = (
            ((band.to(self.before) - self.before) @ self.matrix + self.after).clamp_min(0)
            for band in torch.split(rows, BAND)
        )
        moved = torch.cat([band.to(features.dtype) for band in bands])
        return moved.view(1, *features.shape[2:], -1).permute(0, 3, 1, 2)


def transported(features: Tensor, style: Moments, guide: Tensor | None = None) -> Tensor:
    """1xCxhxw feature maps with the mean and covariance of a style.

    guide: 1x1xhxw from 0 to 1: the places whose own mean and covariance count; all are moved.  The type stays.
    """
    return Transport.between(moments(features, guide), style)(features)


def moved_in(regions: Sequence[Region], tap: str, features: Tensor) -> Tensor:
    """The content's 1xCxhxw features at a tap, transported in each region to the moments that it has; else as they are.

    Where a region's mask is gray they lie in between.
    """
    if not regions:
        return features
    result, left = torch.zeros_like(features), torch.ones_like(features[:, :1])
    for region in regions:
        guide = region.guide(tap, features)
        moved = transported(features, Moments(*region.style[tap]), guide)
        if guide is None:
            return moved
        result, left = result + guide * moved, left - guide
    return result + left * features


def transport_matrix(covariance: Tensor, aim: Tensor) -> Tensor:
    """The symmetric matrix by which centered features of one covariance get the other, moved as little as can be.

    CxC both; A = S^-1/2 (S^1/2 T S^1/2)^1/2 S^-1/2 of S and T (Olkin and Pukelsheim 1982; Peyre and Cuturi 2019,
    remark 2.31).  On the CPU in float64.
    """
    s, t = covariance.cpu().double(), aim.cpu().double()
    values, vectors = torch.linalg.eigh(s)
    root = _from_eigen(values.clamp_min(0).pow(0.5), vectors)
    stretched = values.clamp_min(LEAST_VARIANCE * values.max()).clamp_min(torch.finfo(values.dtype).tiny)
    inverse_root = _from_eigen(stretched.pow(-0.5), vectors)
    values, vectors = torch.linalg.eigh(root @ t @ root)
    return inverse_root @ _from_eigen(values.clamp_min(0).pow(0.5), vectors) @ inverse_root


def _from_eigen(values: Tensor, vectors: Tensor) -> Tensor:
    """The symmetric matrix with these eigenvalues and eigenvectors, the columns."""
    matrix: Tensor = vectors * values @ vectors.T
    return matrix
