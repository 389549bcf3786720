"""What a run costs, and what fits: by hand for a small network of sums, and against the real steps of a run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from nst.errors import CostError
from nst.network.extractor import Extractor
from nst.painting.backbone import Backbone
from nst.painting.painting import Run, reconstruct, stylize, synthesize
from nst.pictures.picture import Picture
from nst.recipe import Recipe
from nst.serving.cost import COMFORT, Cost, Limits, Speed, operations_per_pixel

PER_STEP = Speed(start=1.0, step=0.1, operations=1e30)
"""A device for which pixels cost nothing."""

PER_PIXEL = Speed(start=0.0, step=0.0, operations=operations_per_pixel("conv13"))
"""A device that does one forward pass of one pixel in a second."""


def picture(width: int, height: int) -> Picture:
    return Picture(torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(0)))


@pytest.fixture
def run(backbone: Backbone) -> Run:
    """512x256 px, of one scale with ten steps, the style as large as that."""
    recipe = Recipe(size=512, start_size=0, first_steps=10, last_steps=60, content_taps="conv7", style_taps="conv13")
    return stylize(picture(512, 256), picture(512, 512), recipe, backbone=backbone)


def test_operations_are_those_of_the_convolutions() -> None:
    first = 2 * 9 * 3 * 64
    assert operations_per_pixel("conv1") == first
    assert operations_per_pixel("conv2") == first + 2 * 9 * 64 * 64
    assert operations_per_pixel("conv3") == first + 2 * 9 * 64 * 64 + 2 * 9 * 64 * 128 / 4
    # Simonyan and Zisserman's VGG-16 takes 15.35e9 multiply-adds in its convolutions for 224x224 px
    assert operations_per_pixel("conv13") * 224**2 / 2 == pytest.approx(15.35e9, rel=1e-3)


def test_a_run_is_its_steps_forward_and_backward_and_its_targets(run: Run) -> None:
    cost, area = Cost.of(run), 512 * 256
    assert cost.steps == 10
    targets = area * operations_per_pixel("conv7") + 512 * 512 * operations_per_pixel("conv13")
    assert cost.operations == pytest.approx(10 * 2 * area * operations_per_pixel("conv13") + targets)


def test_scales_style_scale_and_tasks_count(backbone: Backbone, run: Run) -> None:
    coarse = replace(run.recipe, start_size=256, scale_step=2.0, first_steps=20, last_steps=10)
    assert Cost.of(run, coarse).steps == 30
    strokes = replace(run.recipe, style_scale=2.0)
    more = Cost.of(run, strokes).operations - Cost.of(run).operations
    assert more == pytest.approx(3 * 512 * 512 * operations_per_pixel("conv13"))
    shallow = run.recipe.changed(style_taps="conv4", style_weight=0, init="random")
    alone = reconstruct(picture(512, 256), shallow, backbone=backbone)
    assert Cost.of(alone).operations == pytest.approx(21 * 512 * 256 * operations_per_pixel("conv7"))
    texture = synthesize(picture(512, 256), run.recipe.changed(init="random"), backbone=backbone)
    assert Cost.of(texture).operations == pytest.approx(21 * 512 * 256 * operations_per_pixel("conv13"))


@pytest.mark.parametrize("styles", [1, 2])
def test_each_masked_region_costs_a_backward_pass_as_it_does(
    styles: int, backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The passes that are reckoned with are those that a step makes."""
    made: list[str] = []
    walk, backward = Extractor.walk, torch.autograd.grad

    def counted(self: Extractor, image: Tensor, *rest: object) -> Iterator[tuple[str, Tensor]]:
        made.append("forward") if image.requires_grad else None
        return walk(self, image, *rest)  # type: ignore[arg-type]

    def counted_grad(*arguments: object, **options: object) -> object:
        made.append("backward")
        return backward(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Extractor, "walk", counted)
    monkeypatch.setattr(torch.autograd, "grad", counted_grad)
    mask = torch.zeros(1, 3, 64, 64)
    mask[..., :32] = 1
    recipe = Recipe(size=64, start_size=0, first_steps=1)
    given = [picture(64, 64), picture(48, 48)][:styles]
    masked = stylize(picture(64, 64), given, recipe, mask=Picture(mask), backbone=backbone)
    plain = stylize(picture(64, 64), given, recipe, backbone=backbone)
    masked.result()
    extra = Cost.of(masked).operations - Cost.of(plain).operations
    assert made.count("forward") == 1
    assert made.count("backward") == 1 + styles
    assert extra == pytest.approx(styles * 64 * 64 * operations_per_pixel("conv13"))


