"""What a series is called on the page."""

from __future__ import annotations

import pytest

from nst.recipe import Recipe
from nst.serving.axes import axes_of, plan_series
from nst.ui.languages import ENGLISH, LANGUAGES, Words
from nst.ui.series_words import axis_labels, cell_label, in_all

STYLES = ["waves.jpg", "starry_night.jpg"]

CHINESE = LANGUAGES["zh"]


def test_in_english_a_picture_is_called_as_on_the_sheet() -> None:
    for styles, vary in ((STYLES, ["tv_weight=0,1"]), (STYLES[:1], ["strength=20,60", "colors=style,luminance"])):
        plan = plan_series(styles, axes_of(vary), Recipe(size=64))
        assert [cell_label(plan, cell, ENGLISH) for cell in plan.cells] == [cell.label for cell in plan.cells]
        for axis in filter(None, (plan.down, plan.across)):
            assert axis_labels(axis, ENGLISH) == list(axis.labels)
        assert in_all(plan, "cat.jpg", ENGLISH) == plan.in_all("cat.jpg")
    fast = plan_series(STYLES, [], Recipe.preset("fast", size=64))
    assert in_all(fast, "cat.jpg", ENGLISH) == fast.in_all("cat.jpg")
    assert in_all(fast, "cat.jpg", CHINESE) == "共同之处：cat.jpg；预设 快速、尺寸 64。"


def test_in_another_language_settings_and_choices_have_its_names() -> None:
    plan = plan_series(STYLES, axes_of(["colors=style,luminance"]), Recipe(size=64, seed=7))
    assert plan.down is not None
    assert axis_labels(plan.down, CHINESE) == ["waves", "starry night"]
    assert axis_labels(plan.across, CHINESE) == ["色彩 风格", "色彩 亮度"]
    assert cell_label(plan, plan.cells[-1], CHINESE) == "starry night、色彩 亮度"
    assert in_all(plan, "cat.jpg", CHINESE) == "共同之处：cat.jpg；尺寸 64、随机种子 7。"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (ENGLISH, "The same in all: cat.jpg in the style of waves.jpg."),
        (CHINESE, "共同之处：cat.jpg（风格：waves.jpg）。"),
    ],
    ids=lambda value: getattr(value, "language", None),
)
def test_where_nothing_else_is_the_same_the_pictures_are_named(words: Words, sentence: str) -> None:
    plan = plan_series(STYLES[:1], axes_of(["size=32,64"]), Recipe())
    assert in_all(plan, "cat.jpg", words) == sentence
