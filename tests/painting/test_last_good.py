"""What is kept to go back to, and when it is known to be good."""

from __future__ import annotations

import math

import torch

from nst.painting.convergence import WINDOW
from nst.painting.last_good import LastGood


def test_what_was_kept_is_good_a_window_later_if_its_loss_is_a_number() -> None:
    pixels = torch.zeros(1, 3, 2, 2)
    last_good = LastGood(pixels)
    kept = []
    for step in range(1, 3 * WINDOW + 1):
        pixels.fill_(step)
        last_good.add(torch.tensor(1.0))
        kept.append(float(last_good.picture.mean()))
    # the picture of step 10 counts after step 20, that of step 20 after step 30
    assert kept == [0.0] * (2 * WINDOW - 1) + [WINDOW] * WINDOW + [2 * WINDOW]
    assert last_good.restore() == WINDOW
    assert float(pixels.mean()) == 2 * WINDOW
    assert last_good.is_sound(look=True)


def test_a_loss_that_is_no_number_is_known_a_window_later() -> None:
    for number in (math.nan, math.inf):
        pixels = torch.zeros(1, 3, 2, 2)
        last_good, sound = LastGood(pixels), []
        for step in range(1, 3 * WINDOW + 1):
            pixels.fill_(step)
            last_good.add(torch.tensor(1.0 if step <= WINDOW + 3 else number))
            sound.append(last_good.is_sound(look=False))
        assert sound == [True] * (3 * WINDOW - 1) + [False]
        assert last_good.restore() == 2 * WINDOW
        assert float(pixels.mean()) == WINDOW


def test_a_look_sees_at_once_what_no_loss_has_told_yet() -> None:
    pixels = torch.zeros(1, 3, 2, 2)
    last_good = LastGood(pixels)
    pixels[0, 0, 0, 0] = torch.nan
    assert last_good.is_sound(look=False)
    assert not last_good.is_sound(look=True)
