"""The average of the latest steps."""

from __future__ import annotations

import torch

from nst.painting.moving_average import MovingAverage


def test_moving_average_is_the_debiased_exponential_average() -> None:
    average = MovingAverage(torch.full((1, 3, 4, 4), 9.0), 0.5)
    assert average.image().mean() == 9
    for value in (1.0, 2.0, 4.0):
        average.add(torch.full((1, 3, 4, 4), value))
    expected = (0.125 * 1 + 0.25 * 2 + 0.5 * 4) / (0.125 + 0.25 + 0.5)
    torch.testing.assert_close(average.image(), torch.full((1, 3, 4, 4), expected))
    torch.testing.assert_close(average.resized((8, 6)).image(), torch.full((1, 3, 6, 8), expected))


def test_no_averaging_keeps_the_latest_pixels() -> None:
    average = MovingAverage(torch.zeros(1, 3, 4, 4), 0.0)
    latest = torch.rand(1, 3, 4, 4)
    average.add(torch.rand(1, 3, 4, 4))
    average.add(latest)
    assert torch.equal(average.image(), latest)


def test_what_wraps_around_is_resized_as_it_would_be_elsewhere_on_the_torus() -> None:
    image = torch.rand(1, 3, 32, 48, dtype=torch.float64)
    here, elsewhere = (
        MovingAverage(start, 0.5).resized((96, 64), wrap=True).image()
        for start in (image, image.roll((8, -16), (2, 3)))
    )
    torch.testing.assert_close(elsewhere, here.roll((16, -32), (2, 3)))
