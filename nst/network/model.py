"""models/vgg16_bn.onnx: the one file that says what the network is.

ONNX Runtime runs it for the targets, and PyTorch reads its weights from the same file, so that the two can
never disagree.  `nst.network.build` writes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..errors import ModelError
from ..locations import model_path
from ..taps import LAYERS

FORMAT = "2"
"""Version of the file's layout, in its metadata."""

FORMAT_KEY = "gramarye_format"
"""Under which name it stands there."""

_FORMAT_KEYS = (FORMAT_KEY, "pastiche_format")
"""The second is what this project was called before 0.3: a file from then, in the same layout, is as good as ever."""

_REMEDY = "delete it and run `python -m nst export`."


@dataclass(frozen=True, eq=False)
class Model:
    """The network as read from its file.

    backbone: "vgg16_bn", "vgg16", or either with a remark for weights that are not ImageNet's.
    source: where the weights came from, with the SHA-256 of that file where there was one.
    digest: SHA-256 of all weights, the network's identity.
    weights: "conv1.weight" (out x in x 3 x 3) and "conv1.bias" (out) to "conv13.bias", float32, batch norm
    folded in.
    """

    path: Path
    backbone: str
    source: str
    digest: str
    weights: Mapping[str, Tensor]

    def __str__(self) -> str:
        return f"{self.backbone} ({self.source.partition(', sha256')[0]})"


def weights_digest(weights: Mapping[str, np.ndarray]) -> str:
    """SHA-256 over names, shapes and float32 values in the order of the layers."""
    sha = hashlib.sha256()
    for name in weight_names():
        array = np.ascontiguousarray(weights[name], dtype="<f4")
        sha.update(f"{name}{array.shape}".encode())
        sha.update(array.data)
    return sha.hexdigest()


def weight_names() -> list[str]:
    """Names of the 26 tensors, in the order of the layers."""
    return [f"{layer.name}.{part}" for layer in LAYERS for part in ("weight", "bias")]


def open_model(path: Path | None = None) -> Model:
    """Read the model file and check it against its own digest.

    Raises ModelError when it is missing, no ONNX file, not written by this project, or damaged.
    """
    import onnx
    from google.protobuf.message import DecodeError
    from onnx import numpy_helper

    path = path or model_path()
    if not path.is_file():
        raise ModelError(f"There is no model at {path}: run `python -m nst export` once to make it.")
    try:
        proto = onnx.load(path)
        metadata = {prop.key: prop.value for prop in proto.metadata_props}
        arrays = {tensor.name: numpy_helper.to_array(tensor).copy() for tensor in proto.graph.initializer}
        sound = metadata.get("digest") == weights_digest(arrays)
    except (DecodeError, ValueError, KeyError, OSError) as error:
        raise ModelError(f"{path} is damaged ({type(error).__name__}): {_REMEDY}") from None
    if FORMAT not in (metadata.get(key) for key in _FORMAT_KEYS):
        raise ModelError(f"{path} was not written by this version of the export: {_REMEDY}")
    if not sound:
        raise ModelError(f"{path} is damaged (its weights do not match their SHA-256): {_REMEDY}")
    weights = {name: torch.from_numpy(arrays[name]) for name in weight_names()}
    return Model(path, metadata["backbone"], metadata["source"], metadata["digest"], weights)
