"""The frozen, truncated VGG-16 in PyTorch: from pixels to feature maps, with gradients for the pixels."""

from __future__ import annotations

from collections.abc import Collection, Generator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

from ..errors import ImageError
from ..recipe import Border, Pooling
from ..taps import BY_NAME, IMAGENET_MEAN, IMAGENET_STD, LAYERS, Layer
from .convolution import Convolution
from .pooling import MaxPool

Edge = Literal["there", "zeros", "wrap"]
"""What lies around the input of a convolution: a border that is there already, zeros, or its opposite side."""


@dataclass(frozen=True, eq=False)
class Extractor:
    """A network that never learns: weights without gradients, cast and laid out once for its device.

    forward: layer -> its convolution, batch norm folded in.  backward: layer -> the convolution that takes a gradient
    from its output to its input (see `FrozenConvReLU`).  dtype: of weights and feature maps.  Build it with
    `Extractor.on`.
    """

    forward: Mapping[str, Convolution]
    backward: Mapping[str, Convolution]
    dtype: torch.dtype
    mean: Tensor
    std: Tensor

    @classmethod
    def on(cls, weights: Mapping[str, Tensor], device: torch.device | str, dtype: torch.dtype) -> Extractor:
        """On a device, in the precision of `dtype`; convolutions run channels-last, the faster layout.

        weights: the tensors of `nst.network.model.Model`.
        """

        def place(tensor: Tensor) -> Tensor:
            return tensor.detach().to(device, dtype)

        forward, backward = {}, {}
        for layer in LAYERS:
            weight, bias = place(weights[f"{layer.name}.weight"]), place(weights[f"{layer.name}.bias"])
            forward[layer.name] = Convolution.of(weight, bias)
            backward[layer.name] = Convolution.of(weight.transpose(0, 1).flip(2, 3), None)
        wide = torch.promote_types(dtype, torch.float32)
        mean, std = (torch.tensor(v, dtype=wide, device=device).view(1, 3, 1, 1) for v in (IMAGENET_MEAN, IMAGENET_STD))
        return cls(forward, backward, dtype, mean, std)

    def __call__(
        self, image: Tensor, taps: Collection[str], border: Border = "zeros", pooling: Pooling = "max"
    ) -> dict[str, Tensor]:
        """Feature maps behind the ReLU of each tap, up to the deepest one that is asked for.

        image: Nx3xHxW on any device, sRGB in [0, 1], both sides at least 2 px per pooling on the way.
        border: what the first convolution sees outside, "zeros" (the mean color of ImageNet, as in
        torchvision) or "replicate" (the picture's own edge, which avoids dark borders in results); behind it there are
        zeros.  With "wrap" every convolution sees the opposite side: features of a picture that is rolled by a
        multiple of a tap's stride are the same, rolled.
        pooling: "max", as the network was trained, or "average", with which Gatys et al. got smoother pictures.
        Returns tap -> NxCxhxw in the network's precision.  Raises ImageError for a picture that is to wrap around and
        whose sides are no multiples of the deepest tap's stride, as the poolings would cut something off.
        """
        return dict(self.walk(image, taps, border, pooling))

    def walk(
        self, image: Tensor, taps: Collection[str], border: Border = "zeros", pooling: Pooling = "max"
    ) -> Generator[tuple[str, Tensor], Tensor | None]:
        """The same one by one, the shallowest first, each as soon as it is there.

        What is made of a tap before the next one is asked for has its gradient computed right before the tap needs
        it, as autograd goes back through what was done last: so the gradients of all taps are never there at once.
        The next layer goes on from what is sent back, if anything is: the same features, as a function gives them that
        adds a gradient of its own to theirs.
        """
        layers, wrap = _up_to(taps), border == "wrap"
        if wrap:
            require_torus(image, layers[-1])
        x = (image.to(self.mean) - self.mean) / self.std
        x = F.pad(x, (1, 1, 1, 1)) if border == "zeros" else _surrounded(x, wrap=wrap)
        x = x.to(self.dtype).contiguous(memory_format=torch.channels_last)
        for layer in layers:
            if layer.pool:
                x = MaxPool.apply(x) if pooling == "max" else F.avg_pool2d(x, 2)  # type: ignore[no-untyped-call]
            edge: Edge = "there" if layer is LAYERS[0] else "wrap" if wrap else "zeros"
            tapped = layer.name in taps
            there, back = self.forward[layer.name], self.backward[layer.name]
            x = FrozenConvReLU.apply(x, there, back, edge, not tapped)  # type: ignore[no-untyped-call]
            if tapped:
                beside = yield layer.name, x
                x = x if beside is None else beside


