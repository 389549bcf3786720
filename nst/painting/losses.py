"""The article's losses as pure tensor functions.

Content is *where* features are, so it is compared place by place.  Style is *which features occur
together*, wherever that is, so it is compared through dot products between channels: the Gram matrix.
(Gatys, Ecker and Bethge 2015, arXiv 1508.06576, equations 1 to 7.)
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from ..network.product import product

CHUNK = 256
"""Positions at least that are summed in bfloat16 on the CPU, which rounds; sums of chunks are added in float32."""

LEAST_COUNT = 1e-12
"""The least mean square that a guide is taken to have: one that is 0 at every place of a layer gives moments of 0."""

LEAST_VARIATION = 0.01
"""The mean square of a covariance beside that of its Gram matrix from which on it is a unit of its own."""

MIN_CHUNKS = 4
"""With fewer the rounding would not average out, and float32 is fast enough."""

ENOUGH_CHUNKS = 32
"""With at least twice as many, chunks are longer instead: their sums are the less to write, widen and add."""


def gram_matrix(features: Tensor) -> Tensor:
    """Dot products between all pairs of channels, divided by the number of positions.

    NxCxHxW -> NxCxC; entry (i, j) is the mean over all positions of f_i * f_j.  bfloat16 features give
    float32 sums, other types keep theirs.  Gatys et al. (equation 3) do not divide; dividing by H*W makes the
    entries independent of the image's size.
    """
    gram: Tensor = _Means.apply(features)[1]  # type: ignore[no-untyped-call]
    return gram


class _Means(torch.autograd.Function):
    """The mean feature and the Gram matrix, with their gradient as one product."""

    @staticmethod
    def forward(ctx: Any, features: Tensor) -> tuple[Tensor, Tensor]:
        ctx.save_for_backward(features)
        return means(features)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_mean: Tensor, grad: Tensor) -> Tensor:
        (features,) = ctx.saved_tensors
        return gradient_of_means(features, grad_mean, grad + grad.transpose(1, 2))


def means(features: Tensor) -> tuple[Tensor, Tensor]:
    """The mean feature, NxC, and the Gram matrix, NxCxC, of NxCxHxW features, without a gradient; at least float32."""
    f = _positions_first(features)
    positions = f.shape[1]
    if f.dtype == torch.bfloat16 and f.device.type == "cpu" and positions >= MIN_CHUNKS * CHUNK:
        total, products = _chunked_sums(f)
        return total / positions, products / positions
    if f.dtype == torch.bfloat16 and f.is_cuda:
        return f.mean(1, dtype=torch.float32), torch.bmm(f.transpose(1, 2), f, out_dtype=torch.float32) / positions
    f = f.float() if f.dtype == torch.bfloat16 else f
    return f.mean(1), (f.transpose(1, 2) @ f) / positions


def gradient_of_means(features: Tensor, grad_mean: Tensor, grad: Tensor, beside: Tensor | None = None) -> Tensor:
    """(grad F + grad_mean) / (H*W) in one product, NxCxHxW in the precision of the features.

    grad_mean: the gradient of the mean feature, NxC; grad: that of the Gram matrix plus its transpose, NxCxC.  beside:
    another gradient of the features, which is added.
    """
    f = _positions_first(features)
    symmetric = (grad / f.shape[1]).to(f.dtype)
    constant = (grad_mean / f.shape[1]).to(f.dtype)
    n, c, h, w = features.shape
    gradient = product(f, symmetric, constant, None if beside is None else _positions_first(beside))
    return gradient.view(n, h, w, c).permute(0, 3, 1, 2)


def _positions_first(features: Tensor) -> Tensor:
    """NxCxHxW -> NxHWxC, which for channels-last features is a view."""
    return features.permute(0, 2, 3, 1).flatten(1, 2)


def _chunked_sums(f: Tensor) -> tuple[Tensor, Tensor]:
    """NxPxC bfloat16 -> float32 sums over the positions, NxC, and of products, NxCxC.

    Several times as fast as in float32 on processors that multiply in bfloat16; they round each sum that they
    write, so the sums are many and short.
    """
    n, positions, c = f.shape
    chunk = CHUNK << max(0, (positions // (CHUNK * ENOUGH_CHUNKS)).bit_length() - 1)
    whole = positions // chunk * chunk
    chunks, rest = f[:, :whole].reshape(-1, chunk, c), f[:, whole:]
    total = chunks.sum(1).view(n, -1, c)
    products = (chunks.transpose(1, 2) @ chunks).view(n, -1, c, c)
    return (
        total.sum(1, dtype=torch.float32) + rest.sum(1),
        products.sum(1, dtype=torch.float32) + rest.transpose(1, 2) @ rest,
    )


class Moments(NamedTuple):
    """What the style is measured by: means over all positions, of the features and of their products.

    mean: NxC; gram: NxCxC, the Gram matrix.  The moments of several styles are mixed by adding them with weights,
    as those of one picture made of parts of all.
    """

    mean: Tensor
    gram: Tensor

    @property
    def covariance(self) -> Tensor:
        """NxCxC: how features vary together, apart from how strong they are on average."""
        return self.gram - self.mean[:, :, None] * self.mean[:, None, :]


def moments(features: Tensor, guide: Tensor | None = None) -> Moments:
    """Mean and Gram matrix of NxCxHxW features; at least float32.

    guide: 1x1xHxW, 0 to 1, multiplied onto the features so that only some places count (Gatys et al. 2017, arXiv
    1611.07865, section 4); a guide of ones is the same as none.
    """
    wide = torch.promote_types(features.dtype, torch.float32)
    if guide is None:
        return Moments(*_Means.apply(features))  # type: ignore[no-untyped-call]
    counted, guided = guide.to(wide).square().mean().clamp_min(LEAST_COUNT), features * guide
    return Moments((guided * guide).mean((2, 3), dtype=wide) / counted, gram_matrix(guided) / counted)


def mse(value: Tensor, target: Tensor) -> Tensor:
    """Mean of squared differences, as in ``torch.nn.MSELoss``; any shape -> scalar, at least float32.

    The gradient is that of the value alone: a target is fixed.
    """
    return mse_beside(value, target)[1]


def mse_beside(value: Tensor, target: Tensor, weight: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """The value as it is, for what else is made of it, and its `mse`.

    weight: 1x1xHxW for NxCxHxW, by which each place adds to it.  With weights of mean 1 an error that is everywhere the
    same counts as without.
    What comes back for the one gets the gradient of the other added while that is computed, in one pass less over
    feature maps than two gradients of the same value take.
    """
    beside: tuple[Tensor, Tensor] = _MSE.apply(value, target, weight)  # type: ignore[no-untyped-call]
    return beside


class _MSE(torch.autograd.Function):
    """Mean squared error that keeps nothing but what is kept anyway, the value, its target, and one weight a place.

    Feature maps are large and memory is slow: autograd's own way widens each of them to float32 several times.
    """

    @staticmethod
    def forward(ctx: Any, value: Tensor, target: Tensor, weight: Tensor | None) -> tuple[Tensor, Tensor]:
        target = target.to(value.dtype)
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(value, target, weight)
        wide = torch.promote_types(value.dtype, torch.float32)
        difference = value - target
        if weight is not None:
            distance = torch.linalg.vector_norm(difference, dim=1, keepdim=True)  # of a place, over its channels
            return value.view_as(value), (distance.to(wide).square() * weight).sum() / value.numel()
        if difference.dtype == torch.bfloat16 and difference.dim() == 4:  # widening a large one is slow
            difference = torch.linalg.vector_norm(difference, dim=1)
        return value.view_as(value), torch.linalg.vector_norm(difference, dtype=wide).square() / value.numel()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, beside: Tensor | None, grad: Tensor | None) -> tuple[Tensor | None, None, None]:
        """beside: the gradient of what else is made of the value.  Either is None where nobody asks for it."""
        if grad is None:
            return beside, None, None
        value, target, weight = ctx.saved_tensors
        return gradient_of_mse(value, target, weight, grad * 2 / value.numel(), beside), None, None


def gradient_of_mse(
    value: Tensor, target: Tensor, weight: Tensor | None, factor: Tensor, beside: Tensor | None
) -> Tensor:
    """factor * weight * (value - target), and another gradient of the value added where there is one beside it.

    factor: the gradient of the mean, times 2, divided by the numbers that it is of.  weight: as in `mse_beside`.
    """
    factor = (factor if weight is None else weight * factor).to(value.dtype)
    difference = value - target
    if beside is None:
        return difference.mul_(factor)
    return torch.addcmul(beside, difference, factor, out=difference)


def mean_square(target: Tensor) -> Tensor:
    """Mean of squares of a target, the unit of a *relative* loss; at least float32, and never 0.

    mse(value, target) / mean_square(target) is 0 for a perfect match and 1 for a value of all zeros,
    whatever the layer's scale: so weights mean the same in every layer, network and image size.
    """
    wide = torch.promote_types(target.dtype, torch.float32)
    mean: Tensor = torch.linalg.vector_norm(target, dtype=wide).square() / target.numel()
    return mean.clamp_min(torch.finfo(wide).tiny)


def covariance_unit(style: Moments) -> Tensor:
    """The unit of a relative error of the covariance: its own mean square, for any style that varies.

    What a style of one color has for a covariance is what the network's borders and rounding leave: beside that any
    picture is wrong without bound, and neither its mean color nor the content would count.  So the less a style
    varies below `LEAST_VARIATION`, the larger the unit, up to the mean square of the Gram matrix.
    """
    return own_unit(mean_square(style.covariance), mean_square(style.gram))


def variation(style: Moments) -> Tensor:
    """1 for a style that varies, down to 0 for one of one color: its covariance's share of `LEAST_VARIATION`.

    Where all features are 0, it is 1.
    """
    share = mean_square(style.covariance) / (LEAST_VARIATION * mean_square(style.gram))
    return share.clamp(max=1)


def own_unit(own: Tensor, whole: Tensor) -> Tensor:
    """What varies in a style as the unit of an error, unless it is less than `LEAST_VARIATION` beside the whole."""
    least = LEAST_VARIATION * whole
    return own.maximum((least * (least / own)).minimum(whole))


def total_variation(image: Tensor, *, wrap: bool = False) -> Tensor:
    """Squared difference of neighbours: the mean over vertical plus the mean over horizontal pairs.

    NxCxHxW in [0, 1] -> scalar.  0 for a flat image, 2 for a checkerboard of single pixels.  wrap: opposite sides of
    the image are neighbours too.
    """
    if wrap:
        return (image.roll(-1, 2) - image).square().mean() + (image.roll(-1, 3) - image).square().mean()
    down = image[..., 1:, :] - image[..., :-1, :]
    right = image[..., :, 1:] - image[..., :, :-1]
    return down.square().mean() + right.square().mean()


def total_variation_by_rows(image: Tensor, rows: int, *, wrap: bool = False) -> tuple[Tensor, Tensor]:
    """`total_variation` and its gradient, NxCxHxW, with no more than so many rows of differences at a time."""
    gradient = torch.zeros_like(image)
    height, width = image.shape[2:]
    pairs = {2: image.numel() // height * (height - (not wrap)), 3: image.numel() // width * (width - (not wrap))}
    total = image.new_zeros(())
    for first in range(0, height, rows):
        last = min(first + rows, height)
        below = torch.arange(first + 1, last + 1, device=image.device)
        below = below % height if wrap else below[below < height]
        upper = image[:, :, first : first + len(below)]
        down = image.index_select(2, below) - upper
        band = image[:, :, first:last]
        right = band.roll(-1, 3) - band if wrap else band[..., 1:] - band[..., :-1]
        total += down.square().sum() / pairs[2] + right.square().sum() / pairs[3]
        down.mul_(2 / pairs[2])
        right.mul_(2 / pairs[3])
        gradient[:, :, first : first + len(below)] -= down
        gradient.index_add_(2, below, down)
        of_band = gradient[:, :, first:last]
        if wrap:
            of_band += right.roll(1, 3) - right
        else:
            of_band[..., 1:] += right
            of_band[..., :-1] -= right
    return total, gradient
