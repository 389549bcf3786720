"""Whatever a visitor of the page can be told by nst has words in every language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from nst.errors import CostError
from nst.painting.backbone import Backbone
from nst.painting.painting import painting_of
from nst.painting.schedule import RISE, SETBACK
from nst.recipe import SETTINGS, Recipe, setting
from nst.serving.limits import Limits
from nst.serving.speed import Speed
from nst.ui.checked_blocks import FAILED
from nst.ui.full_disk import SENTENCE
from nst.ui.languages import ENGLISH, LANGUAGES
from nst.ui.languages.words import file_of
from tests.conftest import smooth_picture

NST = Path(__file__).parent.parent.parent.parent / "nst"

TOLD = (
    "ImageError", "RecipeError", "CostError", "BusyError", "ClosedError", "OutOfMemoryError", "DivergedError",
)  # fmt: skip
"""Errors that reach a visitor.  The others are the host's: of the model, the device, the command line, an address; and
what can't be written on the page is said by `full_disk`, or is a bug."""

ELSEWHERE = {
    "cli": "the command line's own",
    "painting/checkpoint.py": "checkpoints are the command line's",
    "painting/replay.py": "replaying is the command line's",
    "painting/state.py": "checkpoints are the command line's",
    "pictures/finding.py": "folders and patterns are the command line's",
    "serving/batch.py": "batches are the command line's",
    "serving/inputs.py": "batches are the command line's",
    "serving/pairs.py": "batches are the command line's",
    "ui/grid_api.py": "programs are answered in English",
    "ui/api.py": "programs are answered in English",
    "ui/sent_image.py": "the page sends uploads alone, so that these are for programs",
    "ui/web_address.py": "the page names no addresses, so that these are for programs",
}
"""Files whose errors no visitor of the page sees, and why."""


OF_PATHS = "_missing(str(path)) is no sentence"
"""Of a path that a visitor names there is none: `uploads` says it."""


def templates_of(path: Path) -> Iterator[str]:
    """Of all sentences with which a file makes errors that visitors are told."""
    tree = ast.parse(path.read_text())
    named = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TOLD:
            (sentence,) = node.args
            yield template_of(named.get(sentence.id, sentence) if isinstance(sentence, ast.Name) else sentence)


def template_of(sentence: ast.expr) -> str:
    """A text as it is, an f-string with {} for each of its values, anything else as code."""
    if isinstance(sentence, ast.Constant):
        return str(sentence.value)
    if isinstance(sentence, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in sentence.values)
    return f"{ast.unparse(sentence)} is no sentence"


def is_elsewhere(path: Path) -> bool:
    return any(path.is_relative_to(NST / place) for place in ELSEWHERE)


SENTENCES = sorted(
    {template for path in NST.rglob("*.py") if not is_elsewhere(path) for template in templates_of(path)} - {OF_PATHS}
)


def test_errors_are_found() -> None:
    assert "There is no style image: give one to four." in SENTENCES
    assert "{} is {}: allowed is {}{}." in SENTENCES
    assert len(SENTENCES) > 60


@pytest.mark.parametrize("language", [words.language for words in LANGUAGES.values() if words is not ENGLISH])
def test_every_error_that_a_visitor_may_see_has_words(language: str) -> None:
    known = file_of(language)["sentences"]
    assert [template for template in SENTENCES if template not in known] == []


@pytest.mark.parametrize("language", [words.language for words in LANGUAGES.values() if words is not ENGLISH])
def test_a_translation_has_room_for_all_that_is_said(language: str) -> None:
    for english, own in file_of(language)["sentences"].items():
        count = len(re.findall(r"\{#?\}", english))
        own.format(*["part"] * count)  # an IndexError for a place too many
        assert len(re.findall(r"\{\d*\}", own)) == count, english


LATIN = re.compile(r"[A-Za-z]{2,}")


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("size is '7': allowed is a whole number, 16 to 8192 px.", "尺寸是 '7'，应为：整数，16 至 8192 px。"),
        ("Strength is empty: allowed is 0 to 100.", "风格强度为空，应为：0 至 100。"),
        (
            "This run (8192x4096 px, 599 steps) would take about 300 s; the limit here is 60 s: size 640 fits "
            "(about 30 s).",
            "这次作画（8192x4096 px，599 步）约需 300 秒，而这里的上限是 60 秒：尺寸 640 可行（约 30 秒）。",
        ),
        (
            "There is no content and no style image yet: choose one, or drop one in.",
            "还没有内容图和风格图：请选择一张，或拖入一张。",
        ),
        (
            "The style mask is 10x20 px and the style 2 20x10 px: both must have the same aspect ratio.",
            "风格图的蒙版是 10x20 px，风格图 2 是 20x10 px：二者的长宽比必须相同。",
        ),
        ("a.png was made with 'synthesize': load it in that tab.", "a.png 由“合成风格”生成：请在相应的标签页载入。"),
    ],
)
def test_a_sentence_is_chinese_as_a_whole(english: str, chinese: str) -> None:
    assert LANGUAGES["zh"].sentence(english) == chinese


PER_STEP = Speed(start=1.0, step=0.1, operations=1e30)
"""A device for which pixels cost nothing."""


@pytest.mark.parametrize(
    "limits",
    [
        Limits(1.55, PER_STEP),
        Limits(0.5, PER_STEP),
        Limits(2.0, replace(PER_STEP, step=0.0, operations=1e9)),
        Limits(bytes=1.0),
        Limits(bytes=3e7),
    ],
)
def test_what_limits_say_is_chinese_as_a_whole(backbone: Backbone, limits: Limits) -> None:
    picture, recipe = smooth_picture(512, 256, seed=1), Recipe(size=512, start_size=0, first_steps=10)
    with pytest.raises(CostError) as raised:
        limits.check(painting_of("stylize", {"content": picture, "style": picture}, recipe, backbone))
    assert set(LATIN.findall(LANGUAGES["zh"].sentence(str(raised.value)))) <= {"px", "GB"}


ALLOWED = {setting(name).allowed for name in SETTINGS if setting(name).many or not setting(name).choices}
"""Choices alone stay as they are, as what a recipe calls them."""


@pytest.mark.parametrize("sentence", [FAILED, SENTENCE, SETBACK, RISE, f"{SETBACK} {RISE}", *sorted(ALLOWED)])
def test_what_is_said_elsewhere_is_chinese_too(sentence: str) -> None:
    assert LANGUAGES["zh"].sentence(sentence) != sentence
