"""The page in Chinese in Debian's Chromium: no word of English is left, whatever a visitor opens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nst.ui.languages import COOKIE
from tests.ui.conftest import Server
from tests.ui.visitor import IN_A_BROWSER, Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = IN_A_BROWSER

playwright = pytest.importorskip("playwright.sync_api")

TITLES = (
    "Neural Networks Intuitions: 2. Dot product, Gram matrix and Neural Style Transfer",
    "Neural Networks Intuitions: 2",
    "A Neural Algorithm of Artistic Style",
)

NAMES = re.compile(
    r"Gramarye|Gatys|Ecker|Bethge|Wang|Gram|Wasserstein|arXiv|English|MSE|PSNR|SSIM|dB|px|MB|GB|PNG|ZIP|Python|API|CPU|cos"
    r"|L-BFGS|lbfgs|adam|bf16|fp32|vgg16(?: \(random\))?|conv\d+|relu\d_\d"
)
"""People and terms that are called so in Chinese as well, and what recipes call their layers and optimizers."""

FILES = re.compile(r"(?:colosseum|starry[_ ]night|cezanne[_ ]sainte[_ ]victoire)(?:\.jpg)?")
"""Examples as their files are called, by which the history and a series name pictures."""

READ = """() => {
    const texts = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const seen = {opacityProperty: true, visibilityProperty: true};
    while (walk.nextNode()) {
        const element = walk.currentNode.parentElement;
        if (!element.closest('script, style, .katex, .cm-editor') && element.checkVisibility(seen))
            texts.push(walk.currentNode.data);
    }
    for (const name of ['aria-label', 'aria-valuetext', 'title', 'placeholder', 'alt'])
        for (const element of document.querySelectorAll(`[${name}]`))
            if (element.checkVisibility(seen)) texts.push(element.getAttribute(name));
    return texts;
}"""
"""All that is seen or heard on the page, but formulas and code."""


def english_on(visitor: Visitor) -> set[str]:
    """Texts in which there are Latin letters that are no name."""
    visitor.settle()
    left = set()
    for text in visitor.page.evaluate(READ):
        rest = text
        for title in TITLES:
            rest = rest.replace(title, "")
        if re.search("[A-Za-z]{2,}", NAMES.sub("", FILES.sub("", rest))):
            left.add(text)
    return left


@pytest.fixture
def chinese(browser: Browser, server: Server) -> Iterator[Visitor]:
    visitor = Visitor(
        browser, server.url, start="作画", locale="zh-CN", viewport={"width": 1440, "height": 1000},
        permissions=["clipboard-read", "clipboard-write"],
    )  # fmt: skip
    yield visitor
    assert visitor.complaints == []
    visitor.context.close()
    server.until_free()


def open_all(visitor: Visitor, task: str) -> None:
    """Whatever is folded in a tab."""
    closed = visitor.panel(task).locator("button.label-wrap:not(.open):visible")
    closed.evaluate_all("buttons => buttons.forEach(button => button.click())")


def test_no_english_is_left_in_a_painting(chinese: Visitor) -> None:
    page, panel = chinese.page, chinese.panel()
    assert english_on(chinese) == set()
    panel.get_by_label("快速", exact=True).check()
    chinese.type_in(panel.get_by_label("尺寸", exact=True), "64")
    open_all(chinese, "stylize")
    panel.get_by_role("button", name="在内容图上画蒙版").click()
    panel.get_by_role("button", name="画笔", exact=True).wait_for()
    assert english_on(chinese) == set()
    panel.get_by_role("button", name="关闭").click()
    chinese.button("作画").click()
    page.get_by_text(re.compile(r"^完成，用时 [\d.]+ 秒。$")).wait_for()
    panel.get_by_role("button", name="延时动画").first.wait_for()
    open_all(chinese, "stylize")
    panel.get_by_role("button", name="复制 Python 调用").click()
    page.get_by_text("Python 调用已复制到剪贴板。").wait_for()
    page.get_by_text("提示", exact=True).wait_for()
    assert english_on(chinese) == set()


def test_no_english_is_left_in_the_other_tabs(chinese: Visitor) -> None:
    page = chinese.page
    page.get_by_role("tab", name="重建与合成").click()
    for name, task in (("重建内容", "reconstruct"), ("合成风格", "synthesize")):
        page.get_by_role("tab", name=name).click()
        open_all(chinese, task)
        assert english_on(chinese) == set()
    page.get_by_role("tab", name="直观理解").click()
    page.locator("#dot .compared").wait_for()
    assert english_on(chinese) == set()
    page.locator("#dot").get_by_label("两个通道").check()
    page.locator("#dot .triple").wait_for()
    assert english_on(chinese) == set()
    page.get_by_role("tab", name="2 Gram 矩阵").click()
    page.locator("#gram .pair").first.wait_for()
    page.get_by_role("button", name="打乱位置").click()
    page.locator("#gram .verdict").wait_for()
    page.locator("#gram .matrix").first.hover()
    page.get_by_text(re.compile(r"^通道 \d+ 与 \d+：[\d.]+$")).wait_for()
    assert english_on(chinese) == set()
    page.get_by_role("tab", name="3 卷积层").click()
    page.locator("#layers .filmstrip").first.wait_for()
    assert english_on(chinese) == set()
    page.get_by_role("tab", name="4 损失").click()
    page.get_by_text("请先在“风格迁移”页画一幅画").wait_for()
    assert english_on(chinese) == set()


def test_no_english_is_left_in_a_series(chinese: Visitor) -> None:
    page, panel = chinese.page, chinese.panel("series")
    page.get_by_role("tab", name="系列").click()
    panel.get_by_label("快速", exact=True).check()
    chinese.type_in(panel.get_by_label("每张的尺寸"), "32")
    panel.get_by_label("每张的尺寸").press("Tab")
    panel.get_by_text(re.compile(r"^4 张图片，最大 32x18 px：约 \d+ (秒|分钟)。$")).wait_for()
    assert english_on(chinese) == set()
    chosen = page.locator("#chosen-styles").locator("button:has(img)")
    for count in (3, 2):
        chosen.last.click()
        playwright.expect(chosen).to_have_count(count)
    panel.get_by_label("变化的设置", exact=True).click()
    page.get_by_role("option", name="起始步数", exact=True).wait_for()
    assert english_on(chinese) == set()
    page.get_by_role("option", name="起始步数", exact=True).click()
    values = panel.get_by_label("取值", exact=True)
    chinese.type_in(values, "1, 10001")
    panel.get_by_text("起始步数是 10001，应为：整数，").first.wait_for()
    assert english_on(chinese) == set()
    chinese.type_in(values, "1, 2")
    panel.get_by_text(re.compile("^4 张图片，最大 32x18 px")).wait_for()
    chinese.button("绘制系列", "series").click()
    panel.get_by_text("4 张图片全部完成。").wait_for()
    cells = panel.locator("button[data-cell]")
    playwright.expect(cells).to_have_count(4)
    assert panel.locator(".series th").all_inner_texts()[:2] == ["起始步数 1", "起始步数 2"]
    assert panel.locator(".series > p").inner_text().startswith("共同之处：colosseum.jpg；预设 快速、尺寸 32")
    assert english_on(chinese) == set()
    cells.first.click()
    chinese.panel().get_by_text("、起始步数 1，这是系列中的小图。按“作画”可在").wait_for()
    assert english_on(chinese) == set()


def test_no_english_is_left_in_the_history(chinese: Visitor) -> None:
    page, panel, history = chinese.page, chinese.panel(), chinese.page.locator("#history")
    tiles, pair = history.locator("li"), history.get_by_role("region", name="比较")
    panel.get_by_label("快速", exact=True).check()
    open_all(chinese, "stylize")
    for count, size, choice in ((1, "32", "亮度"), (2, "40", "匹配")):
        chinese.type_in(panel.get_by_label("尺寸", exact=True), size)
        panel.get_by_label(choice, exact=True).check()
        chinese.button("作画").click()
        playwright.expect(tiles).to_have_count(count)
    playwright.expect(tiles.first).to_contain_text("快速，40 px，风格强度 ")
    tiles.first.get_by_role("button", name="比较").click()
    playwright.expect(pair.get_by_role("combobox", name="B").locator("option:checked")).to_contain_text("A 的内容图")
    assert english_on(chinese) == set()
    tiles.last.get_by_role("button", name="比较").click()
    playwright.expect(pair.get_by_role("table", name="不同之处")).to_be_visible()
    rows = [row.inner_text().split("\t") for row in pair.get_by_role("table", name="不同之处").get_by_role("row").all()]
    assert ["色彩", "匹配", "亮度"] in rows
    assert english_on(chinese) == set()
    tiles.last.get_by_role("button", name="恢复").click()
    history.get_by_text("已连同配方和输入图片恢复：按“作画”可重新绘制。").wait_for()
    panel.get_by_text("这是以前的作品。按“作画”可重新绘制。").wait_for()
    assert english_on(chinese) == set()
    history.get_by_role("button", name="全部删除").click()
    page.get_by_text("要从这个浏览器删除全部 2 张图片吗，包括收藏？").wait_for()
    assert english_on(chinese) == set()
    page.get_by_role("dialog").get_by_role("button", name="全部删除").click()
    history.get_by_text("已全部删除。").wait_for()
    assert english_on(chinese) == set()


def test_the_tabs_title_is_chinese(chinese: Visitor) -> None:
    panel = chinese.panel()
    panel.get_by_label("快速", exact=True).check()
    chinese.type_in(panel.get_by_label("尺寸", exact=True), "32")
    chinese.page.evaluate("document.hasFocus = () => false")
    chinese.button("作画").click()
    playwright.expect(chinese.page).to_have_title("完成 · Gramarye")


def test_a_mistake_is_told_in_chinese(chinese: Visitor, tmp_path: Path) -> None:
    chinese.panel().get_by_label("尺寸", exact=True).fill("")
    chinese.button("作画").click()
    chinese.page.get_by_text("尺寸为空，应为：16 至 8192 px。").wait_for()
    chinese.page.get_by_text("出错了", exact=True).wait_for()
    (broken := tmp_path / "<b>.png").write_bytes(b"no image")
    chinese.panel().locator("input[type=file]").first.set_input_files(broken)
    chinese.page.get_by_text("不是这里能读取的图像，或已损坏").wait_for()
    assert all("JPEG" in text for text in english_on(chinese))  # the names of formats


def test_the_language_is_switched_by_hand_and_stays(browser: Browser, server: Server) -> None:
    visitor = Visitor(browser, server.url, locale="en-US")
    page = visitor.page
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("button", name="中文").click()
    visitor.button("作画").wait_for()
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    page.reload()
    visitor.button("作画").wait_for()
    visitor.panel().get_by_label("尺寸", exact=True).fill("")
    visitor.button("作画").click()
    page.get_by_text("尺寸为空").wait_for()
    (cookie,) = (cookie for cookie in visitor.context.cookies() if cookie.get("name") == COOKIE)
    assert (cookie.get("value"), cookie.get("sameSite"), cookie.get("secure")) == ("zh", "Lax", False)
    page.get_by_role("button", name="English").click()
    visitor.button("Paint").wait_for()
    visitor.panel().get_by_label("Size", exact=True).fill("")
    visitor.button("Paint").click()
    page.get_by_text("Size is empty").wait_for()
    assert visitor.complaints == []
    visitor.context.close()


@pytest.mark.parametrize(
    ("locale", "tag"), [("zh", "zh-CN"), ("zh-Hans-CN", "zh-CN"), ("zh-TW", "zh-CN"), ("de-DE", "en")]
)
def test_a_browser_of_any_language_gets_one_page_language(
    browser: Browser, server: Server, locale: str, tag: str
) -> None:
    start, own = {"zh-CN": ("作画", "通过 API 使用"), "en": ("Paint", "Use via API")}[tag]
    visitor = Visitor(browser, server.url, start=start, locale=locale)
    assert visitor.page.locator("html").get_attribute("lang") == tag
    assert visitor.page.get_by_text(own).count()  # Gradio's own
    assert visitor.complaints == []
    visitor.context.close()


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1440)])
def test_the_chinese_page_is_accessible_and_fits(browser: Browser, server: Server, scheme: str, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    visitor = Visitor(
        browser, server.url, start="作画", locale="zh-CN", viewport={"width": width, "height": 900}, color_scheme=scheme
    )
    open_all(visitor, "stylize")
    visitor.panel().get_by_label("随机种子").wait_for()
    visitor.settle()
    report = Axe().run(visitor.page, options={"runOnly": ["wcag2a", "wcag2aa"]})
    assert report.violations_count == 0, report.generate_report()
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= width
    assert visitor.complaints == []
    visitor.context.close()
