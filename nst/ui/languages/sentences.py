"""English sentences put into another language by their templates, for what is said far away from the page."""

from __future__ import annotations

import re
from collections.abc import Mapping

DEPTH = 4
"""How often the parts of a sentence may have parts."""

_PLACE = re.compile(r"\{(#?)\}")
_NUMBER = re.compile(r"-?[\d.,]+")


class Sentences:
    """Templates by templates: "There is no model at {}." -> "{} 处没有模型。".

    Each {} stands for any text, also for none, and the text may be a sentence itself; {#} stands for a number alone.
    Where parts change their order, the translation numbers them from {0}.
    """

    def __init__(self, templates: Mapping[str, str]) -> None:
        self._whole = {english: own for english, own in templates.items() if not _PLACE.search(english)}
        known = ((_PLACE.split(english), own) for english, own in templates.items() if _PLACE.search(english))
        self._templates = sorted(known, key=lambda template: -sum(map(len, template[0])))

    def __call__(self, english: str, depth: int = DEPTH) -> str:
        """The sentence in the other language; as it is where no template is like it."""
        if (own := self._whole.get(english)) is not None:
            return own
        for split, own in self._templates:
            if (parts := _parts(split, english)) is not None:
                return own.format(*(self(part, depth - 1) if depth else part for part in parts))
        return english


def _parts(split: list[str], text: str) -> list[str] | None:
    """What stands in a text between literals, each found as early as can be, the last at the end; None if one is not.

    split: the literals, and between them what each place is marked with.
    In one go, as the text may hold what a stranger wrote to make it slow.
    """
    (first, *between, last), kinds = split[::2], split[1::2]
    if not (text.startswith(first) and text.endswith(last) and len(text) >= len(first) + len(last)):
        return None
    at, end, parts = len(first), len(text) - len(last), []
    for literal in between:
        found = text.find(literal, at, end)
        if found < 0:
            return None
        parts.append(text[at:found])
        at = found + len(literal)
    parts.append(text[at:end])
    are_numbers = all(_NUMBER.fullmatch(part) for part, kind in zip(parts, kinds, strict=True) if kind == "#")
    return parts if are_numbers else None
