"""Masks: which part of the picture below is meant, and whether an image can be one."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from ..errors import ImageError, shown_name
from ..pictures.color import luminance, tint
from ..pictures.picture import Picture, Size, resize

MAX_STRETCH = 1.05
"""How much a mask's aspect ratio may differ from that of the picture below: more is another picture's mask."""

MAX_TINT = 0.125
"""How far apart red, green and blue of a mask's pixel may be.  Rounding, JPEG and color profiles set those of a gray
apart by a few of 255 steps; 32 of them are plainly a color."""

MAX_TINTED = 0.01
"""The share of a mask's pixels that may be tinted more: a stain, or where a JPEG rings at an edge."""

WHITE = 1 - 0.5 / 255
"""From here on a value is white in 8 bits: resizing leaves less than exactly 1."""


def whiteness_at(mask: Picture, size: Size) -> Tensor:
    """How white a mask is at a size (width, height), or how opaque, where it has transparent parts: 1x1xHxW, 0 to 1.

    Of a mask that is white everywhere it is exactly 1.
    """
    white = resize(luminance(mask.rgb) if mask.alpha is None else mask.alpha, size).clamp(0, 1)
    return torch.ones_like(white) if bool((white >= WHITE).all()) else white


def meant_part(style: Picture, mask: Picture | None) -> Picture:
    """A style of which only what is white in its mask is opaque; exactly the style itself, where all is.

    Its colors stay everywhere, as the network looks beyond the edge of what is meant.  Raises ImageError for an image
    that can't be its mask.
    """
    if mask is None:
        return style
    named = f"style {shown_name(style.name)}"
    check_mask(mask, style, what="style mask", named=named, white="where the style is meant")
    alpha = whiteness_at(mask, (style.width, style.height))
    if bool((alpha == 1).all()):
        return style
    return replace(style, alpha=alpha if style.alpha is None else alpha * style.alpha)


def check_mask(mask: Picture, below: Picture, *, what: str, named: str, white: str) -> None:
    """Raises ImageError unless an image can be the mask of the one below.

    what, named: what the mask and the picture below are called, as "mask" and "content".  white: where it is to be so.
    """
    stretch = mask.width / mask.height * below.height / below.width
    if not 1 / MAX_STRETCH <= stretch <= MAX_STRETCH:
        raise ImageError(
            f"The {what} is {mask.width}x{mask.height} px and the {named} {below.width}x{below.height} px: "
            "both must have the same aspect ratio."
        )
    if mask.alpha is None and float((tint(mask.rgb) > MAX_TINT).float().mean()) > MAX_TINTED:
        raise ImageError(
            f"The {what} {shown_name(mask.name)} has colors: make it white {white} and black "
            "elsewhere, with grays in between, or transparent elsewhere."
        )
