"""No word of the page stands in the code, and none in the languages' files that nobody says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from nst.ui.languages import ENGLISH

UI = Path(__file__).parent.parent.parent.parent / "nst" / "ui"

FOR_PROGRAMS = ("api.py", "grid_api.py", "sent_image.py", "web_address.py", "mcp.py")
"""Programs are answered in English."""

FILES = [path for path in sorted(UI.rglob("*.py")) if path.name not in FOR_PROGRAMS]

WORD = re.compile(r"[A-Za-z]{3,}")

NAMES = {"Gramarye", "MSE", "PSNR", "SSIM", "cos", "nbsp", "rgb", "conv"}
"""What is called the same everywhere."""

SHOWN = ("label", "info", "placeholder", "value", "title")
"""Options of components that visitors read."""


def template_of(node: ast.AST) -> str | None:
    """A text of the code, with {} for values; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


def words_in(text: str) -> list[str]:
    """Those that a visitor reads in a piece of HTML, also where it is read aloud."""
    aloud = re.findall(r'(?:aria-label|aria-valuetext|alt|title)="([^"]*)"', text)
    found = WORD.findall(" ".join([re.sub(r"<[^>]*(>|$)|^[^<]*>|&\w+;|\$\{\w+\}", " ", text), *aloud]))
    return [word for word in found if word not in NAMES]


def is_saying(node: ast.AST) -> bool:
    """Whether a call gives words of the files, or something that is no text."""
    if not isinstance(node, ast.Call):
        return False
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    return name in ("said", "words", "Brush", "words_of")


def shown_texts(node: ast.AST) -> Iterator[str]:
    """Texts of the code in an expression, without what `said` is given."""
    if is_saying(node):
        return
    if (text := template_of(node)) is not None:
        yield text
        return
    for child in ast.iter_child_nodes(node):
        yield from shown_texts(child)


def given_to_components(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith(("gr.", "image_input")):
            for given in (*node.args, *(option.value for option in node.keywords if option.arg in SHOWN)):
                yield from shown_texts(given)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_components_are_given_no_english(path: Path) -> None:
    left = [text for text in given_to_components(ast.parse(path.read_text())) if words_in(text)]
    assert [text for text in left if not re.fullmatch(r"conv\d+|[a-z_]+", text)] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_english_is_written_into_html(path: Path) -> None:
    texts = [text for node in ast.walk(ast.parse(path.read_text())) if (text := template_of(node)) and "<" in text]
    html = [text for text in texts if re.search(r"</?(p|div|span|figure|figcaption|b|dt|dd|button|img|svg)\b", text)]
    documentation = {ast.get_docstring(node, clean=False) for node in documented(path)}
    assert [text for text in html if text not in documentation and "=>" not in text and words_in(text)] == []


def documented(path: Path) -> Iterator[ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def test_what_would_be_left_over_is_seen() -> None:
    tree = ast.parse(
        "gr.Button('Paint it', size='sm'); gr.Tab(said('page.stylize')); gr.HTML(value=f'<p>{x} done</p>')"
    )
    assert list(given_to_components(tree)) == ["Paint it", "<p>{} done</p>"]
    assert words_in('<p class="status">{}</p>') == []
    assert words_in('<p aria-label="Shown now">at last {}</p>') == ["last", "Shown", "now"]


SAID_BY_A_SCRIPT = "history."
"""Which `test_history_record` looks through."""


def keys_said() -> set[str]:
    """Keys in the code, as patterns: f"role.{role}.label" is any role's."""
    texts = {
        text
        for path in UI.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if (text := template_of(node))
    }
    return {text for text in texts if re.fullmatch(r"[a-z_]+\.[\w.{}-]+", text)}


def test_every_key_is_said_somewhere() -> None:
    patterns = [re.compile(re.escape(text).replace(r"\{\}", ".+")) for text in keys_said()]
    own = [key for key in ENGLISH.templates if not key.startswith(SAID_BY_A_SCRIPT)]
    assert [key for key in own if not any(pattern.fullmatch(key) for pattern in patterns)] == []


def test_every_key_that_is_said_is_there() -> None:
    said = [
        str(template_of(node.args[0]))
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and is_saying(node) and node.args and template_of(node.args[0]) is not None
    ]
    patterns = [re.compile(re.escape(text).replace(r"\{\}", ".+")) for text in said]
    assert len(patterns) > 100
    assert [p.pattern for p in patterns if not any(p.fullmatch(key) for key in ENGLISH.templates)] == []
