"""The page's own words in every language that it speaks: one file of each, `en.json` and `zh.json`.

A word has a key such as "status.done", whose first part is its section in the files, and is a template of
`str.format`: "Scale {scale} of {scales}".  These are the ways to say it:

    said("page.stylize")              for what stands on the page from the start, in any string of a component: the
    said(lambda words: ...)           browser puts it into the visitor's language.  Values go into it by name, as
                                      said("dot.channel", name="A"); what takes several words is a function.
    words_js(lambda words: ...)       for a script that the page runs; `by_tag` for what one is handed as data.
    words("status.ahead", place=2)    for what a handler makes: `words` is `words_of(request)`, and is handed on to
                                      whatever makes sentences.  `ENGLISH` is for programs.

What stands in the tables of settings, tasks and examples is no second time in en.json: `tables` makes keys of it, such
as "setting.size.label".  Sentences that come from elsewhere in nst, of errors above all, are English: `words.sentence`
finds them in the section "sentences" of a language's file.  They get to the page through `friendly`, and are put into
the visitor's language by `CheckedBlocks`, so that whoever raises an error thinks of nothing.  What Gradio itself leaves
English is in the section "gradio".

A language more is a file more, and a line in `TAGS`.
"""

from .choice import COOKIE, language_of, words_of
from .scripts import by_tag, words_js
from .words import ENGLISH, LANGUAGES, TAGS, TRANSLATIONS, Words, said

__all__ = [
    "COOKIE",
    "ENGLISH",
    "LANGUAGES",
    "TAGS",
    "TRANSLATIONS",
    "Words",
    "by_tag",
    "language_of",
    "said",
    "words_js",
    "words_of",
]
