"""The frozen, truncated VGG-16 in PyTorch: from pixels to feature maps, with gradients for the pixels."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from .layers import BY_NAME, IMAGENET_MEAN, IMAGENET_STD, LAYERS, Layer


@dataclass(frozen=True, eq=False)
class Extractor:
    """A network that never learns: weights without gradients, cast and laid out once for its device.

    weights: the tensors of `nst.model.Model`, batch norm folded in.  Build it with `Extractor.on`.
    """

    weights: Mapping[str, Tensor]
    mean: Tensor
    std: Tensor

    @classmethod
    def on(cls, weights: Mapping[str, Tensor], device: torch.device | str, dtype: torch.dtype) -> Extractor:
        """On a device, in the precision of `dtype`; convolutions run channels-last, the faster layout."""
        placed = {
            name: tensor.detach().to(device, dtype).contiguous(memory_format=_layout(tensor))
            for name, tensor in weights.items()
        }
        wide = torch.promote_types(dtype, torch.float32)
        mean, std = (torch.tensor(v, dtype=wide, device=device).view(1, 3, 1, 1) for v in (IMAGENET_MEAN, IMAGENET_STD))
        return cls(placed, mean, std)

    def __call__(self, image: Tensor, taps: Collection[str], border: str = "zeros") -> dict[str, Tensor]:
        """Feature maps behind the ReLU of each tap, up to the deepest one that is asked for.

        image: Nx3xHxW, sRGB in [0, 1], both sides at least 2 px per pooling on the way.
        border: what the first convolution sees outside, "zeros" (the mean color of ImageNet, as in
        torchvision) or "replicate" (the picture's own edge, which avoids dark borders in results).
        Returns tap -> NxCxhxw in the network's precision.
        """
        x = (image.to(self.mean.dtype) - self.mean) / self.std
        x = _replicate(x) if border == "replicate" else F.pad(x, (1, 1, 1, 1))
        x = x.to(self.weights["conv1.weight"].dtype).contiguous(memory_format=torch.channels_last)
        found: dict[str, Tensor] = {}
        for layer in _up_to(taps):
            if layer.pool:
                x = F.max_pool2d(x, 2)
            weight, bias = self.weights[f"{layer.name}.weight"], self.weights[f"{layer.name}.bias"]
            x = F.relu_(F.conv2d(x, weight, bias, padding=0 if layer is LAYERS[0] else 1))
            if layer.name in taps:
                found[layer.name] = x
        return found


def _layout(tensor: Tensor) -> torch.memory_format:
    return torch.channels_last if tensor.dim() == 4 else torch.contiguous_format


def _up_to(taps: Collection[str]) -> tuple[Layer, ...]:
    deepest = max(LAYERS.index(BY_NAME[tap]) for tap in taps)
    return LAYERS[: deepest + 1]


def _replicate(x: Tensor) -> Tensor:
    """One pixel of edge all around; by slices, as the backward pass of F.pad's own is random on CUDA."""
    x = torch.cat((x[:, :, :1], x, x[:, :, -1:]), 2)
    return torch.cat((x[..., :1], x, x[..., -1:]), 3)
