"""The judge's networks with seeded random weights, as the published ones have to be fetched."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from bench.judge.alexnet import AlexNet
from bench.judge.vgg19 import VGG19

VGG_CHANNELS = {
    2: (3, 64), 5: (64, 64),
    9: (64, 128), 12: (128, 128),
    16: (128, 256), 19: (256, 256), 22: (256, 256), 25: (256, 256),
    29: (256, 512), 32: (512, 512), 35: (512, 512), 38: (512, 512),
    42: (512, 512),
}  # fmt: skip
"""In and out, by a convolution's number in AdaIN's file."""

ALEX_CHANNELS = ((3, 64, 11), (64, 192, 5), (192, 384, 3), (384, 256, 3), (256, 256, 3))
"""In, out and the kernel's side."""


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


def kernel(generator: torch.Generator, inputs: int, outputs: int, side: int) -> Tensor:
    noise = torch.randn(outputs, inputs, side, side, generator=generator)
    return noise * math.sqrt(2 / (inputs * side**2))


@pytest.fixture(scope="session")
def vgg() -> VGG19:
    generator = torch.Generator().manual_seed(0)
    state = {"0.weight": torch.eye(3)[:, :, None, None], "0.bias": torch.zeros(3)}
    for number, (inputs, outputs) in VGG_CHANNELS.items():
        state[f"{number}.weight"] = kernel(generator, inputs, outputs, 3)
        state[f"{number}.bias"] = torch.zeros(outputs)
    return VGG19(state)


@pytest.fixture(scope="session")
def alexnet() -> AlexNet:
    generator = torch.Generator().manual_seed(0)
    convs = [(kernel(generator, *shape), torch.zeros(shape[1])) for shape in ALEX_CHANNELS]
    heads = [torch.rand(1, outputs, 1, 1, generator=generator) for _, outputs, _ in ALEX_CHANNELS]
    return AlexNet(convs, heads)
