"""Pictures inside the HTML itself."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
from PIL import Image

from nst.ui.inline_image import blended, enlarged, figure_html, image_html


def test_a_picture_holds_its_own_data_exactly() -> None:
    pixels = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    html = image_html(pixels, "a ramp", "PNG")
    assert 'alt="a ramp"' in html
    encoded = re.search('base64,([^"]+)', html)
    assert encoded is not None
    with Image.open(io.BytesIO(base64.b64decode(encoded[1]))) as image:
        assert np.array_equal(np.asarray(image), pixels)


def test_a_figure_is_captioned_by_what_it_shows_unless_more_is_said() -> None:
    pixels = np.zeros((2, 2, 3), np.uint8)
    assert "<figcaption>black</figcaption>" in figure_html(pixels, "black")
    assert "<figcaption>very</figcaption>" in figure_html(pixels, "black", "very")


def test_an_enlarged_picture_has_square_pixels() -> None:
    pixels = np.asarray(enlarged(np.array([[[0] * 3, [200] * 3]], np.uint8), (4, 2)))
    assert pixels[..., 0].tolist() == [[0, 0, 200, 200]] * 2


def test_an_overlay_lies_on_the_picture_in_gray() -> None:
    red, blue = Image.new("RGB", (1, 1), (255, 0, 0)), Image.new("RGB", (1, 1), (0, 0, 200))
    assert blended(red, blue, 0.5).getpixel((0, 0)) == (38, 38, 138)  # gray of red: 255 x 0.299 = 76
