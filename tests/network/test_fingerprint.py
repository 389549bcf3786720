"""The fingerprint that tells ImageNet's weights from others."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import nst.network.fingerprint
from nst.errors import WeightsError
from nst.network.fingerprint import BACKBONES, Fingerprint, agrees, check_fingerprint, layer_statistics
from nst.network.weights import from_state, random_weights
from nst.painting.backbone import Backbone
from nst.taps import LAYERS
from tests.network.torchvision_reference import state_dict

RECORDED = json.loads((Path(nst.network.fingerprint.__file__).parent / "fingerprint.json").read_text())


@pytest.mark.parametrize("backbone", BACKBONES)
def test_three_numbers_of_three_digits_are_recorded_for_all_13_layers(backbone: str) -> None:
    assert len(RECORDED[backbone]) == 13
    for low, high, norm in RECORDED[backbone]:
        assert all(re.fullmatch(r"-?\d\.\d\de[+-]\d\d", text) for text in (low, high, norm))
        assert float(low) < 0 < float(high) < float(norm)


def test_the_two_backbones_have_nothing_in_common() -> None:
    for one, other in zip(RECORDED["vgg16_bn"], RECORDED["vgg16"], strict=True):
        assert not any(agrees(float(text), recorded) for text, recorded in zip(one, other, strict=True))


@pytest.mark.parametrize("text", ["-2.14e+00", "9.05e-01", "1.46e+03", "9.99e+00", "1.00e+01", "-1.00e-01"])
@pytest.mark.parametrize("sign", [-1, 1])
def test_one_unit_in_the_last_printed_digit_is_allowed_and_two_are_not(text: str, sign: int) -> None:
    unit = 0.01 * 10.0 ** int(text[-3:])
    assert agrees(float(text), text)
    assert agrees(float(text) + sign * unit, text)
    assert not agrees(float(text) + sign * 2 * unit, text)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 0.0])
def test_no_number_that_is_not_finiteagrees(value: float) -> None:
    assert not agrees(value, "1.46e+03")


def test_random_weights_fail_at_the_first_layer_with_both_numbers() -> None:
    tensors = random_weights(0).tensors
    torch.manual_seed(0)
    columns = F.unfold(torch.rand(1, 3, 256, 256), 3, padding=1)[0]  # the first convolution as a matrix product
    lowest = (tensors["conv1.weight"].flatten(1) @ columns + tensors["conv1.bias"][:, None]).min().item()
    with pytest.raises(WeightsError) as caught:
        check_fingerprint(tensors, "vgg16_bn")
    assert f"the minimum of conv1 is {lowest:.2e}, but must be -2.14e+00." in str(caught.value)


@torch.no_grad()
def test_the_statistics_are_those_of_torchvisions_unfolded_network(vgg16_bn: nn.Sequential) -> None:
    torch.manual_seed(0)
    x, expected = torch.rand(1, 3, 256, 256), []
    for module in vgg16_bn:
        if isinstance(module, nn.ReLU):
            expected.append((x.min().item(), x.max().item(), x.norm().item()))
        x = F.relu(x) if isinstance(module, nn.ReLU) else module(x)
    statistics = layer_statistics(from_state(state_dict(vgg16_bn), "test").tensors)
    torch.testing.assert_close(torch.tensor(statistics), torch.tensor(expected), rtol=1e-4, atol=0)


@pytest.fixture(scope="module")
def tensors() -> Mapping[str, Tensor]:
    return random_weights(0).tensors


@pytest.fixture(scope="module")
def fingerprints(tensors: Mapping[str, Tensor]) -> Mapping[str, Fingerprint]:
    """As if those random weights were the real ones of vgg16."""
    return {"vgg16": [[f"{number:.2e}" for number in row] for row in layer_statistics(tensors)]}


def test_weights_with_the_recorded_statistics_pass(
    tensors: Mapping[str, Tensor], fingerprints: Mapping[str, Fingerprint]
) -> None:
    check_fingerprint(tensors, "vgg16", fingerprints)


@pytest.mark.parametrize("name", ["conv1", "conv9", "conv13"])
def test_one_changed_layer_is_found_and_named(
    tensors: Mapping[str, Tensor], fingerprints: Mapping[str, Fingerprint], name: str
) -> None:
    changed = dict(tensors) | {f"{name}.weight": tensors[f"{name}.weight"] * 1.05}
    with pytest.raises(WeightsError, match=rf"of {name} is"):
        check_fingerprint(changed, "vgg16", fingerprints)


@pytest.mark.weights
def test_the_real_weights_pass(real_backbone: Backbone) -> None:
    check_fingerprint(real_backbone.model.weights, real_backbone.model.backbone)


@pytest.mark.weights
@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_real_weights_with_one_layer_off_by_five_percent_fail_there(real_backbone: Backbone, layer: object) -> None:
    name = layer.name  # type: ignore[attr-defined]
    changed = dict(real_backbone.model.weights) | {
        f"{name}.{part}": real_backbone.model.weights[f"{name}.{part}"] * 1.05 for part in ("weight", "bias")
    }
    with pytest.raises(WeightsError, match=rf"of {name} is"):
        check_fingerprint(changed, real_backbone.model.backbone)


@pytest.mark.weights
def test_real_weights_under_the_name_of_the_other_backbone_fail(real_backbone: Backbone) -> None:
    (other,) = set(BACKBONES) - {real_backbone.model.backbone}
    with pytest.raises(WeightsError, match=f"not torchvision's ImageNet weights of {other}"):
        check_fingerprint(real_backbone.model.weights, other)
