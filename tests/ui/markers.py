"""What the browser makes of the markers that the page sends."""

from __future__ import annotations

import json
import re

from nst.ui.languages import ENGLISH, TRANSLATIONS

MARKER = re.compile(r"__i18n__(\{.*?\})")


def read(text: str, tag: str = ENGLISH.tag) -> str:
    """A text with its markers put into the language of a tag."""
    texts = TRANSLATIONS.translations_dict[tag]
    return MARKER.sub(lambda marker: texts[json.loads(marker[1])["key"]], text)
