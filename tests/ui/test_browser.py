"""The page in Debian's Chromium, against the real app: what a visitor does, sees, and is told."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from nst.pictures.reading import load_image
from nst.pictures.writing import save_image
from nst.recipe import Recipe
from tests.conftest import smooth_picture
from tests.ui.conftest import Server
from tests.ui.visitor import IN_A_BROWSER, Visitor
from tests.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

pytestmark = IN_A_BROWSER

playwright = pytest.importorskip("playwright.sync_api")


@pytest.fixture
def visitor(browser: Browser, server: Server) -> Iterator[Visitor]:
    visitor = Visitor(browser, server.url, viewport={"width": 1440, "height": 1000}, accept_downloads=True)
    yield visitor
    assert visitor.complaints == []
    visitor.context.close()
    server.until_free()


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("uploads")
    content = save_image(smooth_picture(300, 200, seed=1), folder / "harbour.png")
    return content, save_image(smooth_picture(200, 200, seed=2), folder / "waves.jpg")


def test_a_whole_visit(visitor: Visitor, pictures: tuple[Path, Path], tmp_path: Path) -> None:
    page = visitor.page
    recipe = Recipe.preset("fast", size=128)
    visitor.choose_file("Content", pictures[0])
    visitor.choose_file("Style", pictures[1])
    visitor.quick()

    set_steps(visitor, 10_000, tolerance=0)
    visitor.button("Paint").click()  # one run is stopped midway, however long that takes, and keeps its image
    growing = visitor.panel().get_by_role("button", name="The picture as it grows").locator("img")
    growing.wait_for()
    for _ in range(2):
        playwright.expect(growing).not_to_have_attribute("src", str(growing.get_attribute("src")))
    first = r"Scale 1 of 2 \(64x42\), step \d+ of 10000, [\d.]+ steps/s, [\d:]+ left"
    assert re.search(first, visitor.status())
    assert visitor.panel().locator(".losses polyline").count() == 2
    visitor.button("Stop").click()
    steps = 10_000 + recipe.last_steps
    page.get_by_text(re.compile(rf"Stopped at step \d+ of {steps} in")).wait_for()
    stopped = download(visitor, tmp_path / "stopped.png")
    made = load_image(stopped).provenance
    assert made is not None
    assert 0 < made["iterations"][0] < 10_000

    set_steps(visitor, recipe.first_steps, recipe.tolerance)
    visitor.button("Paint").click()  # another runs to its end
    page.get_by_text(re.compile(r"^Done in [\d.]+ s\.$")).wait_for()
    path = download(visitor, tmp_path / "done.png")
    picture = load_image(path)
    assert (picture.width, picture.height) == (128, 85)
    assert picture.provenance is not None
    assert Recipe.from_json(picture.provenance["recipe"]) == recipe
    assert [facts["name"] for facts in picture.provenance["inputs"].values()] == ["harbour.png", "waves.jpg"]

    move_the_slider(visitor)
    visitor.button("Time-lapse").click()
    time_lapse = visitor.panel().get_by_role("button", name="Time-lapse of the painting").locator("img")
    time_lapse.wait_for()
    frames = page.request.get(str(time_lapse.get_attribute("src"))).body()
    assert frames[:4] == b"RIFF"
    assert b"ANIM" in frames

    visitor.button("Recipe and Python call").click()
    call = visitor.panel().locator(".cm-content").nth(1).inner_text()
    assert 'preset="fast"' in call
    assert "size=128" in call
    assert "harbour.png" in call


def set_steps(visitor: Visitor, first: int, tolerance: float) -> None:
    """At the coarsest scale; with a tolerance of 0 they are all made."""
    visitor.button("All settings").click()
    visitor.type_in(visitor.panel().get_by_label("First steps"), str(first))
    visitor.type_in(visitor.panel().get_by_label("Tolerance"), str(tolerance))
    visitor.button("All settings").click()


def download(visitor: Visitor, path: Path) -> Path:
    with visitor.page.expect_download() as started:
        visitor.button("Download PNG").click()
    assert started.value.suggested_filename == "harbour-waves.png"
    started.value.save_as(path)
    return path


def move_the_slider(visitor: Visitor) -> None:
    """The picture left of the handle is the content, so moving it changes what is seen there."""
    block = visitor.panel().locator(".picture", has_text="Before and after")
    handle = block.locator("[role=slider], .handle, .inner").first
    before = block.screenshot()
    box = handle.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    visitor.page.mouse.move(x, y)
    visitor.page.mouse.down()
    visitor.page.mouse.move(x - 120, y, steps=5)
    visitor.page.mouse.up()
    until(lambda: block.screenshot() != before)


def paint_a_mask(visitor: Visitor, named: str, label: str, mask_label: str) -> None:
    """A stroke across the middle.  named: on what; label: of the editor; mask_label: of the input that it goes to."""
    page, panel = visitor.page, visitor.panel()
    visitor.button(f"Paint a mask on {named}").click()
    canvas = panel.locator("canvas").first
    canvas.wait_for()
    canvas.scroll_into_view_if_needed()
    until(lambda: shows_a_picture(canvas))
    visitor.settle()
    before = canvas.screenshot()
    box = canvas.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 60, y)
    page.mouse.down()
    page.mouse.move(x + 60, y, steps=10)
    page.mouse.up()
    until(lambda: canvas.screenshot() != before)
    visitor.button(f"Use as {mask_label.lower()}").click()
    mask = page.locator(".block", has=page.get_by_text(mask_label, exact=True)).first.locator("img").first
    mask.wait_for()
    playwright.expect(panel.get_by_text(label)).to_be_hidden()


def shows_a_picture(canvas: Locator) -> bool:
    """Rather than the one colour that an editor has before it has fitted a picture into its canvas."""
    with Image.open(io.BytesIO(canvas.screenshot())) as shot:
        return len(shot.getcolors(shot.width * shot.height) or []) > 1000


def test_masks_are_painted_on_the_content_and_on_the_style(
    visitor: Visitor, pictures: tuple[Path, Path], tmp_path: Path
) -> None:
    visitor.choose_file("Content", pictures[0])
    visitor.choose_file("Style", pictures[1])
    visitor.quick()
    visitor.button("More styles, masks, importance, init image").click()
    paint_a_mask(visitor, "the content", "Paint where the style goes", "Mask")
    paint_a_mask(visitor, "the style", "Paint the part of the style that is to be used", "Style mask")
    visitor.button("Paint").click()
    visitor.page.get_by_text(re.compile(r"^Done in [\d.]+ s\.$")).wait_for()
    made = load_image(download(visitor, tmp_path / "masked.png"))
    assert made.provenance is not None
    assert set(made.provenance["inputs"]) == {"content", "style", "mask", "style_mask"}
    kept = load_image(pictures[0]).resized((made.width, made.height)).rgb
    changed = (made.rgb - kept).abs().amax((0, 1))
    assert changed[:10].max() < 0.01  # the stroke is in the middle
    assert changed[made.height // 2, made.width // 2] > 0.01


def test_a_recipe_is_loaded_from_a_picture(visitor: Visitor, server: Server, tmp_path: Path) -> None:
    recipe = Recipe.preset("article", size=96, strength=40, seed=77, tv_weight=0.25, style_taps=("conv1", "conv5"))
    picture = smooth_picture(48, 48, seed=4)
    made = {"task": "stylize", "recipe": recipe.to_json(), "inputs": {}}
    path = save_image(type(picture)(picture.rgb, provenance=made), tmp_path / "made.png")
    visitor.load_recipe(path)
    visitor.button("All settings").click()
    panel = visitor.panel()
    playwright.expect(panel.get_by_label("Seed")).to_have_value("77")
    assert panel.get_by_label("Size", exact=True).input_value() == "96"
    assert panel.get_by_label("TV weight").input_value() == "0.25"
    assert panel.get_by_label("lbfgs").is_checked()
    taps = panel.locator("fieldset, .block").filter(has_text="Style taps").last
    assert [box.is_checked() for box in taps.get_by_role("checkbox").all()] == [
        tap in recipe.style_taps for tap in (f"conv{i}" for i in range(1, 14))
    ]


def test_friendly_words_for_what_is_no_picture_and_no_recipe(visitor: Visitor, tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and then nothing")
    Image.fromarray(np.zeros((40, 40, 3), np.uint8)).save(tmp_path / "plain.png")
    block = visitor.page.locator(".block", has=visitor.page.get_by_text("Content", exact=True)).first
    block.get_by_role("button", name=re.compile("clear|remove", re.I)).first.click()
    block.locator("input[type=file]").first.set_input_files(tmp_path / "broken.png")
    visitor.page.get_by_text("broken.png is not an image that can be read here, or damaged").wait_for()
    visitor.load_recipe(tmp_path / "plain.png")
    visitor.page.get_by_text("plain.png holds no recipe").wait_for()
    visitor.complaints[:] = [words for words in visitor.complaints if "broken.png" not in words]


def test_a_finished_example_fills_everything_in_and_reset_brings_the_start_back(visitor: Visitor) -> None:
    panel = visitor.panel()
    strength = panel.get_by_label(re.compile("number input for Strength"))
    strength.fill("40")
    panel.locator(".finished").get_by_role("button", name=re.compile("^Chelsea the cat")).click()
    playwright.expect(strength).to_have_value("75")
    playwright.expect(panel.locator(".status")).to_contain_text("Chelsea the cat")
    images = panel.locator(".image-frame img")
    assert "chelsea" in str(images.nth(0).get_attribute("src"))
    assert "bouquet" in str(images.nth(1).get_attribute("src"))
    strength.fill("40")
    visitor.button("Reset").click()
    playwright.expect(strength).to_have_value("75")
    playwright.expect(panel.locator(".status")).to_contain_text("Colosseum")


def test_what_is_chosen_during_a_run_stays_chosen(visitor: Visitor, server: Server) -> None:
    status = visitor.panel().locator(".status")
    visitor.button("Paint").click()
    playwright.expect(status).to_contain_text(re.compile(r"step \d+ of"))
    visitor.panel().locator(".finished").get_by_role("button", name=re.compile("^Chelsea the cat")).click()
    playwright.expect(visitor.button("Paint")).to_be_enabled()  # nothing more comes of the run
    server.until_free()
    playwright.expect(status).to_contain_text("Chelsea the cat")
    visitor.button("Paint").click()
    playwright.expect(status).to_contain_text(re.compile(r"step \d+ of"))
    visitor.button("Reset").click()
    playwright.expect(visitor.button("Paint")).to_be_enabled()
    server.until_free()
    playwright.expect(status).to_contain_text("Colosseum")


def test_a_wrong_setting_is_named_and_one_can_go_on(visitor: Visitor) -> None:
    visitor.quick("5")
    visitor.button("Paint").click()
    visitor.page.get_by_text("size is 5: allowed is a whole number, 16 to 8192 px.").wait_for()
    playwright.expect(visitor.button("Paint")).to_be_enabled()
    playwright.expect(visitor.button("Stop")).to_be_disabled()
    visitor.quick("32")
    visitor.button("Paint").click()
    visitor.page.get_by_text(re.compile(r"^Done in [\d.]+ s\.$")).wait_for()


def test_the_footer_leads_to_the_documentation_of_the_endpoints(visitor: Visitor) -> None:
    visitor.page.get_by_text("Use via API").click()
    for name in ("/stylize", "/reconstruct", "/synthesize", "/presets", "/grid"):
        visitor.page.get_by_text(name, exact=True).first.wait_for()
    visitor.page.get_by_text("long side of the result; 16 to 8192 px").first.wait_for()
    visitor.complaints[:] = [
        words for words in visitor.complaints if "Failed to load" not in words
    ]  # Gradio's MCP, off


def test_a_screen_reader_is_told_when_a_painting_begins_and_ends_and_nothing_else(visitor: Visitor) -> None:
    said = "#stylize [role=status]"
    visitor.page.evaluate(
        """selector => {
            const region = document.querySelector(selector);
            window.said = [];
            new MutationObserver(() => window.said.push(region.textContent.trim())).observe(
                region, {childList: true, characterData: true, subtree: true});
        }""",
        said,
    )
    visitor.quick("64")
    visitor.button("Paint").click()
    playwright.expect(visitor.page.locator(said)).to_have_text("The painting is done.", timeout=60_000)
    heard = list(dict.fromkeys(sentence for sentence in visitor.page.evaluate("window.said") if sentence))
    assert heard[-1] == "The painting is done."
    assert set(heard[:-1]) <= {"The painting waits for its turn.", "The painting has begun."}
    assert len(visitor.page.evaluate("window.said")) < 8


def test_choosing_an_example_image_by_keyboard(visitor: Visitor) -> None:
    pick = visitor.panel().locator(".picks").first.get_by_role("button", name="Oakland Zoo otters")
    pick.focus()
    visitor.page.keyboard.press("Enter")
    playwright.expect(visitor.panel().locator(".image-frame img").first).to_have_attribute("src", re.compile("otters"))


@pytest.mark.parametrize(
    ("task", "title", "verb"),
    [
        ("reconstruct", "Reconstruct the content", "Reconstruct"),
        ("synthesize", "Synthesize the style", "Synthesize"),
    ],
)
def test_a_sub_problem(visitor: Visitor, task: str, title: str, verb: str) -> None:
    visitor.page.get_by_role("tab", name="Content or style").click()
    visitor.page.get_by_role("tab", name=title).click()
    panel = visitor.panel(task)
    panel.get_by_label("fast", exact=True).check()
    panel.get_by_label("conv9").first.check()
    visitor.type_in(panel.get_by_label("Size", exact=True), "48")
    visitor.button(verb, task).click()
    panel.get_by_text(re.compile(r"^Done in [\d.]+ s\.$")).wait_for()
    visitor.button("Recipe and Python call", task).click()
    recipe = panel.locator(".cm-content").first.inner_text()  # of which the editor draws only what is in sight
    assert visitor.button("Tiled two by two", task).is_visible() == (task == "synthesize")
    kind = "content" if verb == "Reconstruct" else "style"
    assert "conv9" in recipe.partition(f'"{kind}_taps": [')[2].partition("]")[0]


def test_two_visitors_see_their_own_and_the_second_its_place(
    browser: Browser, server: Server, visitor: Visitor
) -> None:
    other = Visitor(browser, server.url)
    visitor.button("Paint").click()
    visitor.page.get_by_text(re.compile("step \\d+ of")).wait_for()
    other.button("Paint").click()
    other.page.get_by_text("One job is ahead of yours. Your painting starts by itself.").wait_for()
    assert "step" in visitor.status()
    visitor.context.close()  # who waits gets the device some seconds after the page is closed
    other.page.get_by_text(re.compile("step \\d+ of")).wait_for()
    other.button("Stop").click()
    server.until_free()
    other.context.close()
    server.until_free()
    assert visitor.complaints == other.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_page_is_accessible_and_fits(browser: Browser, server: Server, scheme: str, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    visitor = Visitor(browser, server.url, viewport={"width": width, "height": 900}, color_scheme=scheme)
    visitor.button("All settings").click()
    visitor.button("Load recipe").click()
    visitor.panel().get_by_label("Seed").wait_for()
    visitor.panel().get_by_text("Drop a picture made with Gramarye").wait_for()
    visitor.settle()
    report = Axe().run(visitor.page, options={"runOnly": ["wcag2a", "wcag2aa"]})
    assert report.violations_count == 0, report.generate_report()
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= width
    visitor.context.close()
    assert visitor.complaints == []
