"""The proof that ONNX Runtime and PyTorch agree on a file, and that it fails when they do not."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import onnx
import pytest
import torch
from torch import Tensor

from nst.errors import ModelError
from nst.network.extractor import Extractor
from nst.network.model import open_model
from nst.network.ort_extractor import OrtExtractor
from nst.network.verify import SIZES, TOLERANCE, Extract, largest_difference, verify
from nst.recipe import Border, Pooling
from nst.taps import TAPS

SMALL = ((16, 16), (35, 18))


@pytest.fixture(scope="module")
def weights(random_model: Path) -> Mapping[str, Tensor]:
    return open_model(random_model).weights


@pytest.fixture(scope="module")
def ours(weights: Mapping[str, Tensor]) -> Extractor:
    return Extractor.on(weights, "cpu", torch.float32)


@pytest.fixture(scope="module")
def theirs(random_model: Path) -> OrtExtractor:
    return OrtExtractor(random_model)


def tampered(honest: Extract, change: Callable[[dict[str, Tensor], int], object]) -> Extract:
    """The same, with its feature maps changed on their way; the number counts the calls from 0."""
    calls = itertools.count()

    def extract(*arguments: Any) -> dict[str, Tensor]:
        maps = honest(*arguments)
        change(maps, next(calls))
        return maps

    return extract


def test_a_good_file_passes(random_model: Path) -> None:
    tap, difference = verify(random_model, sizes=[(33, 50)])
    assert tap in TAPS
    assert 0 < difference < 1e-5


def test_a_file_that_onnx_runtime_runs_differently_is_refused(random_model: Path, tmp_path: Path) -> None:
    proto = onnx.load(random_model)
    pads = next(node for node in proto.graph.node if node.op_type == "Pad" and "with_edges" in node.output)
    pads.attribute[0].s = b"reflect"
    path = tmp_path / "reflecting.onnx"
    onnx.save(proto, path)
    with pytest.raises(ModelError, match=r"disagree on .*reflecting\.onnx: at conv\d+ by \S+, but at most 1e-05 is"):
        verify(path, sizes=SMALL)


def test_the_tolerance_decides(random_model: Path) -> None:
    _, difference = verify(random_model, sizes=SMALL)
    assert verify(random_model, sizes=SMALL, tolerance=difference)[1] == difference
    with pytest.raises(ModelError, match="disagree"):
        verify(random_model, sizes=SMALL, tolerance=0.99 * difference)


WAYS = (("zeros", "max"), ("replicate", "max"), ("replicate", "average"))


def test_both_borders_and_poolings_are_tried_at_every_size(ours: Extractor, theirs: OrtExtractor) -> None:
    calls = []

    def noting(image: Tensor, taps: Any, border: Border, pooling: Pooling) -> dict[str, Tensor]:
        calls.append((tuple(image.shape), border, pooling))
        return theirs(image, taps, border, pooling)

    largest_difference(ours, noting, SMALL)
    sizes = [(1, 3, 16, 16), (1, 3, 35, 18)]
    assert sorted(calls) == sorted((size, *way) for size in sizes for way in WAYS)


def test_odd_sizes_and_the_smallest_one_are_among_those_tried() -> None:
    assert any(height % 2 and width % 2 for height, width in SIZES)
    assert any(height != width for height, width in SIZES)
    assert (16, 16) in SIZES


@pytest.mark.parametrize("name", ["conv1.bias", "conv13.weight"])
def test_one_weight_that_pytorch_reads_differently_is_found(
    weights: Mapping[str, Tensor], theirs: OrtExtractor, name: str
) -> None:
    changed = dict(weights) | {name: weights[name].clone()}
    changed[name].view(-1)[4] += 0.1
    tap, difference = largest_difference(Extractor.on(changed, "cpu", torch.float32), theirs, SMALL)
    assert difference > TOLERANCE
    assert TAPS.index(tap) >= TAPS.index(name.partition(".")[0])


def test_the_worst_tap_and_its_difference_are_named(ours: Extractor, theirs: OrtExtractor) -> None:
    def change(maps: dict[str, Tensor], call: int) -> None:
        maps["conv5"] *= 1 + 2e-3
        maps["conv9"] *= 1 + 5e-3 * (call == 1)
        maps["conv11"] *= 1 + 1e-3

    tap, difference = largest_difference(ours, tampered(theirs, change), SMALL)
    assert tap == "conv9"
    assert difference == pytest.approx(5e-3, rel=0.01)


def test_a_difference_below_the_tolerance_is_reported(ours: Extractor, theirs: OrtExtractor) -> None:
    runtime = tampered(theirs, lambda maps, _: maps["conv2"].mul_(1 + 0.8 * TOLERANCE))
    tap, difference = largest_difference(ours, runtime, SMALL)
    assert tap == "conv2"
    assert difference == pytest.approx(0.8 * TOLERANCE, rel=0.1)


@pytest.mark.parametrize(("call", "value"), [(0, math.nan), (3, math.nan), (0, math.inf)])
def test_one_number_that_is_not_finite_fails_wherever_it_comes(
    ours: Extractor, theirs: OrtExtractor, call: int, value: float
) -> None:
    def change(maps: dict[str, Tensor], number: int) -> None:
        if number == call:
            maps["conv4"].view(-1)[0] = value

    assert largest_difference(ours, tampered(theirs, change), SMALL) == ("conv4", math.inf)


def test_a_feature_map_of_zeros_on_one_side_only_fails(ours: Extractor, theirs: OrtExtractor) -> None:
    runtime = tampered(theirs, lambda maps, _: maps["conv8"].zero_())
    tap, difference = largest_difference(ours, runtime, SMALL)
    assert tap == "conv8"
    assert difference == pytest.approx(1.0)


@pytest.mark.weights
def test_the_real_model_passes(real_backbone: Any) -> None:
    assert verify(real_backbone.model.path)[1] < TOLERANCE
