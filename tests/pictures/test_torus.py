"""Pictures whose opposite sides are neighbours."""

from __future__ import annotations

import pytest
import torch
from PIL import Image
from torch import Tensor

from nst.pictures.picture import Size, resize
from nst.pictures.torus import resize_torus, seams, tiled, without_seams


@pytest.mark.parametrize("size", [(96, 64), (48, 32), (16, 16), (112, 80), (32, 64)])
def test_a_torus_is_resized_as_the_middle_one_of_many_copies(size: Size) -> None:
    image, (width, height) = torch.rand(1, 3, 32, 48, dtype=torch.float64), size
    copies = resize(image.repeat(1, 1, 3, 3), (3 * width, 3 * height))
    expected = copies[..., height : 2 * height, width : 2 * width]
    torch.testing.assert_close(resize_torus(image, size), expected, rtol=0, atol=1e-9)


def test_a_torus_of_the_same_size_is_itself() -> None:
    image = torch.rand(1, 3, 32, 48)
    assert resize_torus(image, (48, 32)) is image


RAMP = torch.linspace(0, 1, 24)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (torch.full((20, 24), 0.3), ()),
        (((torch.arange(20)[:, None] // 10 + torch.arange(24) // 12) % 2).float(), ()),  # a chessboard of four squares
        (RAMP.expand(20, 24), (3,)),
        (RAMP[:20, None].expand(20, 24), (2,)),
        ((RAMP[:20, None] + RAMP) / 2, (2, 3)),
    ],
)
def test_sides_meet_where_they_differ_as_lines_do_inside(rows: Tensor, expected: tuple[int, ...]) -> None:
    assert seams(rows.expand(1, 3, 20, 24)) == expected


@pytest.mark.parametrize("across", [(2,), (3,), (2, 3)])
def test_without_seams_differences_inside_are_kept_and_none_is_asked_for_across(across: tuple[int, ...]) -> None:
    """The sum of a pixel's differences from its neighbours is as it was, without those across the seams."""
    image = 0.4 + 0.2 * torch.rand(1, 3, 9, 12, dtype=torch.float64)
    closed = without_seams(image, across)
    assert 0 < closed.min() < closed.max() < 1  # where it would be clamped
    around = sum((closed.roll(step, dim) - closed for dim in (2, 3) for step in (1, -1)), torch.zeros_like(image))
    expected = torch.zeros_like(image)
    for dim in (2, 3):
        last = image.shape[dim] - 1
        for step, edge in ((1, 0), (-1, last)):
            difference = image.roll(step, dim) - image
            if dim in across:
                difference.narrow(dim, edge, 1).zero_()
            expected += difference
    torch.testing.assert_close(around, expected, rtol=0, atol=1e-12)
    torch.testing.assert_close(closed.mean((2, 3)), image.mean((2, 3)))


def test_a_ramp_without_its_seam_is_flat_but_for_the_step_between_two_lines() -> None:
    closed = without_seams(RAMP.expand(1, 3, 20, 24), (3,))
    torch.testing.assert_close(closed, torch.full((1, 3, 20, 24), 0.5), rtol=0, atol=1 / 23)


def test_a_tile_stays_as_it_is_and_nothing_leaves_the_range() -> None:
    image = torch.rand(1, 3, 20, 24)
    assert without_seams(image, ()) is image
    closed = without_seams((RAMP > 0.9).float().expand(1, 3, 20, 24).contiguous(), (3,))
    assert 0 <= closed.min() <= closed.max() <= 1


def test_tiled_is_four_copies_in_a_square() -> None:
    image = Image.new("RGB", (2, 1))
    image.putpixel((1, 0), (9, 8, 7))
    sheet = tiled(image)
    assert sheet.size == (4, 2)
    assert [sheet.getpixel((x, y)) for y in range(2) for x in range(4)] == [(0, 0, 0), (9, 8, 7)] * 4
