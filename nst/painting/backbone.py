"""The frozen network made ready on one device: PyTorch for the pixels, ONNX Runtime or PyTorch for the targets.

ONNX Runtime computes them in fp32; where PyTorch works in bf16 it is several times as fast, and targets that are
rounded as the pixels' own features are suit them better.  Targets that wrap around are always PyTorch's.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

import torch

from ..locations import model_path
from ..network.device import Compute, choose
from ..network.extractor import Extractor
from ..network.model import Model, open_model
from ..network.ort_extractor import OrtExtractor
from .targets import Targets


@dataclass(frozen=True, eq=False)
class Backbone:
    """What every task needs and nobody wants to load twice.  Build it with `Backbone.open`.

    provider: what computes the targets, "PyTorch" or an execution provider of ONNX Runtime.
    """

    model: Model
    compute: Compute
    extractor: Extractor
    targets: Targets
    provider: str

    @classmethod
    def open(cls, path: Path | None = None, device: str = "auto", precision: str = "auto") -> Backbone:
        """From the model file (default: models/vgg16_bn.onnx) on a device, in a precision; see `choose`.

        Raises ModelError when the file is missing or damaged, DeviceError when the device is not here.
        """
        return cls.of(open_model(path), choose(device, precision))

    @classmethod
    def of(cls, model: Model, compute: Compute) -> Backbone:
        """From a model that has been read.  Raises ModelError when ONNX Runtime can't run its file."""
        extractor = Extractor.on(model.weights, compute.device, compute.dtype)
        if compute.dtype == torch.bfloat16:
            return cls(model, compute, extractor, Targets(extractor, model.digest), "PyTorch")
        runtime = OrtExtractor(model.path, compute.device)
        targets = Targets(runtime, model.digest, wrapping=extractor)
        return cls(model, compute, extractor, targets, runtime.provider)

    def __str__(self) -> str:
        return f"{self.model} on {self.compute}; targets by {self.provider}"


_shared: dict[tuple[Path, Compute], Backbone] = {}
_lock = threading.Lock()


def shared_backbone(device: str = "auto", precision: str = "auto") -> Backbone:
    """The process's own backbone of this kind: opened at the first call, the same object after that.

    "auto" is of the same kind as what it stands for.
    """
    path, compute = model_path(), choose(device, precision)
    with _lock:
        if (path, compute) not in _shared:
            _shared[path, compute] = Backbone.of(open_model(path), compute)
        return _shared[path, compute]
