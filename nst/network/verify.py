"""ONNX Runtime and PyTorch must agree on the exported file, tap by tap."""

from __future__ import annotations

import math
from pathlib import Path

import torch

from ..errors import ModelError
from ..taps import TAPS
from .extractor import Extractor
from .model import open_model
from .ort_extractor import OrtExtractor

SIZES = ((64, 64), (97, 65), (33, 130), (16, 16), (224, 224))
"""(height, width); odd ones too, where poolings drop a row or column."""

TOLERANCE = 1e-5
"""Largest norm of the difference over the norm of the feature map; float32 sums in another order give about 1e-6."""


def verify(path: Path) -> tuple[str, float]:
    """The tap that agrees least and its relative difference; ModelError if that is above `TOLERANCE`."""
    runtime = OrtExtractor(path)
    torch_extractor = Extractor.on(open_model(path).weights, "cpu", torch.float32)
    generator = torch.Generator().manual_seed(0)
    largest = dict.fromkeys(TAPS, 0.0)
    for height, width in SIZES:
        image = torch.rand(1, 3, height, width, generator=generator)
        for border, pooling in (("zeros", "max"), ("replicate", "max"), ("replicate", "average")):
            ours, theirs = (extractor(image, TAPS, border, pooling) for extractor in (torch_extractor, runtime))
            for tap in TAPS:
                difference = ((ours[tap] - theirs[tap]).norm() / ours[tap].norm().clamp_min(1e-30)).item()
                largest[tap] = max(largest[tap], math.inf if math.isnan(difference) else difference)
    worst_tap = max(TAPS, key=largest.__getitem__)
    worst = largest[worst_tap]
    if worst > TOLERANCE:
        raise ModelError(
            f"ONNX Runtime and PyTorch disagree on {path}: at {worst_tap} by {worst:.1e}, "
            f"but at most {TOLERANCE:.0e} is allowed."
        )
    return worst_tap, worst