class FrozenConvReLU(torch.autograd.Function):
    """relu(conv3x3(x) + bias) whose weights never learn, so that backward has the pixels alone to think of.

    The gradient of a stride-1 3x3 convolution for its input is itself such a convolution of the gradient, with
    the kernel flipped in space and its channels exchanged; it runs as fast as the forward pass, which PyTorch's
    general backward pass does not.  Only the ReLU's output is kept, which says where its gradient passes; that of the
    first layer is among the two largest and quick to compute, and so is made again from the pixels where nobody else
    keeps it.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, there: Convolution, back: Convolution, edge: Edge, private: bool) -> Tensor:
        """x: NxCxHxW.  there, back: the layer's convolution, and the one for its gradient.

        edge: "there" for the first layer, whose border of one pixel is already around it.  private: nobody but the next
        layer has what this returns, so that its gradient is a tensor which nobody else has, and is masked in place.
        """
        y = there.relu(*edged(x, edge))
        ctx.there, ctx.back, ctx.edge, ctx.private = there, back, edge, private
        ctx.again = edge == "there" and private
        ctx.save_for_backward(x if ctx.again else y)
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None, None, None]:
        (kept,) = ctx.saved_tensors
        y = ctx.there.relu(kept, 0) if ctx.again else kept
        masked = masked_by_relu(grad, y, in_place=ctx.private)
        around = (masked, 2) if ctx.edge == "there" else edged(masked, ctx.edge)
        return ctx.back(*around), None, None, None, None


def masked_by_relu(grad: Tensor, y: Tensor, *, in_place: bool) -> Tensor:
    """The gradient where the ReLU's output is above 0, else 0; both of one shape and precision.

    On the CPU bfloat16 is looked at as whole numbers of the same sign, which need no widening.
    """
    narrow = y.dtype == torch.bfloat16 and y.device.type == "cpu"
    of_y, of_grad = (t.view(torch.int16) if narrow else t for t in (y, grad))
    if in_place:
        torch.ops.aten.threshold_backward.grad_input(of_grad, of_y, 0, grad_input=of_grad)
        return grad
    masked: Tensor = torch.ops.aten.threshold_backward(of_grad, of_y, 0)
    return masked.view(grad.dtype)


def _up_to(taps: Collection[str]) -> tuple[Layer, ...]:
    deepest = max(LAYERS.index(BY_NAME[tap]) for tap in taps)
    return LAYERS[: deepest + 1]


def _surrounded(x: Tensor, *, wrap: bool) -> Tensor:
    """One more pixel all around, that of the edge beside it or, if it is to wrap around, of the opposite one.

    By slices, as the backward pass of F.pad's own is random on CUDA.
    """
    for dim in (2, 3):
        first, last = x.narrow(dim, 0, 1), x.narrow(dim, x.shape[dim] - 1, 1)
        x = torch.cat((last, x, first) if wrap else (first, x, last), dim)
    return x


def require_torus(image: Tensor, deepest: Layer) -> None:
    """ImageError unless the poolings on the way to the deepest layer halve both sides evenly."""
    height, width = image.shape[2:]
    if height % deepest.stride or width % deepest.stride:
        raise ImageError(
            f"A picture of {width}x{height} px can't wrap around: to {deepest.name} both sides must be multiples of "
            f"{deepest.stride} px."
        )


def edged(x: Tensor, edge: Edge) -> tuple[Tensor, int]:
    """NxCxHxW with what lies around it where that is no zeros, and how many zeros a convolution is to pad it with."""
    return (_wrapped(x), 0) if edge == "wrap" else (x, int(edge == "zeros"))


def _wrapped(x: Tensor) -> Tensor:
    """One more pixel all around, of the opposite side: NxCxHxW, channels-last, in one copy and without gradients."""
    n, channels, height, width = x.shape
    shape = (n, channels, height + 2, width + 2)
    wide = torch.empty(shape, dtype=x.dtype, device=x.device, memory_format=torch.channels_last)
    wide[..., 1:-1, 1:-1] = x
    wide[..., 1:-1, 0], wide[..., 1:-1, -1] = x[..., -1], x[..., 0]
    wide[..., 0, :], wide[..., -1, :] = wide[..., -2, :], wide[..., 1, :]
    return wide
