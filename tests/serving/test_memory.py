"""The peak that is reckoned with: by hand for its parts, and in what it grows with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch

from nst.network.bands import BAND_BYTES
from nst.network.device import Compute
from nst.painting.backbone import Backbone
from nst.painting.room import EVERYTHING, Room
from nst.pictures.picture import Picture
from nst.recipe import Recipe
from nst.serving.memory import BANDS, FIXED, GAPS, HEAP_BLOCK, IMAGES, peak_bytes, picture_bytes, room_within
from tests.serving.support import noise

SIZE = (512, 256)
AREA = 512 * 256
RECIPE = Recipe(start_size=0, content_taps=("conv7",), content_target="own", style_taps=("conv13",))
INPUTS = {"content": noise(*SIZE), "style": noise(*SIZE)}


def peak(backbone: Backbone, inputs: dict[str, Picture] = INPUTS, size: int = 512, **changes: Any) -> float:
    return peak_bytes(backbone, [(size, size // 2)], inputs, replace(RECIPE, **changes))


def elsewhere(backbone: Backbone, device: str = "cpu", precision: str = "fp32", provider: str = "PyTorch") -> Backbone:
    """As if it was on another device."""
    return replace(backbone, compute=Compute(torch.device(device), precision), provider=provider)


def test_pictures_are_counted_with_their_alpha() -> None:
    transparent = Picture(torch.zeros(1, 3, 10, 20), torch.zeros(1, 1, 10, 20))
    assert picture_bytes({"content": transparent, "style": noise(16, 16)}) == 4 * (4 * 200 + 3 * 256)


def test_of_a_masked_style_what_is_left_is_kept_as_well() -> None:
    inputs = {"style": noise(16, 16), "style_2": noise(20, 10), "style_2_mask": noise(10, 5)}
    assert picture_bytes(inputs) == 4 * (3 * 256 + 3 * 200 + 3 * 50 + 200)


@pytest.fixture
def gpu(backbone: Backbone) -> Backbone:
    """As if it was on one: there nothing is reckoned for the ways of a CPU's heap."""
    return elsewhere(backbone, "cuda:0")


def test_a_step_keeps_what_its_gradient_needs_and_what_lbfgs_remembers(gpu: Backbone) -> None:
    # kept for the gradient: 64 + 2*128/4 + 3*256/16 + 3*512/64 + 3*512/256 = 206 features a pixel; conv7's content: 16
    # L-BFGS: two images for each of 20 steps, and two
    least = AREA * (4 * (206 + 16) + 12 * 42)
    assert least < peak(gpu) < 2 * least


def test_the_first_layer_is_kept_where_it_is_a_tap(gpu: Backbone) -> None:
    assert peak(gpu, style_taps=("conv1", "conv13")) - peak(gpu) == 64 * 4 * AREA


def test_a_content_that_is_moved_to_the_styles_colors_is_kept_beside_the_one_that_it_was(gpu: Backbone) -> None:
    assert peak(gpu, content_target="transported") - peak(gpu) == AREA * 4 * 16
    assert peak(gpu, {"style": INPUTS["style"]}, content_target="transported") == peak(gpu, {"style": INPUTS["style"]})


def test_it_grows_with_the_pixels(gpu: Backbone) -> None:
    assert peak(gpu, size=256) == pytest.approx(peak(gpu) / 4)


def test_lbfgs_remembers_no_more_steps_than_were_made(gpu: Backbone) -> None:
    assert peak(gpu, first_steps=20) == peak(gpu, first_steps=200)
    assert peak(gpu, first_steps=20) - peak(gpu, first_steps=3) == 12 * AREA * 2 * 17


def test_pictures_lie_in_the_memory_of_a_cpu_and_once_more_in_other_colors(backbone: Backbone, gpu: Backbone) -> None:
    pictures = picture_bytes(INPUTS)
    assert peak(backbone, colors="luminance") - peak(backbone) == pictures
    assert peak(gpu, colors="luminance") == peak(gpu)


def test_small_maps_leave_gaps_in_a_cpus_heap(backbone: Backbone, gpu: Backbone) -> None:
    """Of 512x256 px in fp32: 64 features a pixel are 33.5 MB, exactly the block from which on they don't."""
    gaps = peak(elsewhere(backbone)) - peak(gpu) - picture_bytes(INPUTS) - FIXED
    small = 206 - 64 + 16  # of what is kept for the gradient, and the content's
    assert gaps == pytest.approx(GAPS * 4 * small * AREA)
    assert HEAP_BLOCK == 4 * 64 * AREA


def test_features_are_smaller_in_bf16_and_the_optimizers_memory_is_not(backbone: Backbone) -> None:
    half, full = (elsewhere(backbone, "cuda:0", precision) for precision in ("bf16", "fp32"))
    features = 2 * (peak(full) - peak(half))
    assert features > 4 * 222 * AREA
    for place in (full, half):
        assert peak(place) - peak(place, optimizer="adam") == 12 * AREA * (42 - 3)


def test_targets_by_another_runtime_are_cast_once_more(backbone: Backbone) -> None:
    by_pytorch, by_onnx = (elsewhere(backbone, "cuda:0", "bf16", name) for name in ("PyTorch", "CUDA"))
    assert peak(by_onnx) - peak(by_pytorch) == 4 * 16 * AREA  # 4 bytes and 2 of conv7's 16 features a pixel, not 2


def test_a_large_style_can_be_the_peak(gpu: Backbone) -> None:
    assert peak(gpu, style_scale=4.0) > 2 * peak(gpu)


