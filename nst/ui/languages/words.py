"""Words of one language, and markers for the browser, which knows those of all."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from types import MappingProxyType

import gradio as gr

from ...recipe import SETTINGS
from .sentences import Sentences
from .tables import tabled_words

TAGS: Mapping[str, str] = MappingProxyType({"en": "en", "zh": "zh-CN"})
"""Name of a language's file -> what browsers and Gradio call it."""

Files = Mapping[str, Mapping[str, str]]
"""Section -> end of the key -> words."""


@dataclass(frozen=True)
class Words:
    """Words of one language.

    language: "en".  tag: as browsers call it.  templates: key -> words, with names of values in braces.
    sentence: gives an English sentence of nst in this language, or as it is where none is known.
    gradio: English words of Gradio's own browser side, which it does not translate itself -> words.
    """

    language: str
    tag: str
    templates: Mapping[str, str]
    sentence: Callable[[str], str]
    gradio: Mapping[str, str]

    def __call__(self, key: str, /, **values: object) -> str:
        """The words of a key, with values in their places.  KeyError for a key or for values that it does not have."""
        template = self.templates[key]
        if values.keys() != fields_of(template):
            raise KeyError(f"{key} has values for {sorted(fields_of(template))}, not for {sorted(values)}")
        return template.format(**values)


@cache
def fields_of(template: str) -> frozenset[str]:
    """Names of the values that a template has places for."""
    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name is not None)


def file_of(language: str) -> Files:
    """What the file of a language says."""
    file: Files = json.loads((Path(__file__).parent / f"{language}.json").read_text(encoding="utf-8"))
    return file


def _words(language: str) -> Words:
    file = dict(file_of(language))
    sentences, gradio = dict(file.pop("sentences", {})), file.pop("gradio", {})
    templates = {f"{section}.{end}": text for section, texts in file.items() for end, text in texts.items()}
    if language == "en":
        templates |= tabled_words()
    else:
        sentences |= {name: templates[f"setting.{name}.label"] for name in SETTINGS}
        sentences |= {english: templates[key] for key, english in ENGLISH.templates.items() if _NAMES.match(key)}
    return Words(language, TAGS[language], MappingProxyType(templates), Sentences(sentences), gradio)


_NAMES = re.compile(r"named\.|(setting|role)\..+\.(label|name)$")
"""Keys of what errors name."""

ENGLISH = _words("en")

LANGUAGES: Mapping[str, Words] = MappingProxyType(
    {"en": ENGLISH, **{name: _words(name) for name in TAGS if name != "en"}}
)

_made: dict[str, dict[str, str]] = {words.tag: dict(words.templates) for words in LANGUAGES.values()}
"""Tag -> key -> text, of all that markers name."""

TRANSLATIONS = gr.I18n(**_made)
"""What `launch(i18n=...)` hands to browsers, as far as it is `said`."""


def said(what: str | Callable[[Words], str], /, **values: object) -> str:
    """A marker that the browser replaces by the words in the visitor's language.

    what: a key, with its values, or a function that makes a text of the words of any language.  There may be text
    around a marker, but no second marker.
    """
    if isinstance(what, str):
        key = what
        texts = {words.tag: words(key, **values) for words in LANGUAGES.values()}
        if not values:
            return str(TRANSLATIONS(key))
    else:
        texts = {words.tag: what(words) for words in LANGUAGES.values()}
    key = hashlib.sha256(json.dumps(texts).encode()).hexdigest()[:16]
    for tag, text in texts.items():
        _made[tag][key] = text
    return str(TRANSLATIONS(key))
