"""What a model file says of itself is read from it, and not believed where it can be checked."""

from __future__ import annotations

import hashlib
from pathlib import Path

import onnx
import pytest

from export.model_facts import ModelFacts, Tap
from nst.errors import ModelError
from nst.network.graph import build_graph
from nst.network.model import open_model

CHANNELS = [64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512]
STRIDES = [1, 1, 2, 2, 4, 4, 4, 8, 8, 8, 16, 16, 16]
"""Of configuration D in table 1 of Simonyan and Zisserman, with a pooling between its stages."""


def test_the_facts_are_those_of_the_file(random_model: Path) -> None:
    facts, data = ModelFacts.read(random_model), random_model.read_bytes()
    assert facts.taps == tuple(
        Tap(f"conv{i}", channels, stride)
        for i, (channels, stride) in enumerate(zip(CHANNELS, STRIDES, strict=True), start=1)
    )
    inputs = [3, *CHANNELS[:-1]]
    assert facts.parameters == sum(9 * i * o + o for i, o in zip(inputs, CHANNELS, strict=True)) == 14_714_688
    assert (facts.sha256, facts.bytes) == (hashlib.sha256(data).hexdigest(), len(data))
    assert (facts.mean, facts.std) == ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    assert (facts.image, facts.flags) == ("image", {"replicate_border": False, "average_pooling": False})
    assert facts.opset == onnx.load(random_model).opset_import[0].version
    assert facts.model.digest == open_model(random_model).digest


def test_weights_that_are_not_imagenets_can_not_be_passed_off_as_such(random_model: Path, tmp_path: Path) -> None:
    weights = {name: tensor.numpy() for name, tensor in open_model(random_model).weights.items()}
    false = tmp_path / "false.onnx"
    onnx.save(build_graph(weights, "vgg16_bn", "torchvision"), false)
    with pytest.raises(ModelError, match=r"false.onnx says that it is vgg16_bn, but: These are not torchvision's"):
        ModelFacts.read(false)


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="There is no model at"):
        ModelFacts.read(tmp_path / "none.onnx")
