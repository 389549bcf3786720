"""ONNX Runtime and PyTorch must agree on the exported file, tap by tap."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor

from ..errors import ModelError
from ..recipe import Border, Pooling
from ..taps import TAPS
from .extractor import Extractor
from .model import open_model
from .ort_extractor import OrtExtractor

SIZES = ((64, 64), (97, 65), (33, 130), (16, 16), (224, 224))
"""(height, width); odd ones too, where poolings drop a row or column."""

TOLERANCE = 1e-5
"""Largest norm of the difference over the norm of the feature map; float32 sums in another order give about 1e-6."""

Extract = Callable[[Tensor, Sequence[str], Border, Pooling], dict[str, Tensor]]
"""As both extractors are called: image, taps, border, pooling -> tap -> feature map."""

_WAYS: tuple[tuple[Border, Pooling], ...] = (("zeros", "max"), ("replicate", "max"), ("replicate", "average"))
"""(border, pooling) that both must do alike."""


def verify(path: Path, sizes: Sequence[tuple[int, int]] = SIZES, tolerance: float = TOLERANCE) -> tuple[str, float]:
    """The tap that agrees least and its relative difference; ModelError if that is above the tolerance.

    sizes: (height, width) of the images that are tried.
    """
    torch_extractor = Extractor.on(open_model(path).weights, "cpu", torch.float32)
    tap, difference = largest_difference(torch_extractor, OrtExtractor(path), sizes)
    if difference > tolerance:
        raise ModelError(
            f"ONNX Runtime and PyTorch disagree on {path}: at {tap} by {difference:.1e}, "
            f"but at most {tolerance:.0e} is allowed."
        )
    return tap, difference


def largest_difference(ours: Extract, theirs: Extract, sizes: Sequence[tuple[int, int]]) -> tuple[str, float]:
    """The tap at which two extractors differ most on seeded noise, and by how much of our feature map's norm.

    Infinity where one of them gives numbers that are not finite.
    """
    generator = torch.Generator().manual_seed(0)
    largest = dict.fromkeys(TAPS, 0.0)
    for height, width in sizes:
        image = torch.rand(1, 3, height, width, generator=generator)
        for border, pooling in _WAYS:
            our_maps, their_maps = (extract(image, TAPS, border, pooling) for extract in (ours, theirs))
            for tap in TAPS:
                largest[tap] = max(largest[tap], _relative_difference(our_maps[tap], their_maps[tap]))
    tap = max(TAPS, key=largest.__getitem__)
    return tap, largest[tap]


def _relative_difference(ours: Tensor, theirs: Tensor) -> float:
    difference = ((ours - theirs).norm() / ours.norm().clamp_min(1e-30)).item()
    return math.inf if math.isnan(difference) else difference
