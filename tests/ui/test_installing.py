"""What a browser asks for to install the page."""

from __future__ import annotations

import io
import json
import urllib.error
import urllib.request

import pytest
from PIL import Image

from nst.ui.icon import SIZES, icon_png
from nst.ui.installing import manifest
from tests.ui.conftest import Server
from tests.waiting import SLOW


@pytest.mark.parametrize("size", SIZES)
def test_the_icon_has_its_size_and_several_colors(size: int) -> None:
    with Image.open(io.BytesIO(icon_png(size))) as icon:
        assert (icon.format, icon.size) == ("PNG", (size, size))
        assert len(icon.getcolors(size * size) or []) > 3


def test_the_manifest_and_its_icons_are_served_and_no_other_size_is_drawn(server: Server) -> None:
    with urllib.request.urlopen(f"{server.url}/manifest.json", timeout=SLOW) as answer:
        assert answer.headers["Content-Type"] == "application/manifest+json"
        told = json.load(answer)
    assert told == manifest()
    for icon in told["icons"]:
        with urllib.request.urlopen(f"{server.url}/{icon['src']}", timeout=SLOW) as answer:
            assert answer.headers["Content-Type"] == "image/png"
            with Image.open(io.BytesIO(answer.read())) as picture:
                assert f"{picture.width}x{picture.height}" == icon["sizes"]
    with urllib.request.urlopen(f"{server.url}/favicon.ico", timeout=SLOW) as answer:
        assert answer.read() == icon_png(SIZES[0])
    for size in ("100000", "0", "x"):
        with pytest.raises(urllib.error.HTTPError) as refusal:
            urllib.request.urlopen(f"{server.url}/pwa_icon/{size}", timeout=SLOW)
        assert refusal.value.code in (400, 404)
        refusal.value.close()
