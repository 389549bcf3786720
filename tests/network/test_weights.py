"""Weights from state dicts, against torchvision's own modules, and from seeded random numbers."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from nst.errors import WeightsError
from nst.network.model import weight_names
from nst.network.weights import from_state, random_weights, torchvision_indices
from tests.network.torchvision_reference import (
    as_double,
    assert_same_network,
    names_and_sizes,
    our_relu_outputs,
    state_dict,
)


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
    assert torch.equal(weights.tensors["conv13.weight"], vgg16.state_dict()["28.weight"])


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_read_as_the_numbers_it_holds(vgg16_bn: nn.Sequential, dtype: torch.dtype) -> None:
    state = {
        name: value.to(dtype) if value.is_floating_point() else value for name, value in state_dict(vgg16_bn).items()
    }
    rounded = as_double(vgg16_bn)
    rounded.load_state_dict({name.removeprefix("features."): value.double() for name, value in state.items()})
    assert_same_network(from_state(state, "test"), rounded)


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
