"""Words for scripts that stand in the page for all visitors, and choose when they run in the browser of one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from .words import LANGUAGES, Words


def by_tag(make: Callable[[Words], Any]) -> Mapping[str, Any]:
    """Tag, as the page's `lang` has it -> what is made of the words of that language."""
    return {words.tag: make(words) for words in LANGUAGES.values()}


def words_js(make: Callable[[Words], Any]) -> str:
    """JavaScript: an expression that is what is made of the words of the page's language.

    A browser that translates pages itself may have put another into `lang`: then it is English.
    """
    return f"(texts => texts[document.documentElement.lang] ?? texts.en)({json.dumps(by_tag(make))})"
