"""Are these the real weights?  A fingerprint that needs no download to compare with.

fingerprint.json holds what every layer of torchvision's pretrained networks makes of one seeded input.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from ..errors import WeightsError
from ..taps import LAYERS

BACKBONES = ("vgg16_bn", "vgg16")

Fingerprint = Sequence[Sequence[str]]
"""(min, max, norm) of each of the 13 convolutions, printed with "%.2e"."""

FINGERPRINTS: Mapping[str, Fingerprint] = {
    name: rows
    for name, rows in json.loads((Path(__file__).parent / "fingerprint.json").read_text()).items()
    if name in BACKBONES
}


def check_fingerprint(
    weights: Mapping[str, Tensor], backbone: str, fingerprints: Mapping[str, Fingerprint] = FINGERPRINTS
) -> None:
    """Raise WeightsError, naming the first layer that differs, unless these are ImageNet weights of `backbone`.

    weights: folded, as in `Model`.  Recorded numbers have three digits; one unit in the last is allowed.
    """
    for layer, computed, recorded in zip(LAYERS, layer_statistics(weights), fingerprints[backbone], strict=True):
        for statistic, value, text in zip(("minimum", "maximum", "norm"), computed, recorded, strict=True):
            if not agrees(value, text):
                raise WeightsError(
                    f"These are not torchvision's ImageNet weights of {backbone}: for the seeded test input the "
                    f"{statistic} of {layer.name} is {value:.2e}, but must be {text}."
                )


def layer_statistics(weights: Mapping[str, Tensor]) -> list[tuple[float, float, float]]:
    """(min, max, norm) of each convolution's output before its ReLU, for the seeded input."""
    x = torch.rand(1, 3, 256, 256, generator=torch.Generator().manual_seed(0))
    statistics = []
    for layer in LAYERS:
        if layer.pool:
            x = F.max_pool2d(x, 2)
        x = F.conv2d(x, weights[f"{layer.name}.weight"], weights[f"{layer.name}.bias"], padding=1)
        statistics.append((x.min().item(), x.max().item(), x.norm().item()))
        x = F.relu(x)
    return statistics


def agrees(value: float, text: str) -> bool:
    """Whether a number is the one that was printed with three digits, give or take one unit in the last."""
    unit = 10.0 ** (int(text.split("e")[1]) - 2)
    return abs(value - float(text)) <= 1.5 * unit  # half a unit of rounding, and one more
