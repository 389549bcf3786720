"""What is let through, what is refused, and the nearest that is proposed instead."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nst.errors import CostError
from nst.painting.painting import Painting, stylize
from nst.painting.room import EVERYTHING, Room
from nst.recipe import Recipe
from nst.serving.cost import Cost, operations_per_pixel
from nst.serving.limits import COMFORT, Limits
from nst.serving.speed import Speed

PER_STEP = Speed(start=1.0, step=0.1, operations=1e30)
"""A device for which pixels cost nothing."""

PER_PIXEL = Speed(start=0.0, step=0.0, operations=operations_per_pixel("conv13"))
"""A device that does one forward pass of one pixel in a second."""


def test_what_fits_is_let_through(wide: Painting) -> None:
    Limits(2.01, PER_STEP).check(wide)


def test_a_painting_that_takes_too_long_is_refused_with_the_largest_size_that_fits(wide: Painting) -> None:
    half = 0.5 * PER_PIXEL.seconds(Cost.of(wide))
    limits = Limits(half, PER_PIXEL)
    with pytest.raises(
        CostError, match=r"This run \(512x256 px, 10 steps\) would take about (\d+) s; the limit here is (\d+) s"
    ) as e:
        limits.check(wide)
    # half of the pixels are 362x181; 352 is the largest multiple of 32 below
    assert str(e.value).endswith(f"size 352 fits (about {half * 2 * (352 / 512) ** 2:.0f} s).")
    nearest = limits.nearest(wide)
    assert nearest == replace(wide.recipe, size=352)
    assert limits.fits(wide, nearest)
    assert not limits.fits(wide, replace(wide.recipe, size=384))


def test_where_no_size_fits_fewer_steps_are_named(wide: Painting) -> None:
    limits = Limits(1.55, PER_STEP)
    with pytest.raises(CostError, match=r"first_steps 5 and last_steps 33 fit \(about 2 s\)\.$"):
        limits.check(wide)


def test_where_nothing_fits_that_is_said(wide: Painting) -> None:
    with pytest.raises(CostError, match=r"use a smaller size and fewer steps\.$"):
        Limits(0.5, PER_STEP).check(wide)


def test_a_painting_that_takes_too_much_memory_is_refused(wide: Painting) -> None:
    limits = Limits(1000, PER_STEP, Cost.of(wide).bytes / 3)
    with pytest.raises(
        CostError, match=r"about 0\.\d GB of memory; the limit here is 0\.1 GB: size \d+ fits \(about 2 s\)\."
    ):
        limits.check(wide)


def test_memory_alone_is_limited_where_nobody_waits(wide: Painting) -> None:
    """No seconds are named, as none were measured."""
    half = replace(wide.recipe, size=256)
    limits = Limits(bytes=Cost.of(wide, half).bytes)
    with pytest.raises(CostError, match=r"the limit here is 0\.\d GB: size 256 fits \(about 0\.\d GB\)\.$"):
        limits.check(wide)
    assert limits.nearest(wide) == limits.comfortable(wide) == half
    Limits(bytes=Cost.of(wide).bytes).check(wide)
    Limits().check(wide)


def test_where_no_size_fits_the_memory_it_is_said_what_takes_it(wide: Painting) -> None:
    with pytest.raises(CostError, match=r"use smaller pictures, a smaller size or style_scale, or fewer and shallower"):
        Limits(bytes=1e6).check(wide)


def test_the_page_opens_with_what_takes_a_share_of_the_seconds(wide: Painting) -> None:
    whole = PER_PIXEL.seconds(Cost.of(wide))
    assert Limits(whole / COMFORT, PER_PIXEL).comfortable(wide) == wide.recipe
    assert Limits(whole, PER_PIXEL).comfortable(wide) == Limits(whole * COMFORT, PER_PIXEL).nearest(wide)
    assert Limits(1.0, PER_STEP).comfortable(wide) == wide.recipe


@pytest.fixture
def large(wide: Painting) -> Painting:
    """The same at 4096x2048 px."""
    recipe = Recipe(size=4096, upscale=True)
    return stylize(wide.inputs["content"], wide.inputs["style"], recipe, backbone=wide.backbone)


def test_a_painting_that_fits_in_bands_is_made_to_do_with_them(large: Painting) -> None:
    whole = Cost.of(large).bytes
    Limits(bytes=whole).check(large)
    assert large.room == EVERYTHING
    Limits(bytes=whole / 2).check(large)
    assert large.room.divides(large.size)
    assert Cost.of(large, limit=whole / 2).bytes <= whole / 2
    assert Cost.of(large, limit=whole / 2).operations > Cost.of(large).operations


def test_what_is_not_to_be_refused_does_with_as_little_as_it_can(large: Painting) -> None:
    with pytest.raises(CostError, match="of memory"):
        Limits(bytes=1e8).check(large)
    assert large.room == EVERYTHING
    Limits(bytes=1e8, refuses=False).check(large)
    assert large.room == Room(0, history=3, half=True)


def test_one_whose_room_is_settled_is_reckoned_in_that(large: Painting) -> None:
    whole = Cost.of(large).bytes
    large.settle(EVERYTHING)
    with pytest.raises(CostError, match="of memory"):
        Limits(bytes=whole / 2).check(large)
