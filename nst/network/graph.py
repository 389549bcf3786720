"""The truncated network as an ONNX graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from ..taps import IMAGENET_MEAN, IMAGENET_STD, LAYERS, TAPS
from .model import FORMAT, FORMAT_KEY, weight_names, weights_digest
from .ort_extractor import BORDER_INPUT, POOLING_INPUT

OPSET = 18
_PADS = [0, 0, 1, 1, 0, 0, 1, 1]


def build_graph(weights: Mapping[str, np.ndarray], backbone: str, source: str) -> onnx.ModelProto:
    """From folded weights (see `nst.network.model.Model`) to a checked model.

    Input "image": batch x 3 x height x width, float32 RGB in [0, 1], all but the 3 free; ImageNet's
    normalization is inside.  Inputs `BORDER_INPUT` and `POOLING_INPUT`: one bool each with the default false.
    Outputs "conv1" to "conv13": the ReLU behind each convolution.
    """
    nodes = [
        helper.make_node("Sub", ["image", "mean"], ["centred"]),
        helper.make_node("Div", ["centred", "std"], ["normalized"]),
        helper.make_node("Pad", ["normalized", "pads"], ["with_zeros"], mode="constant"),
        helper.make_node("Pad", ["normalized", "pads"], ["with_edges"], mode="edge"),
        helper.make_node("Where", [BORDER_INPUT, "with_edges", "with_zeros"], ["padded"]),
    ]
    x = "padded"
    for layer in LAYERS:
        if layer.pool:
            nodes += _pool(x, f"{layer.name}_in")
            x = f"{layer.name}_in"
        inputs, linear = [x, f"{layer.name}.weight", f"{layer.name}.bias"], f"{layer.name}_linear"
        pad = 0 if layer is LAYERS[0] else 1
        nodes.append(helper.make_node("Conv", inputs, [linear], kernel_shape=[3, 3], pads=[pad] * 4))
        nodes.append(helper.make_node("Relu", [linear], [layer.name]))
        x = layer.name
    constants: dict[str, np.ndarray] = {
        "mean": np.array(IMAGENET_MEAN, np.float32).reshape(1, 3, 1, 1),
        "std": np.array(IMAGENET_STD, np.float32).reshape(1, 3, 1, 1),
        "pads": np.array(_PADS, np.int64),
        BORDER_INPUT: np.array(False),
        POOLING_INPUT: np.array(False),
    }
    arrays = constants | {name: np.ascontiguousarray(weights[name], np.float32) for name in weight_names()}
    graph = helper.make_graph(
        nodes,
        "vgg16",
        [
            helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, "height", "width"]),
            helper.make_tensor_value_info(BORDER_INPUT, TensorProto.BOOL, []),
            helper.make_tensor_value_info(POOLING_INPUT, TensorProto.BOOL, []),
        ],
        [
            helper.make_tensor_value_info(
                layer.name,
                TensorProto.FLOAT,
                ["batch", layer.out_channels, f"height{layer.stride}", f"width{layer.stride}"],
            )
            for layer in LAYERS
        ],
        [numpy_helper.from_array(array, name) for name, array in arrays.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="gramarye")
    model.ir_version = 10
    helper.set_model_props(
        model,
        {
            FORMAT_KEY: FORMAT,
            "backbone": backbone,
            "source": source,
            "digest": weights_digest(weights),
            "taps": ",".join(TAPS),
        },
    )
    onnx.checker.check_model(model, full_check=True)
    return model


def _pool(x: str, pooled: str) -> list[onnx.NodeProto]:
    """Both poolings, of which the input chooses one: a fraction of a convolution's work."""
    window: dict[str, Any] = {"kernel_shape": [2, 2], "strides": [2, 2]}
    return [
        helper.make_node("AveragePool", [x], [f"{pooled}_average"], **window),
        helper.make_node("MaxPool", [x], [f"{pooled}_max"], **window),
        helper.make_node("Where", [POOLING_INPUT, f"{pooled}_average", f"{pooled}_max"], [pooled]),
    ]
