"""The page's icon, drawn: a swirl of brush strokes, golden at its heart, on the indigo of a night."""

from __future__ import annotations

import io
import math
from functools import cache

from PIL import Image, ImageDraw

GROUND, HEART = (49, 46, 129), (253, 224, 71)
STROKES = ((199, 210, 254), (129, 140, 248), (250, 204, 21))
"""Colors of the arms, one after the other: pale, blue, golden."""

SIZES = (64, 192, 512)
"""Pixels of a side: for the browser's tab, and those that a web app manifest wants."""

_FINE = 2
"""It is drawn so many times larger, and made smaller for smooth edges."""


@cache
def icon_png(size: int) -> bytes:
    """The icon as a PNG of size x size pixels."""
    side = _FINE * max(SIZES)
    image = Image.new("RGB", (side, side), GROUND)
    draw = ImageDraw.Draw(image)
    for arm in range(6):
        for step in range(400):
            along = step / 399
            angle = arm * math.tau / 6 + 3.6 * along
            radius = side * (0.09 + 0.30 * along)
            width = side * 0.035 * (0.4 + math.sin(math.pi * along))
            x, y = side / 2 + radius * math.cos(angle), side / 2 + radius * math.sin(angle)
            draw.ellipse((x - width, y - width, x + width, y + width), fill=STROKES[arm % 3])
    heart = 0.085 * side
    draw.ellipse((side / 2 - heart, side / 2 - heart, side / 2 + heart, side / 2 + heart), fill=HEART)
    png = io.BytesIO()
    image.resize((size, size), Image.Resampling.LANCZOS).save(png, "PNG", optimize=True)
    return png.getvalue()
