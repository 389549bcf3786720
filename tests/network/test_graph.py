"""The exported graph on ONNX Runtime against torchvision's unfolded network."""

from __future__ import annotations

import copy

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import Tensor, nn
from torchvision.transforms.functional import normalize

from nst.network.graph import build_graph
from nst.network.model import weights_digest
from nst.network.weights import from_state
from nst.taps import TAPS
from tests.network.torchvision_reference import relative_difference, relu_outputs, state_dict

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


@pytest.fixture(scope="module")
def arrays(vgg16_bn: nn.Sequential) -> dict[str, np.ndarray]:
    return {name: tensor.numpy() for name, tensor in from_state(state_dict(vgg16_bn), "test").tensors.items()}


@pytest.fixture(scope="module")
def model(arrays: dict[str, np.ndarray]) -> onnx.ModelProto:
    return build_graph(arrays, "vgg16_bn", "a test, sha256 123")


@pytest.fixture(scope="module")
def session(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


def sample(batch: int, height: int, width: int) -> Tensor:
    return torch.rand(batch, 3, height, width, generator=torch.Generator().manual_seed(height))


def assert_equal_at_all_taps(ours: list[np.ndarray], expected: list[Tensor]) -> None:
    """A float32 sum of up to 4608 products rounds by up to 4608 * 6e-8 where much of it cancels, layer upon layer."""
    for our_map, their_map in zip(ours, expected, strict=True):
        assert our_map.shape == their_map.shape
        assert relative_difference(torch.from_numpy(our_map), their_map) < 3e-4


def test_onnxs_own_checker_has_no_complaint(model: onnx.ModelProto) -> None:
    onnx.checker.check_model(model, full_check=True)


@pytest.mark.parametrize(
    ("batch", "height", "width"), [(1, 32, 32), (2, 32, 48), (1, 97, 65), (1, 33, 130), (1, 16, 16), (3, 17, 31)]
)
def test_all_13_taps_equal_torchvisions_normalized_network_at_any_size(
    session: onnxruntime.InferenceSession, vgg16_bn: nn.Sequential, batch: int, height: int, width: int
) -> None:
    image = sample(batch, height, width)
    expected = relu_outputs(vgg16_bn, normalize(image, MEAN, STD))
    assert_equal_at_all_taps(session.run(None, {"image": image.numpy()}), expected)


@pytest.mark.parametrize("replicate", [False, True])
def test_the_optional_border_input_chooses_what_the_first_convolution_sees_outside(
    session: onnxruntime.InferenceSession, vgg16_bn: nn.Sequential, replicate: bool
) -> None:
    layers = copy.deepcopy(vgg16_bn)
    first = layers[0]
    assert isinstance(first, nn.Conv2d)
    first.padding_mode = "replicate" if replicate else "zeros"
    image = sample(1, 35, 50)
    expected = relu_outputs(layers, normalize(image, MEAN, STD))
    feature_maps = session.run(None, {"image": image.numpy(), "replicate_border": np.array(replicate)})
    assert_equal_at_all_taps(feature_maps, expected)


def test_the_optional_pooling_input_takes_the_mean_of_each_block(
    session: onnxruntime.InferenceSession, vgg16_bn: nn.Sequential
) -> None:
    layers = nn.Sequential(*(nn.AvgPool2d(2) if isinstance(layer, nn.MaxPool2d) else layer for layer in vgg16_bn))
    image = sample(1, 35, 50)
    feature_maps = session.run(None, {"image": image.numpy(), "average_pooling": np.array(True)})
    assert_equal_at_all_taps(feature_maps, relu_outputs(layers, normalize(image, MEAN, STD)))


def test_inputs_and_outputs_are_named_and_sized_as_promised(session: onnxruntime.InferenceSession) -> None:
    (image,) = session.get_inputs()
    assert (image.name, image.type, image.shape) == ("image", "tensor(float)", ["batch", 3, "height", "width"])
    options = session.get_overridable_initializers()
    assert {option.name for option in options} == {"replicate_border", "average_pooling"}
    assert {(option.type, *option.shape) for option in options} == {("tensor(bool)",)}
    outputs = session.get_outputs()
    assert [output.name for output in outputs] == [f"conv{i}" for i in range(1, 14)]
    assert [output.shape[1] for output in outputs] == [64] * 2 + [128] * 2 + [256] * 3 + [512] * 6
    assert all(isinstance(output.shape[axis], str) for output in outputs for axis in (0, 2, 3))


def test_the_metadata_say_what_the_file_is(model: onnx.ModelProto, arrays: dict[str, np.ndarray]) -> None:
    assert {prop.key: prop.value for prop in model.metadata_props} == {
        "gramarye_format": "2",
        "backbone": "vgg16_bn",
        "source": "a test, sha256 123",
        "digest": weights_digest(arrays),
        "taps": ",".join(TAPS),
    }
    assert model.producer_name == "gramarye"


def test_the_weights_stand_in_the_file_bit_for_bit(model: onnx.ModelProto, arrays: dict[str, np.ndarray]) -> None:
    stored = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    assert all(np.array_equal(stored[name], array) for name, array in arrays.items())


def test_any_changed_weight_changes_the_digest(arrays: dict[str, np.ndarray]) -> None:
    changed = arrays["conv13.bias"].copy()
    changed[-1] = np.nextafter(changed[-1], np.float32(9))
    assert weights_digest(arrays | {"conv13.bias": changed}) != weights_digest(arrays)


def test_arrays_in_another_memory_order_make_the_same_file(
    model: onnx.ModelProto, arrays: dict[str, np.ndarray]
) -> None:
    reordered = {name: np.asfortranarray(array) for name, array in arrays.items()}
    again = build_graph(reordered, "vgg16_bn", "a test, sha256 123")
    assert again.SerializeToString(deterministic=True) == model.SerializeToString(deterministic=True)
