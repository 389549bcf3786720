"""What a model file says of itself: the network, its inputs and outputs, and where its weights come from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nst.errors import ModelError

if TYPE_CHECKING:
    from nst.network.model import Model


@dataclass(frozen=True)
class Tap:
    """An output.  stride: pixels of the image per position of its feature map."""

    name: str
    channels: int
    stride: int


@dataclass(frozen=True, kw_only=True)
class ModelFacts:
    """A model file, read and checked against its own digest.

    image: name of the input for the image.  flags: the optional inputs, each one bool -> its default.
    mean, std: of red, green and blue, by which the graph itself normalizes.  parameters: numbers in the weights.
    sha256, bytes: of the whole file.
    """

    model: Model
    image: str
    flags: Mapping[str, bool]
    taps: tuple[Tap, ...]
    opset: int
    ir_version: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    parameters: int
    sha256: str
    bytes: int

    @classmethod
    def read(cls, path: Path | None = None) -> ModelFacts:
        """Of a model file, by default the one that nst uses.

        Raises ModelError when it is missing, damaged, or says that its weights are ImageNet's, which they are not.
        """
        import onnx
        from onnx import numpy_helper

        from nst.network.model import open_model

        model = open_model(path)
        _check_claim(model)
        data = model.path.read_bytes()
        proto = onnx.load_model_from_string(data)
        arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in proto.graph.initializer}
        (image,) = (entry.name for entry in proto.graph.input if entry.name not in arrays)
        return cls(
            model=model,
            image=image,
            flags={entry.name: bool(arrays[entry.name]) for entry in proto.graph.input if entry.name in arrays},
            taps=tuple(map(_tap, proto.graph.output)),
            opset=next(entry.version for entry in proto.opset_import if not entry.domain),
            ir_version=proto.ir_version,
            mean=_numbers(arrays["mean"]),
            std=_numbers(arrays["std"]),
            parameters=sum(tensor.numel() for tensor in model.weights.values()),
            sha256=hashlib.sha256(data).hexdigest(),
            bytes=len(data),
        )


def _tap(output: Any) -> Tap:
    """Of an output whose sides are called as "height8": an eighth of the image's."""
    _batch, channels, height, _width = output.type.tensor_type.shape.dim
    return Tap(output.name, channels.dim_value, int(height.dim_param.removeprefix("height")))


def _numbers(array: Any) -> tuple[float, ...]:
    """As they were written before they were rounded to float32."""
    return tuple(float(f"{number:.6g}") for number in array.ravel())


def _check_claim(model: Model) -> None:
    from nst.errors import WeightsError
    from nst.network.fingerprint import BACKBONES, check_fingerprint

    if model.backbone in BACKBONES:
        try:
            check_fingerprint(model.weights, model.backbone)
        except WeightsError as error:
            raise ModelError(f"{model.path} says that it is {model.backbone}, but: {error}") from None
