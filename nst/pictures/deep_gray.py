"""Gray of more than 8 bits: what its numbers mean, and the same in a form that can be resized and shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.TiffImagePlugin import BITSPERSAMPLE, PHOTOMETRIC_INTERPRETATION, SAMPLEFORMAT, TiffImageFile

_WHITE_IS_ZERO = 0
_UNSIGNED = 1


def is_deep_gray(image: Image.Image) -> bool:
    """True for Pillow's modes of one band of 16 or 32 bits."""
    return image.mode == "F" or image.mode.startswith("I")


@dataclass(frozen=True)
class DeepGray:
    """How the numbers of an image of deep gray are to be read.

    unsigned: the 32 bits of mode I, which Pillow takes for signed, are not.  inverted: 0 is white.  white: what the
    numbers are divided by once 16 bits go from 0 to 1: 1, or the brightest of 32 bits or of floats where it is more.
    """

    unsigned: bool
    inverted: bool
    white: float = 1.0

    @classmethod
    def of(cls, image: Image.Image, strips: Iterable[Image.Image]) -> DeepGray:
        """Of an image that is decoded; strips: all of it, a part at a time.

        Raises ValueError where not all of its values are numbers.
        """
        tags = image.tag_v2 if isinstance(image, TiffImageFile) else {}
        whole = tags.get(BITSPERSAMPLE) == (32,) and tags.get(SAMPLEFORMAT, (_UNSIGNED,)) == (_UNSIGNED,)
        kind = cls(image.mode == "I" and whole, tags.get(PHOTOMETRIC_INTERPRETATION) == _WHITE_IS_ZERO)
        if image.mode.startswith("I;16"):
            return kind
        brightest = 1.0
        for strip in strips:
            values = kind._scaled(strip)
            if not np.isfinite(values).all():
                raise ValueError("not all of its values are numbers")
            brightest = max(brightest, float(values.max()))
        return cls(kind.unsigned, kind.inverted, brightest)

    def plain(self, strip: Image.Image) -> Image.Image:
        """A part of the image, 16 bits as I;16, or as LA where one value is transparent, all else as F from 0 to 1."""
        key = strip.info.get("transparency")
        if not strip.mode.startswith("I;16"):
            values = self._scaled(strip) / self.white
            gray = Image.fromarray(1 - values if self.inverted else values)
        elif key is None:
            deep = np.asarray(strip).astype(np.uint16)  # Pillow resizes none but the native byte order rightly
            gray = Image.fromarray(65535 - deep if self.inverted else deep)
        else:
            deep = np.asarray(strip)
            gray = Image.fromarray((deep.astype(np.float32) / 257).round().astype(np.uint8))
            gray.putalpha(Image.fromarray(np.where(deep == key, 0, 255).astype(np.uint8)))
        gray.info["icc_profile"] = strip.info.get("icc_profile")
        return gray

    def _scaled(self, strip: Image.Image) -> NDArray[np.float32]:
        """Mode I or F as floats; 16 bits within the 32 of mode I go from 0 to 1."""
        values = np.asarray(strip)
        if self.unsigned:
            values = values.view(np.uint32)
        return values.astype(np.float32) / np.float32(65535 if strip.mode == "I" else 1)
