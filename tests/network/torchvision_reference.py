"""The independent implementation that the export is held against: torchvision's own unfolded modules."""

from __future__ import annotations

import copy

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchvision.models.vgg import cfgs, make_layers

from nst.network.weights import Weights
from nst.taps import LAYERS


def stack(batch_norm: bool, config: str = "D") -> nn.Sequential:
    """`features` of a torchvision VGG in eval mode with seeded weights; "D" is VGG-16, "A" 11, "B" 13, "E" 19.

    Batch norms get random statistics, with a variance of 0 and others around eps, which only count if eps does.
    """
    with torch.random.fork_rng():
        torch.manual_seed(3)
        layers: nn.Sequential = make_layers(cfgs[config], batch_norm)
        for module in layers:
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)
                nn.init.normal_(filled(module.bias), std=0.1)
            elif isinstance(module, nn.BatchNorm2d):
                nn.init.uniform_(module.weight, 0.5, 1.5)
                nn.init.normal_(module.bias, std=0.3)
                nn.init.normal_(filled(module.running_mean), std=0.3)
                variance = nn.init.uniform_(filled(module.running_var), 0.5, 2)
                variance[:3] = torch.tensor([0.0, 1e-5, 1e-3])
    return layers.eval()


def filled(tensor: Tensor | None) -> Tensor:
    """A module's tensor that could be absent, but is not here."""
    assert tensor is not None
    return tensor


def names_and_sizes(batch_norm: bool, config: str) -> dict[str, Tensor]:
    """Such a stack's state dict without any numbers."""
    with torch.device("meta"):
        return state_dict(make_layers(cfgs[config], batch_norm))


def state_dict(layers: nn.Module, prefix: str = "features.") -> dict[str, Tensor]:
    return {prefix + name: value for name, value in layers.state_dict().items()}


@torch.no_grad()
def relu_outputs(layers: nn.Sequential, x: Tensor) -> list[Tensor]:
    """What comes out of every ReLU, for an image that is normalized already."""
    outputs = []
    for module in list(layers)[:-1]:  # without the last pooling, for which small images are too small
        x = module(x)
        if isinstance(module, nn.ReLU):
            outputs.append(x.clone())
    return outputs


def relative_difference(ours: Tensor, theirs: Tensor) -> float:
    return float((ours.double() - theirs.double()).norm() / theirs.double().norm())


def our_relu_outputs(weights: Weights, x: Tensor) -> list[Tensor]:
    """The same of our folded weights, layer by layer, in the precision of the image."""
    outputs = []
    for layer in LAYERS:
        x = F.max_pool2d(x, 2) if layer.pool else x
        weight, bias = (weights.tensors[f"{layer.name}.{part}"].to(x.dtype) for part in ("weight", "bias"))
        x = F.conv2d(x, weight, bias, padding=1).relu()
        outputs.append(x)
    return outputs


def normalized_image(dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(1, 3, 17, 33, dtype=dtype, generator=torch.Generator().manual_seed(1))


def as_double(layers: nn.Sequential) -> nn.Sequential:
    """A copy, as Module.double() works in place."""
    return copy.deepcopy(layers).double()


def assert_same_network(weights: Weights, layers: nn.Sequential, tolerance: float = 1e-5) -> None:
    image = normalized_image()
    ours, theirs = our_relu_outputs(weights, image), relu_outputs(as_double(layers), image)
    assert max(map(relative_difference, ours, theirs)) < tolerance
