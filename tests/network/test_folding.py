"""Folding against torchvision's own batch norm."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from nst.network.folding import fold
from nst.taps import LAYERS
from tests.network.torchvision_reference import as_double, filled, normalized_image, relative_difference, relu_outputs


@torch.no_grad()
def test_fold_in_double_precision_equals_torchvision_at_all_13_relus(vgg16_bn: nn.Sequential) -> None:
    layers = as_double(vgg16_bn)
    theirs = relu_outputs(layers, normalized_image())
    convolutions = [module for module in layers if isinstance(module, nn.Conv2d)]
    norms = [module for module in layers if isinstance(module, nn.BatchNorm2d)]
    x, differences = normalized_image(), []
    for layer, conv, norm, expected in zip(LAYERS, convolutions, norms, theirs, strict=True):
        x = F.max_pool2d(x, 2) if layer.pool else x
        x = F.conv2d(x, *fold(conv.weight, filled(conv.bias), norm.state_dict()), padding=1).relu()
        differences.append(relative_difference(x, expected))
    assert max(differences) < 1e-10
