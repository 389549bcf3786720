"""Words that a script of the page chooses in the browser."""

from __future__ import annotations

import json

from nst.ui.languages import by_tag, words_js


def test_a_script_has_the_words_of_every_language_under_what_the_page_is_marked_with() -> None:
    assert by_tag(lambda words: words("task.stylize.verb")) == {"en": "Paint", "zh-CN": "作画"}


def test_it_takes_those_of_the_page() -> None:
    begin, handed = words_js(lambda words: [words("page.language")]).split(")(")
    assert begin == "(texts => texts[document.documentElement.lang] ?? texts.en"
    assert json.loads(handed.removesuffix(")")) == {"en": ["English"], "zh-CN": ["中文"]}