def test_seconds_are_start_steps_and_operations(run: Run) -> None:
    assert PER_STEP.seconds(Cost.of(run)) == pytest.approx(1 + 10 * 0.1)
    assert PER_PIXEL.seconds(Cost(10, operations_per_pixel("conv13") * 7, 0)) == pytest.approx(7)


def test_memory_grows_with_the_pixels_with_large_strokes_and_with_masks(run: Run, backbone: Backbone) -> None:
    whole = Cost.of(run).bytes
    assert Cost.of(run, replace(run.recipe, size=256)).bytes == pytest.approx(whole / 4)
    assert Cost.of(run, replace(run.recipe, style_scale=4.0)).bytes > 2 * whole
    mask, styles = Picture(torch.ones(1, 3, *run.size[::-1])), [picture(64, 64)] * 3
    given = [(styles[:1], None), (styles[:1], mask), (styles[:2], mask), (styles, mask)]
    recipe = run.recipe.changed(style_taps=("conv2", "conv4"))
    runs = [stylize(picture(512, 256), s, recipe, mask=m, backbone=backbone) for s, m in given]
    none, one, two, more = (Cost.of(made).bytes for made in runs)
    # a region keeps what is inside of each style tap: 64 + 128/4 = 96 features a pixel
    assert one > none + 4 * 96 * 512 * 256
    assert more == two > one + 4 * 96 * 512 * 256
    # kept for the gradient: 64 + 2*128/4 + 3*256/16 + 3*512/64 + 3*512/256 = 206 features a pixel
    assert whole > 4 * 206 * 512 * 256


def test_what_fits_is_let_through(run: Run) -> None:
    Limits(2.01, PER_STEP).check(run)


def test_a_run_that_takes_too_long_is_refused_with_the_largest_size_that_fits(run: Run) -> None:
    half = 0.5 * PER_PIXEL.seconds(Cost.of(run))
    limits = Limits(half, PER_PIXEL)
    with pytest.raises(
        CostError, match=r"This run \(512x256 px, 10 steps\) takes about (\d+) s here, and (\d+) s "
    ) as e:
        limits.check(run)
    # half of the pixels are 362x181; 352 is the largest multiple of 32 below
    assert str(e.value).endswith(f"size 352 fits (about {half * 2 * (352 / 512) ** 2:.0f} s).")
    nearest = limits.nearest(run)
    assert nearest == replace(run.recipe, size=352)
    assert limits.fits(run, nearest)
    assert not limits.fits(run, replace(run.recipe, size=384))


def test_where_no_size_fits_fewer_steps_are_named(run: Run) -> None:
    limits = Limits(1.55, PER_STEP)
    with pytest.raises(CostError, match=r"first_steps 5 and last_steps 33 fit \(about 2 s\)\.$"):
        limits.check(run)


def test_where_nothing_fits_that_is_said(run: Run) -> None:
    with pytest.raises(CostError, match=r"use a smaller size and fewer steps\.$"):
        Limits(0.5, PER_STEP).check(run)


def test_a_run_that_takes_too_much_memory_is_refused(run: Run) -> None:
    limits = Limits(1000, PER_STEP, Cost.of(run).bytes / 3)
    with pytest.raises(CostError, match=r"takes about 0\.\d GB of memory, and 0\.1 GB are the most: size 288 fits"):
        limits.check(run)


def test_the_page_opens_with_what_takes_a_share_of_the_seconds(run: Run) -> None:
    whole = PER_PIXEL.seconds(Cost.of(run))
    assert Limits(whole / COMFORT, PER_PIXEL).comfortable(run) == run.recipe
    assert Limits(whole, PER_PIXEL).comfortable(run) == Limits(whole * COMFORT, PER_PIXEL).nearest(run)
    assert Limits(1.0, PER_STEP).comfortable(run) == run.recipe


def test_a_measured_speed_foretells_a_run(backbone: Backbone) -> None:
    """Within a factor of three, as other work may go on here; `bench.duration` says how well on a quiet machine."""
    speed = Speed.measured(backbone)
    recipe = Recipe(size=192, start_size=0, first_steps=6)
    run = stylize(picture(192, 192), picture(192, 192), recipe, backbone=backbone)
    run.result()
    assert run.latest is not None
    assert 1 / 3 < speed.seconds(Cost.of(run)) / run.latest.seconds < 3
