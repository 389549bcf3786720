"""The files of the languages say the same, and all of them is said somewhere."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from string import Formatter

import pytest

from nst.ui.languages import ENGLISH, LANGUAGES, TRANSLATIONS, Words, said
from nst.ui.languages.tables import tabled_words
from nst.ui.languages.words import file_of

UI = Path(__file__).parent.parent.parent.parent / "nst" / "ui"

OTHERS = [words for words in LANGUAGES.values() if words is not ENGLISH]

LATIN = re.compile(r"[A-Za-z]{2,}")


def keys_of(language: str) -> set[str]:
    return {
        f"{section}.{end}"
        for section, texts in file_of(language).items()
        if section not in ("sentences", "gradio")
        for end in texts
    }


@pytest.mark.parametrize("words", OTHERS, ids=lambda words: words.language)
def test_no_word_is_missing_and_none_is_too_many(words: Words) -> None:
    assert words.templates.keys() == ENGLISH.templates.keys()


def test_what_stands_in_a_table_is_in_no_english_file() -> None:
    assert keys_of("en").isdisjoint(tabled_words())


def places_of(template: str) -> Counter[tuple[str, str]]:
    """Names and formats of the values in a template."""
    return Counter((name, form or "") for _, name, form, _ in Formatter().parse(template) if name is not None)


def test_words_are_text_and_no_html() -> None:
    """They are put into attributes too."""
    for words in LANGUAGES.values():
        assert [key for key, text in words.templates.items() if re.search(r"[<>&]", text)] == []
        own = {key for key, text in words.templates.items() if '"' in text}
        assert own <= {"example.seurat_grande_jatte"}, own  # which is escaped where it is shown


@pytest.mark.parametrize("words", OTHERS, ids=lambda words: words.language)
def test_values_have_their_places_in_every_language(words: Words) -> None:
    unlike = {
        key: template
        for key, template in words.templates.items()
        if places_of(template).keys() != places_of(ENGLISH.templates[key]).keys()
    }
    assert unlike == {}


@pytest.mark.parametrize("words", OTHERS, ids=lambda words: words.language)
def test_a_setting_is_explained_with_the_same_numbers_and_layers(words: Words) -> None:
    for name, english in tabled_words().items():
        if name.startswith("setting.") and name.endswith(".help"):
            numbers = [re.findall(r"conv\d+|\d+(?:\.\d+)?", text) for text in (english, words.templates[name])]
            assert sorted(numbers[0]) == sorted(numbers[1]), name


def test_a_word_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        ENGLISH("page.nonsense")
    with pytest.raises(KeyError, match="has values for"):
        ENGLISH("page.head", steps=3)
    with pytest.raises(KeyError, match="has values for"):
        ENGLISH("page.foot", version="1")


def test_a_marker_is_known_to_the_browser_in_every_language() -> None:
    marker = said(lambda words: f"{words('page.language')}: {words('task.stylize.verb')}")
    key = json.loads(marker.removeprefix("__i18n__"))["key"]
    texts = TRANSLATIONS.translations_dict
    assert texts["en"][key] == "English: Paint"
    assert texts["zh-CN"][key] == "中文: 作画"
    assert said("task.stylize.verb") == said("task.stylize.verb")
    assert texts["zh-CN"][json.loads(said("task.stylize.verb")[8:])["key"]] == "作画"
