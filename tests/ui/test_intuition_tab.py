"""The intuition tab's pictures and numbers, without a browser."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from nst.serving.engine import Engine

from nst.errors import ImageError
from nst.learn.feature_maps import FeatureMaps, feature_maps
from nst.learn.filmstrips import TAPS as ARTICLE
from nst.learn.intuition import compare, gram
from nst.locations import EXAMPLES
from nst.painting.backbone import Backbone
from nst.painting.objective import Losses
from nst.pictures.reading import load_image
from nst.pictures.writing import save_image
from nst.taps import TAPS
from nst.ui.dot_panel import channels_html, places_html
from nst.ui.feature_cache import Looks
from nst.ui.filmstrips_panel import _facts, frames
from nst.ui.gram_panel import MATRIX, matrices_html, pairs_html, patch_side, shuffled_html
from nst.ui.heat_map import heat, img
from nst.ui.loss_shares import shares_html
from tests.conftest import smooth_picture


@pytest.fixture(scope="module")
def features(backbone: Backbone) -> FeatureMaps:
    return feature_maps(smooth_picture(96, 64, seed=5), backbone=backbone)


@pytest.fixture
def engine(backbone: Backbone) -> Iterator[Engine]:
    engine = Engine(backbone).start()
    yield engine
    engine.close()


def numbers(html: str) -> dict[str, str]:
    return dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", html))


def test_the_color_map_goes_from_violet_to_yellow() -> None:
    colors = heat(np.array([[-9.0, 0.0, 0.5, 1.0, 9.0]]), 0, 1)
    assert colors[0, 0].tolist() == colors[0, 1].tolist() == [0x44, 0x01, 0x54]
    assert colors[0, 2].tolist() == [0x21, 0x91, 0x8C]
    assert colors[0, 3].tolist() == colors[0, 4].tolist() == [0xFD, 0xE7, 0x25]
    assert heat(np.zeros((2, 2)), 0, 0).shape == (2, 2, 3)


def test_a_picture_holds_its_own_data() -> None:
    html = img(np.zeros((4, 4, 3), np.uint8), "black", "PNG")
    assert 'alt="black"' in html
    assert base64.b64decode(re.search('base64,([^"]+)', html)[1])[1:4] == b"PNG"  # type: ignore[index]


@pytest.mark.parametrize("tap", ["conv1", "conv7", "conv13"])
def test_two_places_have_the_numbers_of_the_functions(features: FeatureMaps, tap: str) -> None:
    found = compare(features.at(tap, 20, 30), features.at(tap, 70, 10))
    shown = numbers(places_html(features, tap, (20, 30), (70, 10)))
    assert shown == {
        "|a|": f"{found.norm_a:.4g}", "|b|": f"{found.norm_b:.4g}", "a · b": f"{found.dot:.4g}",
        "cos θ": f"{found.cosine:.4f}", "θ": f"{found.degrees:.1f}°",
    }  # fmt: skip


def test_two_channels_give_an_entry_of_the_gram_matrix(features: FeatureMaps) -> None:
    html = channels_html(features, "conv4", 3, 5)
    assert f"{gram(features['conv4'])[3, 5]:.4g}, is an entry of the Gram matrix" in html
    assert "Channel 127 (B)" in channels_html(features, "conv4", 3, 999)


def test_vectors_of_zeros_are_said_to_have_no_direction(features: FeatureMaps) -> None:
    dark = FeatureMaps(features.rgb, {"conv2": np.zeros_like(features["conv2"])})
    for html in (places_html(dark, "conv2", (1, 1), (2, 2)), channels_html(dark, "conv2", 0, 1)):
        assert "has no direction" in html
        assert numbers(html)["θ"] == "none"


def test_a_heat_map_names_channels_and_exact_values(features: FeatureMaps) -> None:
    maps = features["conv8"]
    twice = FeatureMaps(features.rgb, {"conv8": 2 * maps})
    html = matrices_html({"content": features, "style": twice}, "style", "conv8")
    (size, channels, values), _ = re.findall(r'data-size="(\d+)" data-channels="([\d ]+)" data-values="(.*?)"', html)
    order = [int(channel) for channel in channels.split()]
    assert len(order) == int(size) == MATRIX
    products = gram(maps)
    assert order[0] == np.argmax(np.diag(products))
    embedded = np.frombuffer(base64.b64decode(values), "<f4").reshape(MATRIX, MATRIX)
    np.testing.assert_allclose(embedded, products[np.ix_(order, order)], rtol=1e-6)
    assert re.search(r"Content: distance 0.56[23] to the style", html)  # (1 - 4)^2 / 4^2, which is 0.5625


def test_nothing_chosen_is_said() -> None:
    assert "Choose a picture" in matrices_html({}, "style", "conv2")


@pytest.mark.parametrize("tap", TAPS)
def test_a_shuffle_says_that_the_gram_matrix_is_the_same(features: FeatureMaps, tap: str) -> None:
    html = shuffled_html(features, tap, "style")
    assert "Distance of the Gram matrices: 0.000000</b>" in html
    content = float(re.search(r"Distance of the feature maps: ([\d.]+)", html)[1])  # type: ignore[index]
    assert content > 0.01
    assert html.count("<img") == 4


def test_the_strongest_pairs_are_shown_with_patches(features: FeatureMaps) -> None:
    html = pairs_html(features, "conv4")
    assert html.count('class="pair"') == 4
    assert "A patch that excites channels" in html


def test_a_patch_is_what_one_position_sees() -> None:
    assert [patch_side(tap, 9999) for tap in ("conv2", "conv4", "conv7", "conv10", "conv13")] == [9, 14, 40, 92, 196]
    assert patch_side("conv13", 90) == 30


def test_a_picture_is_looked_at_once_and_the_oldest_is_forgotten(engine: Engine, tmp_path: Path) -> None:
    paths = [str(save_image(smooth_picture(64, 64, seed=i), tmp_path / f"{i}.png")) for i in range(3)]

    async def visit() -> None:
        looks = Looks(engine, limit=1)
        assert not looks.has(paths[0])
        first, same = await asyncio.gather(looks.at(paths[0], "content"), looks.at(paths[0], "content"))
        assert first is same
        assert looks.has(paths[0])
        await looks.at(paths[1], "content")
        assert not looks.has(paths[0])
        assert looks.used_bytes == first.nbytes

    asyncio.run(visit())


def test_what_can_not_be_looked_at_is_said_and_tried_again(engine: Engine, tmp_path: Path) -> None:
    looks = Looks(engine)
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"nothing")
    with pytest.raises(ImageError, match="There is no style to look at: choose one above"):
        asyncio.run(looks.at(None, "style"))
    with pytest.raises(ImageError, match=r"gone.png is no longer here"):
        asyncio.run(looks.at(str(tmp_path / "gone.png"), "style"))
    for _ in range(2):
        with pytest.raises(ImageError, match=r"broken.png is not an image"):
            asyncio.run(looks.at(str(broken), "style"))


def test_a_vanished_visitor_does_not_spoil_a_look_for_others(engine: Engine, tmp_path: Path) -> None:
    path = str(save_image(smooth_picture(64, 64, seed=1), tmp_path / "a.png"))

    async def visit() -> None:
        looks = Looks(engine)
        one = asyncio.create_task(looks.at(path, "content"))
        other = asyncio.create_task(looks.at(path, "content"))
        await asyncio.sleep(0)
        one.cancel()
        assert (await other).rgb.shape == (64, 64, 3)

    asyncio.run(visit())


def test_the_strips_in_the_repository_are_whole_and_small() -> None:
    facts = _facts()
    assert len(facts) == 6
    for name, fact in facts.items():
        assert load_image(EXAMPLES / fact["kind"] / f"{name}.jpg").digest == fact["digest"]
        strip = list(frames(name))
        assert len(strip) == len(ARTICLE)
        assert len({frame.rgb.shape for frame in strip}) == 1
        if fact["kind"] == "content":  # the deeper the layer, the less of the pixels it keeps
            assert strip[0].metrics.psnr > 25
            assert strip[-1].metrics.psnr < 15
    assert sum(path.stat().st_size for path in (EXAMPLES / "layers").iterdir()) < 1_500_000


def test_shares_fill_the_plot() -> None:
    losses = [
        (1, Losses(4, 10, 0, 14, {"conv2": 1.0, "conv4": 3.0}, {"conv2": 10.0})),
        (21, Losses(2, 5, 0, 7, {"conv2": 1.5, "conv4": 0.5}, {"conv2": 5.0})),
    ]
    html = shares_html(losses)
    assert "conv2 75 %" in html
    assert "conv4 25 %" in html
    first = re.search(r'<polygon points="([^"]+)"', html)[1].split()  # type: ignore[index]
    assert first == ["0.0,120.0", "600.0,120.0", "600.0,30.0", "0.0,90.0"]  # from 25 % to 75 % of 120
    assert html.count("<svg") == 2
    assert shares_html(losses[:1]) == ""
