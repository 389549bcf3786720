"""A decoded image turned upright, in a mode that can be shown, and no larger than it is needed.

A large one is gone through in strips, so that little more than the decoded image is held at a time.  The result is the
same to the bit as that of doing it at once: Pillow resizes in two passes, and the first looks at single rows.
"""

from __future__ import annotations

from collections.abc import Iterator

from PIL import Image

from .deep_gray import DeepGray, is_deep_gray
from .metadata import EXIF_ORIENTATION, exif_value
from .picture import Size, fit

STRIP = 4_000_000
"""Pixels that are converted at a time, at most, but for a row that has more."""

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF orientation -> what turns the image upright."""

_BACKWARDS = (Image.Transpose.ROTATE_180, Image.Transpose.FLIP_TOP_BOTTOM)
_FROM_COLUMNS = (Image.Transpose.TRANSPOSE, Image.Transpose.ROTATE_270)
_FROM_COLUMNS_BACKWARDS = (Image.Transpose.TRANSVERSE, Image.Transpose.ROTATE_90)
_PREMULTIPLIED = {"RGBA": "RGBa", "LA": "La"}


def reduced(image: Image.Image, most: int) -> Image.Image:
    """Upright, with transparency as its last band: L, LA, RGB, RGBA, CMYK, LAB, I;16 or F.

    most: pixels of its long side, to which a larger one is reduced.
    Raises ValueError where not all values of deep gray are numbers.
    """
    turn = _TURNS.get(exif_value(image, EXIF_ORIENTATION))
    turned = turn in _FROM_COLUMNS or turn in _FROM_COLUMNS_BACKWARDS
    size = (image.height, image.width) if turned else image.size
    gray = DeepGray.of(image, strips(image, size, turn)) if is_deep_gray(image) else None
    if max(size) <= most:
        return _plain(image if turn is None else image.transpose(turn), gray)
    width, height = fit(size, most)
    narrow, top = None, 0
    for strip in strips(image, size, turn):
        plain = _plain(strip, gray)
        premultiplied = plain.convert(_PREMULTIPLIED.get(plain.mode, plain.mode))
        if narrow is None:
            narrow = Image.new(premultiplied.mode, (width, size[1]), None)
            narrow.info = plain.info
        narrow.paste(premultiplied.resize((width, strip.height), Image.Resampling.LANCZOS), (0, top))
        top += strip.height
    assert narrow is not None
    small = narrow.resize((width, height), Image.Resampling.LANCZOS)
    return small.convert(plain.mode)


def strips(image: Image.Image, size: Size, turn: Image.Transpose | None) -> Iterator[Image.Image]:
    """The rows of the upright image, some at a time, from top to bottom.  size: of the upright image."""
    width, height = size
    rows = max(1, STRIP // width)
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        if turn in _FROM_COLUMNS:
            box = (top, 0, bottom, width)
        elif turn in _FROM_COLUMNS_BACKWARDS:
            box = (height - bottom, 0, height - top, width)
        elif turn in _BACKWARDS:
            box = (0, height - bottom, width, height - top)
        else:
            box = (0, top, width, bottom)
        strip = image.crop(box)
        yield strip if turn is None else strip.transpose(turn)


def _plain(image: Image.Image, gray: DeepGray | None) -> Image.Image:
    if gray is not None:
        return gray.plain(image)
    mode = image.mode
    if image.has_transparency_data:
        return image.convert("LA" if mode in ("L", "LA", "La") else "RGBA")
    return image if mode in ("L", "RGB", "CMYK", "LAB") else image.convert("RGB")
