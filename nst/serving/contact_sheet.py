"""All pictures of a batch on one page to look at: plain HTML that asks no other machine for anything."""

from __future__ import annotations

import hashlib
import html
import io
import json
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from ..errors import OutputError, printable, shown
from ..pictures.picture import Picture, fit
from ..pictures.reading import reason
from ..pictures.writing import write_whole
from ..recipe import Recipe
from ..version import VERSION
from .contact_sheet_css import CSS
from .pairs import Pair, in_order

NAME, THUMBNAILS = "index.html", "thumbnails"

LONG_SIDE = 360
"""Pixels of a thumbnail, twice those that it is shown in."""

OWN = '<meta name="generator" content="Gramarye, a batch">'
"""What tells a sheet of ours from a page that somebody else has put there."""

FAILED = "failed"
"""Where on the page stands what failed."""

POLICY = "default-src 'none'; img-src 'self' file:; style-src 'unsafe-inline'"
"""Nothing is run, and nothing is loaded but the pictures beside the page."""


@dataclass(frozen=True)
class Thumbnail:
    """A small picture in the folder of thumbnails.  link: to it, relative to the sheet; size: (width, height)."""

    link: str
    size: tuple[int, int]


class ContactSheet:
    """The page `index.html` in the folder of a batch: contents as rows and styles as columns, or a row for each pair.

    Pictures are shown as far as they are known.  Small copies of them lie in the folder `thumbnails`, named by what
    they show, so that none takes the place of somebody else's file.
    """

    def __init__(self, folder: Path, pairs: Sequence[Pair], recipe: Recipe) -> None:
        self.path = folder / NAME
        self._pairs, self._recipe = pairs, recipe
        self._inputs: dict[Path, Thumbnail] = {}
        self._painted: dict[Pair, Thumbnail] = {}
        self._failed: dict[Pair, str] = {}
        self._said: Counter[str] = Counter()

    def require_free(self) -> None:
        """OutputError where a page lies that is no contact sheet, or no page can."""
        try:
            with open(self.path, encoding="utf-8", errors="replace") as file:
                if OWN in file.read(1000):
                    return
        except FileNotFoundError:
            return
        except OSError as error:
            raise OutputError(f"{shown(str(self.path))} can't be written: {reason(error)}.") from None
        raise OutputError(
            f"The contact sheet {shown(str(self.path))} would take the place of a page that no batch wrote: move that "
            "one, or name another folder with --out."
        )

    def show_input(self, path: Path, picture: Picture) -> None:
        """Show an input, once, wherever it comes.  Raises OutputError."""
        if path not in self._inputs:
            self._inputs[path] = self._thumbnail(picture)

    def show(self, pair: Pair, picture: Picture) -> None:
        """Show the picture of a pair.  Raises OutputError."""
        self._painted[pair] = self._thumbnail(picture)

    def show_failure(self, pair: Pair, sentence: str) -> None:
        """Say why there is no picture of a pair."""
        self._failed[pair] = sentence
        self._said[sentence] += 1

    def write(self) -> None:
        """Write the page as things are.  Raises OutputError."""
        self._write(self.path, self.html().encode("utf-8"))

    def html(self) -> str:
        """The page."""
        contents, styles = (in_order(getattr(pair, role) for pair in self._pairs) for role in ("content", "style"))
        is_matrix = len(self._pairs) == len(contents) * len(styles)
        table = self._matrix(contents, styles) if is_matrix else self._list()
        return (
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            f'{OWN}\n<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>Contact sheet</title>\n<style>{CSS}</style>\n</head>\n<body>\n<main>\n<h1>Contact sheet</h1>\n"
            f"<p>{self._summary(len(contents), len(styles))}</p>\n"
            f'<div class="sheet" role="region" aria-label="The pictures" tabindex="0">\n{table}\n</div>\n'
            f"{self._failures()}{self._about()}</main>\n</body>\n</html>\n"
        )

    def _summary(self, contents: int, styles: int) -> str:
        there, failed = len(self._painted), len(self._failed)
        inputs = f"{_counted(contents, 'content')} and {_counted(styles, 'style')}"
        parts = [inputs, f"{_counted(there, 'picture')} here"]
        if failed:
            parts.append(f"{failed} failed")
        if waiting := len(self._pairs) - there - failed:
            parts.append(f"{waiting} still to be painted")
        return "; ".join(parts) + "."

    def _matrix(self, contents: Sequence[Path], styles: Sequence[Path]) -> str:
        by_inputs = {(pair.content, pair.style): pair for pair in self._pairs}
        heads = "".join(f'<th scope="col">{self._input(style, styles)}</th>' for style in styles)
        rows = "".join(
            f'<tr><th scope="row">{self._input(content, contents)}</th>'
            + "".join(self._cell(by_inputs[content, style], styles) for style in styles)
            + "</tr>\n"
            for content in contents
        )
        return f'<table class="matrix">\n<thead><tr><td></td>{heads}</tr></thead>\n<tbody>\n{rows}</tbody></table>'

    def _list(self) -> str:
        contents, styles = [pair.content for pair in self._pairs], [pair.style for pair in self._pairs]
        rows = "".join(
            f'<tr><th scope="row">{self._input(pair.content, contents)}</th>'
            f'<th scope="row">{self._input(pair.style, styles)}</th>{self._cell(pair, styles)}</tr>\n'
            for pair in self._pairs
        )
        return f'<table class="list">\n<tbody>\n{rows}</tbody></table>'

    def _input(self, path: Path, among: Sequence[Path]) -> str:
        """Its thumbnail, if it has been read, and its name."""
        small = self._inputs.get(path)
        shown_as = _image(small, "") if small else '<div class="blank"></div>'
        return f'{shown_as}<span class="name">{_text(_called(path, among))}</span>'

    def _cell(self, pair: Pair, styles: Sequence[Path]) -> str:
        style = _text(_called(pair.style, styles))
        if small := self._painted.get(pair):
            alt = f"{_text(pair.content.name)} in the style of {_text(pair.style.name)}"
            body = f'<a href="{_link(pair.output.name)}">{_image(small, alt)}</a>'
        elif pair in self._failed:
            sentence = self._failed[pair]
            words = _text(sentence) if self._said[sentence] == 1 else f'failed, as said <a href="#{FAILED}">below</a>'
            body = f'<div class="failed">{words}</div>'
        else:
            body = '<div class="waits">still to be painted</div>'
        beside = _image(self._inputs[pair.style], "") if pair.style in self._inputs else "<span></span>"
        return f'<td>{body}<div class="with">{beside}<span class="name">{style}</span></div></td>'

    def _failures(self) -> str:
        if not self._failed:
            return ""
        by_sentence: dict[str, list[str]] = {}
        for pair, sentence in self._failed.items():
            by_sentence.setdefault(sentence, []).append(pair.name)
        lines = "".join(
            f"<li><b>{_text(', '.join(names))}</b>: {_text(sentence)}</li>\n" for sentence, names in by_sentence.items()
        )
        return f'<h2 id="{FAILED}">What failed</h2>\n<ul>\n{lines}</ul>\n'

    def _about(self) -> str:
        recipe = json.dumps(self._recipe.to_json(), indent=1)
        return (
            f"<details>\n<summary>The recipe</summary>\n<pre>{_text(recipe)}</pre>\n"
            f"<p>Gramarye {VERSION}</p>\n</details>\n"
        )

    def _thumbnail(self, picture: Picture) -> Thumbnail:
        size = fit((picture.width, picture.height), LONG_SIDE)
        small = replace(picture.resized(size), alpha=None).to_pil()
        name = f"{hashlib.sha256(small.tobytes()).hexdigest()[:16]}.jpg"
        path = self.path.parent / THUMBNAILS / name
        if not path.exists():
            encoded = io.BytesIO()
            small.save(encoded, "JPEG", quality=82)
            self._write(path, encoded.getvalue())
        return Thumbnail(f"{THUMBNAILS}/{name}", size)

    def _write(self, path: Path, data: bytes) -> None:
        try:
            path.parent.mkdir(exist_ok=True)
            write_whole(path, data)
        except OSError as error:
            raise OutputError(f"{shown(str(path))} can't be written: {reason(error)}.") from None


def _image(small: Thumbnail, alt: str) -> str:
    width, height = small.size
    return f'<img src="{small.link}" width="{width}" height="{height}" alt="{alt}" loading="lazy">'


def _called(path: Path, among: Sequence[Path]) -> str:
    """The name of a file, with its folder where another one has the same."""
    same = {other for other in among if other.name == path.name}
    return str(path) if len(same) > 1 else path.name


def _text(strangers: str) -> str:
    """As text between tags, and in quotes."""
    return html.escape(printable(strangers))


def _link(name: str) -> str:
    """A file beside the page."""
    return quote(os.fsencode(name), safe="")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")
