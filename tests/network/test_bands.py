"""The network on bands of rows, held against the network on all of them and against autograd."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from nst.errors import ImageError
from nst.network.bands import BandedPass, Part
from nst.network.extractor import Extractor
from nst.network.weights import random_weights
from nst.recipe import Border, Pooling
from nst.taps import TAPS

SMALL = 1 << 17
"""Bytes of a band: of the pictures here the first stage has ten or more, the last one or two."""


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    return Extractor.on(random_weights(0).tensors, "cpu", torch.float32)


def noise(height: int, width: int, seed: int = 0) -> Tensor:
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(seed))


def whole_maps(way: BandedPass) -> dict[str, Tensor]:
    parts: dict[str, list[Part]] = {}
    for part in way.forward():
        assert part.first == sum(before.features.shape[2] for before in parts.get(part.tap, []))
        parts.setdefault(part.tap, []).append(part)
    assert len(parts["conv1"]) > 5
    return {tap: torch.cat([part.features for part in of_tap], 2) for tap, of_tap in parts.items()}


SIZES: list[tuple[Border, int, int]] = [
    ("zeros", 83, 49),
    ("replicate", 97, 66),
    ("replicate", 33, 120),
    ("wrap", 96, 64),
]


@pytest.mark.parametrize("pooling", ["max", "average"])
@pytest.mark.parametrize(("border", "height", "width"), SIZES)
def test_bands_have_the_rows_of_the_whole(
    extractor: Extractor, border: Border, height: int, width: int, pooling: Pooling
) -> None:
    image = noise(height, width)
    in_bands = whole_maps(BandedPass(extractor, image, TAPS, border, pooling, band_bytes=SMALL))
    for tap, expected in extractor(image, TAPS, border, pooling).items():
        torch.testing.assert_close(in_bands[tap], expected, rtol=1e-4, atol=1e-5 * float(expected.abs().max()))


@pytest.mark.parametrize("kept_from", [2, 5])
@pytest.mark.parametrize("pooling", ["max", "average"])
@pytest.mark.parametrize(("border", "height", "width"), SIZES)
def test_the_gradient_is_that_of_autograd_through_the_whole(
    extractor: Extractor, border: Border, height: int, width: int, pooling: Pooling, kept_from: int
) -> None:
    image = noise(height, width).requires_grad_()
    maps = extractor(image, TAPS, border, pooling)
    asked = {tap: torch.randn(f.shape, generator=torch.Generator().manual_seed(1)) for tap, f in maps.items()}
    (expected,) = torch.autograd.grad([maps[tap] for tap in TAPS], image, [asked[tap] for tap in TAPS])

    way = BandedPass(extractor, image, TAPS, border, pooling, band_bytes=SMALL, kept_from=kept_from)
    for _ in way.forward():
        pass

    def pull(part: Part, beside: Tensor | None) -> Tensor:
        return part.of(asked[part.tap]) if beside is None else beside + part.of(asked[part.tap])

    gradient = way.backward(pull)
    assert (gradient - expected).norm() <= 1e-4 * expected.norm()


def test_its_share_rises_to_a_third_on_the_way_there_and_to_one_on_the_way_back(extractor: Extractor) -> None:
    way = BandedPass(extractor, noise(97, 66), TAPS, band_bytes=SMALL)
    there = [way.share for _ in way.forward()]
    assert there == sorted(there)
    assert way.share == pytest.approx(1 / 3)
    back: list[float] = []

    def pull(_part: Part, beside: Tensor | None) -> Tensor | None:
        back.append(way.share)
        return beside

    way.backward(pull)
    assert back == sorted(back)
    assert len(set(there + back)) > 20
    assert way.share == pytest.approx(1)


def test_a_tap_that_nothing_is_asked_of_has_no_gradient(extractor: Extractor) -> None:
    way = BandedPass(extractor, noise(32, 32), {"conv3", "conv5"}, band_bytes=SMALL)
    for _ in way.forward():
        pass
    assert not way.backward(lambda _part, beside: beside).any()


def test_a_picture_that_cannot_wrap_is_refused(extractor: Extractor) -> None:
    with pytest.raises(ImageError, match="can't wrap around"):
        BandedPass(extractor, noise(40, 32), TAPS, "wrap")
