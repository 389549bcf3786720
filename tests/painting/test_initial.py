"""Starting images."""

from typing import Literal

import numpy as np
import pytest
import scipy.ndimage
import torch

from nst.painting.initial import median_filter, style_noise, uniform_noise
from nst.pictures.picture import Picture

MODES: dict[bool, Literal["nearest", "wrap"]] = {False: "nearest", True: "wrap"}
"""What SciPy calls it when a median wraps around, and when it does not."""


@pytest.mark.parametrize("window", [3, 8])
@pytest.mark.parametrize("wrap", [False, True])
def test_median_filter_equals_scipys(window: int, wrap: bool) -> None:
    image, mode = torch.rand(1, 3, 13, 17), MODES[wrap]
    expected = [scipy.ndimage.median_filter(channel.numpy(), window, mode=mode) for channel in image[0]]
    np.testing.assert_array_equal(median_filter(image, window, wrap=wrap)[0].numpy(), np.stack(expected))


def test_uniform_noise_is_seeded_and_in_range() -> None:
    first, same, other = uniform_noise((40, 24), 1), uniform_noise((40, 24), 1), uniform_noise((40, 24), 2)
    assert first.shape == (1, 3, 24, 40)
    assert torch.equal(first, same)
    assert not torch.equal(first, other)
    assert 0 <= first.min() < first.max() <= 1


def test_the_median_takes_the_grain_out_of_the_noise() -> None:
    noise = uniform_noise((64, 64), 0)
    step = (noise[..., 1:] - noise[..., :-1]).abs().mean()
    assert step < 0.05  # neighbours of uniform noise differ by 1/3 on average


def test_style_noise_of_a_single_pixel_is_of_its_color() -> None:
    color = torch.tensor([0.2, 0.5, 0.7]).view(1, 3, 1, 1)
    torch.testing.assert_close(style_noise(color, (16, 8), 0), color.expand(1, 3, 8, 16))


def test_style_noise_has_the_styles_colors(style: Picture) -> None:
    gentle = style.rgb * 0.2 + 0.4  # so that clamping to [0, 1] changes nothing
    noise = style_noise(gentle, (128, 128), 0)
    torch.testing.assert_close(noise.mean((2, 3)), gentle.mean((2, 3)), rtol=0, atol=0.005)
    expected, actual = (torch.cov(image[0].flatten(1)) for image in (gentle, noise))
    torch.testing.assert_close(actual, expected, rtol=0, atol=0.05 * expected.max().item())


def test_style_noise_of_a_flat_style_is_flat() -> None:
    noise = style_noise(torch.full((1, 3, 16, 16), 0.25), (32, 20), 0)
    torch.testing.assert_close(noise, torch.full((1, 3, 20, 32), 0.25), rtol=0, atol=1e-4)