@pytest.mark.parametrize(("provider", "maps"), [("PyTorch", 1), ("CUDA", 0)])
def test_where_a_part_of_a_style_counts_its_features_are_there_twice(
    backbone: Backbone, provider: str, maps: int
) -> None:
    """As the widest of a style of 2048x2048 px; ONNX Runtime had three of those before."""
    place = elsewhere(backbone, "cuda:0", provider=provider)
    whole = {"content": noise(*SIZE), "style": noise(64, 64)}
    clear = Picture(whole["style"].rgb, torch.ones(1, 1, 64, 64))
    parts = (whole | {"style_mask": noise(64, 64)}, whole | {"style": clear})
    for part in parts:
        more = peak(place, part, style_scale=4.0) - peak(place, whole, style_scale=4.0)
        assert more == maps * 4 * 64 * 2048 * 2048


def test_each_masked_region_keeps_what_is_inside_of_each_tap(gpu: Backbone) -> None:
    taps, mask = ("conv2", "conv4"), noise(16, 8)
    inputs = [
        {"content": noise(*SIZE), "style": noise(64, 64)},
        {"content": noise(*SIZE), "style": noise(64, 64), "mask": mask},
        {"content": noise(*SIZE), "style": noise(64, 64), "style_2": noise(64, 64), "mask": mask},
        {"content": noise(*SIZE), **{role: noise(64, 64) for role in ("style", "style_2", "style_3")}, "mask": mask},
    ]
    none, one, two, more = (peak(gpu, given, style_taps=taps) for given in inputs)
    # 64 + 128/4 = 96 features a pixel
    assert one > none + 4 * 96 * AREA
    assert more == two > one + 4 * 96 * AREA


def test_what_is_important_takes_a_map_and_the_weights_of_each_tap(gpu: Backbone) -> None:
    inputs = {"content": noise(*SIZE), "style": noise(64, 64)}
    more = peak(gpu, {**inputs, "importance": noise(*SIZE)}) - peak(gpu, inputs)
    assert more == 4 * AREA * (2 + 1 / 16)  # conv7 is behind two poolings
    assert peak(gpu, inputs, auto_focus=True) - peak(gpu, inputs) == more
    alone = {"content": noise(*SIZE)}
    assert peak(gpu, alone, auto_focus=True) == peak(gpu, alone)


def test_a_distribution_takes_what_is_sorted(gpu: Backbone) -> None:
    taps = ("conv2", "conv4")  # 64 and 128/4 features a pixel
    more = AREA * ((64 + 32) * (8 + 4) + 64 * (3 * 4 + 8))
    sorted_one = peak(gpu, style_taps=taps, style_statistic="wasserstein")
    assert sorted_one - peak(gpu, style_taps=taps) == pytest.approx(more)


def test_earlier_scales_leave_their_content_in_the_cache(gpu: Backbone) -> None:
    one = peak_bytes(gpu, [SIZE], INPUTS, RECIPE)
    two = peak_bytes(gpu, [(256, 128), SIZE], INPUTS, RECIPE)
    assert two - one == 4 * 16 * AREA / 4


def test_what_wraps_around_is_copied_with_its_border(gpu: Backbone) -> None:
    assert peak(gpu, border="wrap") - peak(gpu) == 4 * 64 * AREA


def test_in_bands_a_step_keeps_the_input_of_each_stage_and_two_gradients(gpu: Backbone) -> None:
    # inputs: 64/4 + 128/16 + 256/64 + 512/256 = 30 features a pixel; of the first two, 24, the gradient as well
    banded = {size: in_room(gpu, Room(0), size) for size in (512, 1024)}
    images = 12 * (42 + IMAGES)
    assert banded[512] == pytest.approx(AREA * (4 * 54 + images) + BANDS * BAND_BYTES)
    assert banded[1024] - banded[512] == pytest.approx(3 * AREA * (4 * 54 + images))


def test_maps_that_are_kept_of_bands_take_their_room_and_leave_gaps_in_a_cpus_heap(
    backbone: Backbone, gpu: Backbone
) -> None:
    # of the last two stages: 3*512/64 + 3*512/256 = 30 features a pixel
    for place, gaps in ((gpu, 0.0), (elsewhere(backbone), GAPS)):
        more = in_room(place, Room(0, kept_from=3)) - in_room(place, Room(0))
        assert more == pytest.approx(AREA * 4 * 30 * (1 + gaps))


def test_a_shorter_memory_in_half_precision_takes_less(gpu: Backbone) -> None:
    assert in_room(gpu, Room(0)) - in_room(gpu, Room(0, history=5, half=True)) == 12 * AREA * (40 - 5)


def in_room(backbone: Backbone, room: Room, size: int = 512) -> float:
    return peak_bytes(backbone, [(size, size // 2)], INPUTS, RECIPE, room)


def test_a_painting_does_without_as_little_as_it_can(gpu: Backbone) -> None:
    sizes = [(1024, 1024), (2048, 2048), (4096, 4096)]

    def room(limit: float | None) -> Room:
        return room_within(gpu, sizes, INPUTS, RECIPE, limit)[0]

    whole = peak_bytes(gpu, sizes, INPUTS, RECIPE)
    assert room(None) == room(whole) == EVERYTHING
    last_in_bands = peak_bytes(gpu, sizes, INPUTS, RECIPE, Room(2048 * 2048, kept_from=2))
    assert last_in_bands < whole
    assert room(whole - 1) == room(last_in_bands) == Room(2048 * 2048, kept_from=2)
    assert room(last_in_bands - 1) == Room(2048 * 2048, kept_from=3)
    shortest = Room(0, history=3, half=True)
    least = peak_bytes(gpu, sizes, INPUTS, RECIPE, shortest)
    assert room_within(gpu, sizes, INPUTS, RECIPE, least) == (shortest, least)
    assert room_within(gpu, sizes, INPUTS, RECIPE, least - 1) == (shortest, least)
