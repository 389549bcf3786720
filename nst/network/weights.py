"""The weights of the network as a value: from a state dict of torchvision's, or from seeded random numbers.

After folding, vgg16_bn *is* a plain VGG-16 stack: weights with and without batch norm serve the same graph.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ..errors import WeightsError
from ..taps import LAYERS, Layer
from .folding import fold


@dataclass(frozen=True, eq=False)
class Weights:
    """13 convolutions with batch norm folded in; see `nst.network.model.Model` for the names and shapes."""

    tensors: Mapping[str, Tensor]
    backbone: str
    source: str


def random_weights(seed: int = 0) -> Weights:
    """Seeded random weights after He et al. 2015 (arXiv 1502.01852), which keep the size of activations.

    Raises WeightsError for a seed that PyTorch's generator does not take.
    """
    if not 0 <= seed < 2**63:
        raise WeightsError(f"The seed is {seed}, but must be from 0 to 2^63 - 1.")
    generator = torch.Generator().manual_seed(seed)
    tensors = {}
    for layer in LAYERS:
        spread = (2 / (layer.in_channels * 9)) ** 0.5
        tensors[f"{layer.name}.weight"] = torch.randn(kernel_shape(layer), generator=generator) * spread
        tensors[f"{layer.name}.bias"] = torch.randn(layer.out_channels, generator=generator) * 0.1
    return Weights(tensors, "vgg16 (random)", f"seeded random numbers, seed {seed}")


def from_state(state: Mapping[str, Any], source: str) -> Weights:
    """From a state dict of torchvision's vgg16_bn or vgg16 ("features.0.weight" and so on), batch norm folded.

    Whatever stands before "features." and all that is no feature is ignored.  Raises WeightsError when it is a state
    dict of something else, or holds numbers that are not finite.
    """
    features = {
        name.rpartition("features.")[2]: value.detach()
        for name, value in state.items()
        if isinstance(name, str) and "features." in name and isinstance(value, Tensor) and value.is_floating_point()
    }
    batch_norm = "1.running_mean" in features
    backbone = "vgg16_bn" if batch_norm else "vgg16"
    places = torchvision_indices(batch_norm)
    kernels = {name for name, value in features.items() if value.dim() == 4}
    if kernels != {f"{place}.weight" for place in places}:
        raise WeightsError(
            f"The {_without_hash(source)} is no {backbone}: that has 13 convolutions, at features.{places[0]}, "
            f"{places[1]}, ... {places[-1]}, but here {len(kernels)} were found under features."
        )

    def part(name: str, *shape: int) -> Tensor:
        if name not in features:
            raise WeightsError(f"The {_without_hash(source)} has no features.{name}: it is no {backbone}.")
        return checked(features[name], shape, f"features.{name}", source).double()

    tensors = {}
    for layer, place in zip(LAYERS, places, strict=True):
        shape = kernel_shape(layer)
        weight, bias = part(f"{place}.weight", *shape), part(f"{place}.bias", shape[0])
        if batch_norm:
            norm = ("weight", "bias", "running_mean", "running_var")
            weight, bias = fold(weight, bias, {name: part(f"{place + 1}.{name}", shape[0]) for name in norm})
        tensors[f"{layer.name}.weight"] = checked(weight.float(), shape, f"{layer.name}.weight", source)
        tensors[f"{layer.name}.bias"] = checked(bias.float(), shape[:1], f"{layer.name}.bias", source)
    return Weights(tensors, backbone, source)


def torchvision_indices(batch_norm: bool) -> list[int]:
    """Places of the 13 convolutions in torchvision's `features`: conv, (batch norm,) ReLU, and max-pools between."""
    indices, place = [], 0
    for layer in LAYERS:
        place += layer.pool
        indices.append(place)
        place += 3 if batch_norm else 2
    return indices


def kernel_shape(layer: Layer) -> tuple[int, int, int, int]:
    """Out x in x height x width of a layer's convolution."""
    return layer.out_channels, layer.in_channels, 3, 3


def checked(tensor: Tensor, shape: tuple[int, ...], name: str, source: str) -> Tensor:
    """The tensor itself, once it is known to have the right shape and only finite numbers; else WeightsError."""
    if tensor.shape != shape:
        actual, wanted = ("x".join(map(str, s)) for s in (tensor.shape, shape))
        raise WeightsError(f"The {_without_hash(source)} has {name} of {actual}, but VGG-16 has {wanted}.")
    if not tensor.isfinite().all():
        raise WeightsError(f"The {_without_hash(source)} has {name} with numbers that are not finite.")
    return tensor


def _without_hash(source: str) -> str:
    return source.partition(", sha256")[0]
