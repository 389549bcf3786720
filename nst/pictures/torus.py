"""Pictures whose opposite sides are neighbours, so that they tile: resized as such, and made of other pictures.

Images are on the CPU but for those that are resized.
"""

from __future__ import annotations

import math
from collections.abc import Collection

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from .picture import Size, resize

REACH = 3
"""Pixels, of the smaller of image and result, within which bicubic resizing with antialiasing looks around."""


def resize_torus(image: Tensor, size: Size) -> Tensor:
    """As `resize`, NxCxHxW to (width, height), of an image that goes on at its opposite sides.

    A margin of its other side is laid around it, a whole number of pixels before and after, and cropped again.  Both
    shapes are of multiples of `nst.taps.TORUS_STEP`, which keeps the margin small.
    """
    height, width = image.shape[2:]
    if (width, height) == size:
        return image
    (left, new_left), (top, new_top) = _margin(width, size[0]), _margin(height, size[1])
    around = F.pad(image, (left, left, top, top), "circular")
    resized = resize(around, (size[0] + 2 * new_left, size[1] + 2 * new_top))
    return resized.narrow(2, new_top, size[1]).narrow(3, new_left, size[0]).contiguous()


def tiled(image: Image.Image) -> Image.Image:
    """The image two by two."""
    width, height = image.size
    sheet = Image.new(image.mode, (2 * width, 2 * height))
    for place in ((0, 0), (width, 0), (0, height), (width, height)):
        sheet.paste(image, place)
    return sheet


def _margin(before: int, after: int) -> tuple[int, int]:
    """What is laid at either end of a side, in pixels before and after it is resized."""
    parts = math.gcd(before, after)
    unit = before // parts, after // parts
    units = math.ceil(REACH / min(unit))
    return units * unit[0], units * unit[1]


def seams(image: Tensor) -> tuple[int, ...]:
    """Where opposite sides of a 1xCxHxW image don't meet: 2 for top and bottom, 3 for left and right; empty for a tile.

    They are taken to meet if they differ no more than two neighbouring lines do somewhere inside, on average.
    """
    return tuple(dim for dim in (2, 3) if _jumps_at_its_sides(image, dim))


def without_seams(image: Tensor, seams: Collection[int]) -> Tensor:
    """A 1xCxHxW image in [0, 1] with the jumps between those of its opposite sides spread over all of it.

    What is left is its *periodic component*: neighbours differ as nearly as they can as they did inside, and opposite
    sides not at all (Moisan 2011, "Periodic plus smooth image decomposition").  seams: see the function of that name.
    """
    jumps = torch.zeros_like(image)
    for dim in seams:
        end = image.shape[dim] - 1
        jump = image.narrow(dim, end, 1) - image.narrow(dim, 0, 1)
        jumps.narrow(dim, 0, 1).add_(jump)
        jumps.narrow(dim, end, 1).sub_(jump)
    return (image - _smooth_component(jumps)).clamp(0, 1) if seams else image


def _jumps_at_its_sides(image: Tensor, dim: int) -> bool:
    """True if the first and the last line along a dimension differ more than any two neighbouring ones."""
    bands = [(band - band.roll(1, dim - 2)).abs().mean(3 - dim) for band in image[0]]
    jump, *inside = torch.stack(bands).mean(0).tolist()
    return bool(jump > max(inside))


def _smooth_component(jumps: Tensor) -> Tensor:
    """The image whose Laplacian on the torus these jumps are, with mean 0: Poisson's equation by Fourier transforms."""
    height, width = jumps.shape[2:]
    rows = torch.fft.fftfreq(height, dtype=torch.float64).mul(math.pi).sin().square()
    columns = torch.fft.rfftfreq(width, dtype=torch.float64).mul(math.pi).sin().square()
    laplacian = -4 * (rows[:, None] + columns)
    laplacian[0, 0] = 1  # of the mean, which is 0, as each jump comes with both signs
    bands = [torch.fft.rfft2(band.double()) / laplacian for band in torch.split(jumps, 1, 1)]
    return torch.cat([torch.fft.irfft2(band, s=(height, width)).to(jumps) for band in bands], 1)
