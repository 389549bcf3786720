"""The intuition tab in Debian's Chromium, against the real app: clicks, numbers, shuffles, filmstrips."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nst.learn.feature_maps import FeatureMaps, feature_maps
from nst.learn.intuition import Array, compare_vectors, gram
from nst.locations import EXAMPLES
from nst.painting.backbone import Backbone
from nst.pictures.writing import save_image
from nst.ui.page import OPENING
from tests.conftest import smooth_picture
from tests.ui.conftest import Server
from tests.ui.visitor import IN_A_BROWSER, Visitor
from tests.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = IN_A_BROWSER

playwright = pytest.importorskip("playwright.sync_api")

CONTENT = EXAMPLES / "content" / f"{OPENING.stem.split('-')[0]}.jpg"
STYLE = EXAMPLES / "style" / f"{OPENING.stem.split('-')[1]}.jpg"


@pytest.fixture
def visitor(browser: Browser, server: Server) -> Iterator[Visitor]:
    visitor = Visitor(browser, server.url, viewport={"width": 1440, "height": 1000})
    yield visitor
    assert visitor.complaints == []
    visitor.context.close()
    server.until_free()


@pytest.fixture(scope="module")
def same(random_model: Path) -> Backbone:
    """The network as the app has it."""
    return Backbone.open(random_model, "cpu", "auto")


@pytest.fixture(scope="module")
def features(same: Backbone) -> FeatureMaps:
    return feature_maps(str(CONTENT), backbone=same)


def open_tab(visitor: Visitor) -> None:
    visitor.page.get_by_role("tab", name="Intuition").click()
    visitor.page.locator("#dot .compared").wait_for()


def shown(visitor: Visitor) -> dict[str, str]:
    facts = visitor.page.locator("#dot .compared dl > div")
    return {one.locator("dt").inner_text(): one.locator("dd").inner_text() for one in facts.all()}


def expected(a: Array, b: Array) -> dict[str, str]:
    comparison = compare_vectors(a, b)
    cosine, degrees = f"{comparison.cosine:.4f}", f"{comparison.degrees:.1f}°"
    return {"a · b": f"{comparison.dot:.4g}", "cos θ": cosine, "θ": degrees}


def await_numbers(visitor: Visitor, facts: dict[str, str]) -> None:
    """Wait until these are on the page."""
    until(lambda: facts.items() <= shown(visitor).items(), lambda: (facts, shown(visitor)))


def test_two_clicks_give_the_numbers_of_the_python_api(visitor: Visitor, features: FeatureMaps) -> None:
    open_tab(visitor)
    panel = visitor.page.locator("#dot")
    image = panel.locator(".clickable img")
    box = image.bounding_box()
    assert box is not None
    for name, x, y in (("A", 0.3, 0.4), ("B", 0.8, 0.7)):
        before = panel.get_by_label(f"{name} x").input_value()
        image.click(position={"x": box["width"] * x, "y": box["height"] * y})
        playwright.expect(panel.get_by_label(f"{name} x")).not_to_have_value(before)
    a, b = ([int(panel.get_by_label(f"{name} {axis}").input_value()) for axis in "xy"] for name in "AB")
    assert abs(a[0] - 0.3 * features.rgb.shape[1]) < 3 * features.rgb.shape[1] / 100
    assert abs(b[1] - 0.7 * features.rgb.shape[0]) < 3 * features.rgb.shape[0] / 100
    await_numbers(visitor, expected(features.at("conv10", *a), features.at("conv10", *b)))
    panel.get_by_label("conv13", exact=True).check()
    await_numbers(visitor, expected(features.at("conv13", *a), features.at("conv13", *b)))
    panel.get_by_label("B x").fill("5")  # by keyboard
    panel.get_by_label("B x").press("Enter")
    await_numbers(visitor, expected(features.at("conv13", *a), features.at("conv13", 5, b[1])))


def test_two_channels(visitor: Visitor, features: FeatureMaps) -> None:
    open_tab(visitor)
    panel = visitor.page.locator("#dot")
    panel.get_by_label("two channels").check()
    panel.get_by_label("Channel B", exact=True).fill("7")
    panel.get_by_label("Channel B", exact=True).press("Enter")
    await_numbers(visitor, expected(features["conv10"][0], features["conv10"][7]))
    panel.get_by_text(f"{gram(features['conv10'])[0, 7]:.4g}, is an entry of the Gram matrix").wait_for()


def test_a_shuffle_keeps_the_distance_at_nothing_and_says_so(visitor: Visitor) -> None:
    open_tab(visitor)
    visitor.page.get_by_role("tab", name="2 Gram").click()
    visitor.page.locator("#gram .pair").first.wait_for()
    visitor.page.get_by_role("button", name="Shuffle the places").click()
    verdict = visitor.page.locator("#gram .verdict")
    playwright.expect(verdict).to_contain_text("Distance of the Gram matrices: 0.000000")
    content = re.search(r"feature maps: ([\d.]+)", verdict.inner_text())
    assert content is not None
    assert float(content[1]) > 0.01


def test_pointing_at_the_heat_map_names_the_channels_and_the_value(visitor: Visitor, same: Backbone) -> None:
    open_tab(visitor)
    visitor.page.get_by_role("tab", name="2 Gram").click()
    matrix = visitor.page.get_by_role("application", name=re.compile("Gram matrix of the style"))
    matrix.hover(position={"x": 60, "y": 90})
    products = gram(feature_maps(str(STYLE), backbone=same)["conv4"])
    said = visitor.page.locator("#gram figure", has=matrix).locator("output")

    said_of = re.compile(r"channels (\d+) and (\d+): (\S+)")

    def right() -> None:
        named = said_of.fullmatch(said.inner_text())
        assert named is not None
        i, j, value = int(named[1]), int(named[2]), float(named[3])
        assert value == pytest.approx(products[i, j], rel=1e-3)

    playwright.expect(said).to_have_text(said_of)
    right()
    before = said.inner_text()
    matrix.focus()
    visitor.page.keyboard.press("ArrowRight")
    playwright.expect(said).not_to_have_text(before)
    right()


def test_filmstrips_are_there_and_can_be_computed_for_an_upload(visitor: Visitor, server: Server) -> None:
    open_tab(visitor)
    visitor.page.get_by_role("tab", name="3 Layers").click()
    strips = visitor.page.locator("#layers .filmstrip")
    playwright.expect(strips).to_have_count(2)
    assert strips.first.locator("figure").count() == 5
    assert re.search(r"MSE 0\.\d+\s+PSNR [\d.]+ dB\s+SSIM 0\.\d+", strips.first.inner_text())
    visitor.page.locator("#intuition .picks").get_by_role("button", name=re.compile("^Astronaut Eileen")).click()
    playwright.expect(strips).to_have_count(0)
    visitor.page.get_by_role("button", name="Compute the content's strip").click()
    playwright.expect(visitor.page.locator("#layers .status")).to_contain_text(re.compile(r"step \d+ of 60"))
    playwright.expect(strips.locator("figure")).not_to_have_count(0)
    visitor.page.locator("#layers").get_by_role("button", name="Stop").first.click()
    server.until_free()


def test_an_upload_that_is_no_picture_is_said_once(visitor: Visitor, tmp_path: Path) -> None:
    open_tab(visitor)
    (tmp_path / "broken.png").write_bytes(b"no picture")
    block = visitor.page.locator("#intuition .block", has=visitor.page.get_by_text("Style", exact=True)).first
    block.get_by_role("button", name=re.compile("clear|remove", re.I)).first.click()
    block.locator("input[type=file]").first.set_input_files(tmp_path / "broken.png")
    toasts = visitor.page.get_by_test_id("toast-text")
    assert "broken.png is not an image" in toasts.first.inner_text()
    visitor.settle()
    assert toasts.count() <= 1  # after a while it goes
    visitor.complaints[:] = [words for words in visitor.complaints if "broken.png" not in words]


def test_an_upload_is_looked_into(visitor: Visitor, tmp_path: Path) -> None:
    """Here a TIFF, which becomes a PNG before the panels get it."""
    open_tab(visitor)
    visitor.page.get_by_role("tab", name="2 Gram").click()
    visitor.page.locator("#gram .matrix").nth(2).wait_for()
    before = visitor.page.locator("#gram .matrix").nth(1).get_attribute("data-values")
    path = save_image(smooth_picture(96, 80, seed=3), tmp_path / "a.tiff")
    block = visitor.page.locator("#intuition .block", has=visitor.page.get_by_text("Style", exact=True)).first
    block.get_by_role("button", name=re.compile("clear|remove", re.I)).first.click()
    block.locator("input[type=file]").first.set_input_files(path)
    playwright.expect(block.locator("img").first).to_have_attribute("src", re.compile(r"a\.png"))
    matrix = visitor.page.locator("#gram .matrix").nth(1)
    playwright.expect(matrix).not_to_have_attribute("data-values", str(before))


def test_the_loss_is_shown_by_its_layers_after_a_run(visitor: Visitor) -> None:
    visitor.quick("32")
    visitor.button("Paint").click()
    visitor.page.get_by_text(re.compile(r"^Done in [\d.]+ s\.$")).wait_for()
    visitor.button("What each layer adds to the loss").click()
    playwright.expect(visitor.panel().locator(".shares svg")).to_have_count(2)
    visitor.page.get_by_role("tab", name="Intuition").click()
    visitor.page.get_by_role("tab", name="4 Loss").click()
    playwright.expect(visitor.page.locator("#sum .shares")).to_contain_text("conv13")
    visitor.page.get_by_role("button", name="Use the pictures from the Stylize tab").click()
    visitor.page.get_by_role("tab", name="2 Gram").click()
    visitor.page.locator("#gram .matrix").nth(2).wait_for()


def test_of_a_painting_that_runs_neither_losses_nor_result_are_those_of_the_one_before(visitor: Visitor) -> None:
    visitor.quick("32")
    visitor.button("Paint").click()
    visitor.page.get_by_text(re.compile(r"^Done in [\d.]+ s\.$")).wait_for(timeout=120_000)
    visitor.page.get_by_role("tab", name="Intuition").click()
    visitor.page.get_by_role("tab", name="4 Loss").click()
    losses = visitor.page.locator("#sum")
    playwright.expect(losses).to_contain_text("conv13")
    visitor.page.get_by_role("tab", name="Stylize").click()
    visitor.quick("256")
    visitor.button("All settings").click()
    visitor.type_in(visitor.panel().get_by_label("First steps"), "500")  # so that it runs until Reset
    visitor.button("Paint").click()
    playwright.expect(visitor.panel().locator(".status")).to_contain_text(re.compile(r"step \d+ of"))
    visitor.page.get_by_role("tab", name="Intuition").click()
    playwright.expect(losses).to_contain_text("Paint a picture in the Stylize tab first")
    images = visitor.page.locator("#intuition .image-frame img")
    playwright.expect(images).to_have_count(4)  # the content once more, to be clicked on
    visitor.page.get_by_role("button", name="Use the pictures from the Stylize tab").click()
    playwright.expect(images).to_have_count(3)
    visitor.page.get_by_role("tab", name="Stylize").click()
    visitor.button("Reset").click()


def test_looking_does_not_wait_for_another_visitors_job(browser: Browser, visitor: Visitor) -> None:
    other = Visitor(browser, visitor.page.url)
    other.button("Paint").click()
    other.page.get_by_text(re.compile(r"step \d+ of")).wait_for()
    open_tab(visitor)
    assert "step" in other.status()  # which has minutes before it
    other.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_tab_is_accessible_and_fits(browser: Browser, server: Server, scheme: str, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    visitor = Visitor(browser, server.url, viewport={"width": width, "height": 900}, color_scheme=scheme)
    open_tab(visitor)
    for panel, ready in (
        ("1 Dot product", "#dot .compared"),
        ("2 Gram", "#gram .pair"),
        ("3 Layers", "#layers .filmstrip"),
    ):
        visitor.page.get_by_role("tab", name=panel).click()
        visitor.page.locator(ready).first.wait_for()
        visitor.settle()
        report = Axe().run(visitor.page, options={"runOnly": ["wcag2a", "wcag2aa"]})
        assert report.violations_count == 0, f"{panel}: {report.generate_report()}"
        assert visitor.page.evaluate("document.documentElement.scrollWidth") <= width
    visitor.context.close()
    assert visitor.complaints == []
    server.until_free()
