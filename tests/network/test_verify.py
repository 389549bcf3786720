"""The proof that ONNX Runtime and PyTorch agree on a file, and that it fails when they do not."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from torch import Tensor

import nst.network.verify
from nst.errors import ModelError
from nst.network.model import Model, open_model
from nst.network.ort_extractor import OrtExtractor
from nst.network.verify import TOLERANCE, verify
from nst.taps import TAPS


@dataclasses.dataclass
class Both:
    """What `verify` compares: tests change one of them."""

    model: Model
    runtime: Any

    def tamper(self, change: Callable[[dict[str, Tensor], int], object]) -> None:
        """Change ONNX Runtime's feature maps on their way; the number counts the calls from 0."""
        honest, calls = self.runtime, itertools.count()

        def run(*arguments: Any) -> dict[str, Tensor]:
            found: dict[str, Tensor] = honest(*arguments)
            change(found, next(calls))
            return found

        self.runtime = run


@pytest.fixture(scope="module")
def opened(random_model: Path) -> tuple[Model, OrtExtractor]:
    return open_model(random_model), OrtExtractor(random_model)


@pytest.fixture
def both(opened: tuple[Model, OrtExtractor], monkeypatch: pytest.MonkeyPatch) -> Both:
    """`verify` compares these at two small sizes."""
    found = Both(*opened)
    monkeypatch.setattr("nst.network.verify.SIZES", ((16, 16), (35, 18)))
    monkeypatch.setattr("nst.network.verify.open_model", lambda _: found.model)
    monkeypatch.setattr("nst.network.verify.OrtExtractor", lambda _: found.runtime)
    return found


FILE = Path("some.onnx")


def test_a_good_file_passes(random_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nst.network.verify.SIZES", ((33, 50),))
    tap, difference = verify(random_model)
    assert tap in TAPS
    assert 0 < difference < 1e-5


WAYS = (("zeros", "max"), ("replicate", "max"), ("replicate", "average"))


def test_both_borders_and_poolings_are_tried_at_every_size(both: Both) -> None:
    seen = []
    honest = both.runtime

    def note(image: Tensor, taps: Any, border: str, pooling: str) -> Any:
        seen.append((tuple(image.shape), border, pooling))
        return honest(image, taps, border, pooling)

    both.runtime = note
    verify(FILE)
    sizes = [(1, 3, 16, 16), (1, 3, 35, 18)]
    assert sorted(seen) == sorted((size, *way) for size in sizes for way in WAYS)


def test_odd_sizes_and_the_smallest_one_are_among_those_tried() -> None:
    sizes = nst.network.verify.SIZES
    assert any(height % 2 and width % 2 for height, width in sizes)
    assert any(height != width for height, width in sizes)
    assert (16, 16) in sizes


@pytest.mark.parametrize("name", ["conv1.bias", "conv13.weight"])
def test_one_weight_that_pytorch_reads_differently_is_found(both: Both, name: str) -> None:
    weights = dict(both.model.weights)
    weights[name] = weights[name].clone()
    weights[name].view(-1)[4] += 0.1
    both.model = dataclasses.replace(both.model, weights=weights)
    with pytest.raises(ModelError, match=r"disagree on some\.onnx: at conv\d+ by \S+, but at most 1e-05") as caught:
        verify(FILE)
    worst = str(caught.value).partition(": at ")[2].partition(" ")[0]
    assert TAPS.index(worst) >= TAPS.index(name.partition(".")[0])


def test_the_worst_tap_and_its_difference_are_named(both: Both) -> None:
    def change(found: dict[str, Tensor], call: int) -> None:
        found["conv5"] *= 1 + 2e-3
        found["conv9"] *= 1 + 5e-3 * (call == 1)
        found["conv11"] *= 1 + 1e-3

    both.tamper(change)
    with pytest.raises(ModelError, match=r"at conv9 by 5\.0e-03, "):
        verify(FILE)


def test_a_difference_below_the_tolerance_passes_and_is_reported(both: Both) -> None:
    both.tamper(lambda found, _: found["conv2"].mul_(1 + 0.8 * TOLERANCE))
    tap, difference = verify(FILE)
    assert tap == "conv2"
    assert difference == pytest.approx(0.8 * TOLERANCE, rel=0.1)


@pytest.mark.parametrize(("call", "value"), [(0, float("nan")), (3, float("nan")), (0, float("inf"))])
def test_one_number_that_is_not_finite_fails_wherever_it_comes(both: Both, call: int, value: float) -> None:
    def change(found: dict[str, Tensor], number: int) -> None:
        if number == call:
            found["conv4"].view(-1)[0] = value

    both.tamper(change)
    with pytest.raises(ModelError, match="at conv4 by inf"):
        verify(FILE)


def test_a_feature_map_of_zeros_on_one_side_only_fails(both: Both) -> None:
    both.tamper(lambda found, _: found["conv8"].zero_())
    with pytest.raises(ModelError, match=r"at conv8 by 1\.0e\+00"):
        verify(FILE)


@pytest.mark.weights
def test_the_real_model_passes(real_backbone: Any) -> None:
    assert verify(real_backbone.model.path)[1] < TOLERANCE
