"""The contact sheet: what it shows, that strangers' names are text on it, and that it asks nobody for anything."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest
import torch
from PIL import Image

from nst.errors import OutputError
from nst.pictures.picture import Picture
from nst.recipe import Recipe
from nst.serving.contact_sheet import LONG_SIDE, ContactSheet
from nst.serving.pairs import Pair, PairMode, pair_up
from tests.conftest import smooth_picture
from tests.strangers_texts import MARKUP, STEERING, steers

CONTENTS, STYLES = ["p/cat.jpg", "p/dog.jpg"], ["s/waves.jpg", "s/stars.jpg"]

STRANGERS = [
    MARKUP.replace("/", ""),
    STEERING,
    "\" onerror='alert(1)' x=\"",
    "50% of #1? & more",
    "a%2e%2e",
    "grün-雪🎨",
    "javascript:alert(1)",
    "\udcff\udcfe",
]


class Page(HTMLParser):
    """What a browser would see: tags with their attributes, in their order, and the text between them."""

    def __init__(self, sheet: ContactSheet) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(sheet.html())

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def values(self, tag: str, attribute: str) -> list[str]:
        return [str(given[attribute]) for name, given in self.tags if name == tag and attribute in given]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(autouse=True)
def _working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("out").mkdir()


def sheet_of(contents: list[str] = CONTENTS, styles: list[str] = STYLES, mode: PairMode = "all") -> ContactSheet:
    pairs = pair_up(list(map(Path, contents)), list(map(Path, styles)), Path("out"), mode)
    return ContactSheet(Path("out"), pairs, Recipe(seed=77))


def pairs_of(sheet: ContactSheet) -> dict[str, Pair]:
    return {pair.name: pair for pair in sheet._pairs}


def cells(page: Page) -> list[list[str]]:
    """The tags of the table, row by row: "th" and "td"."""
    rows: list[list[str]] = []
    for tag, _ in page.tags:
        if tag == "tr":
            rows.append([])
        elif tag in ("th", "td"):
            rows[-1].append(tag)
    return rows


def test_contents_are_rows_and_styles_are_columns() -> None:
    page = Page(sheet_of())
    assert cells(page) == [["td", "th", "th"], ["th", "td", "td"], ["th", "td", "td"]]
    assert page.values("th", "scope") == ["col", "col", "row", "row"]
    assert page.text.index("waves.jpg") < page.text.index("stars.jpg") < page.text.index("cat.jpg")
    assert "2 contents and 2 styles; 0 pictures here; 4 still to be painted." in page.text


def test_pairs_that_are_no_table_are_rows_of_their_own() -> None:
    page = Page(sheet_of(mode="zip"))
    assert cells(page) == [["th", "th", "td"]] * 2


def test_a_picture_links_to_its_file_and_a_failure_has_its_sentence() -> None:
    sheet = sheet_of()
    pairs = pairs_of(sheet)
    sheet.show_input(Path("p/cat.jpg"), smooth_picture(64, 48, seed=1))
    sheet.show(pairs["cat-waves"], smooth_picture(640, 320, seed=2))
    sheet.show_failure(pairs["dog-waves"], "dog.jpg is not an image.")
    sheet.show_failure(pairs["dog-stars"], "dog.jpg is not an image.")
    page = Page(sheet)
    assert page.values("a", "href") == ["cat-waves.png", "#failed", "#failed"]
    assert page.values("h2", "id") == ["failed"]
    assert page.values("img", "alt") == ["", "cat.jpg in the style of waves.jpg"]
    assert page.values("img", "width") == ["64", str(LONG_SIDE)]
    assert page.values("img", "height") == ["48", str(LONG_SIDE // 2)]
    assert "1 picture here; 2 failed; 1 still to be painted." in page.text
    assert page.text.count("dog.jpg is not an image.") == 1
    assert "dog-waves, dog-stars : dog.jpg is not an image." in page.text


def test_the_sentence_of_a_pair_alone_stands_in_its_place_and_below() -> None:
    sheet = sheet_of()
    sheet.show_failure(pairs_of(sheet)["dog-waves"], "It takes too much memory.")
    page = Page(sheet)
    assert page.text.count("It takes too much memory.") == 2
    assert page.values("a", "href") == []


def test_thumbnails_are_small_files_named_by_what_they_show() -> None:
    sheet = sheet_of()
    for path in map(Path, CONTENTS):
        sheet.show_input(path, smooth_picture(640, 320, seed=1))
    sheet.show_input(Path("s/waves.jpg"), smooth_picture(640, 320, seed=2))
    thumbnails = sorted(Path("out/thumbnails").iterdir())
    assert len(thumbnails) == 2
    for path in thumbnails:
        with Image.open(path) as image:
            assert (image.format, image.size) == ("JPEG", (LONG_SIDE, LONG_SIDE // 2))
        assert path.stat().st_size < 40_000
    assert set(Page(sheet).values("img", "src")) == {f"thumbnails/{path.name}" for path in thumbnails}


def test_a_transparent_picture_has_a_thumbnail_of_its_colors() -> None:
    sheet = sheet_of()
    sheet.show_input(Path("p/cat.jpg"), Picture(torch.full((1, 3, 40, 40), 0.5), torch.zeros(1, 1, 40, 40)))
    assert len(list(Path("out/thumbnails").iterdir())) == 1


@pytest.mark.parametrize("name", STRANGERS)
def test_the_name_of_a_strangers_file_is_text_and_its_link_leads_to_the_file(name: str) -> None:
    sheet = sheet_of([f"p/{name}.jpg"], [f"s/{name}.jpg"])
    [pair] = sheet._pairs
    for path in (pair.content, pair.style):
        sheet.show_input(path, smooth_picture(32, 32, seed=1))
    plain = Page(sheet_of(["p/a.jpg"], ["s/b.jpg"]))
    for shows in (lambda: sheet.show_failure(pair, name), lambda: sheet.show(pair, smooth_picture(32, 32, seed=2))):
        shows()
        page = Page(sheet)
        assert {tag for tag, _ in page.tags} <= {tag for tag, _ in plain.tags} | {"img", "a", "h2", "ul", "li", "b"}
        assert {key for _, given in page.tags for key in given} <= {
            "lang", "charset", "name", "content", "http-equiv", "class", "scope", "src", "width", "height", "alt",
            "loading", "href", "id", "role", "aria-label", "tabindex",
        }  # fmt: skip
        assert steers(sheet.html()) == set()
    [link] = page.values("a", "href")
    assert re.fullmatch(r"[\w.~%-]+", link, re.ASCII)
    assert unquote_to_bytes(link) == bytes(Path(pair.output.name))
    sheet.write()


def test_it_runs_nothing_and_asks_no_other_machine() -> None:
    sheet = sheet_of()
    sheet.show_input(Path("p/cat.jpg"), smooth_picture(64, 48, seed=1))
    page = Page(sheet)
    assert not {"script", "link", "iframe", "form", "base"} & {tag for tag, _ in page.tags}
    assert not re.search(r"https?:|//|url\(|@import", sheet.html())
    assert "default-src 'none'" in page.values("meta", "content")[1]


def test_files_of_the_same_name_are_told_apart_by_their_folders() -> None:
    assert "p/cat.jpg" not in Page(sheet_of(["p/cat.jpg"])).text
    text = Page(sheet_of(["p/cat.jpg", "q/cat.jpg"])).text
    assert "p/cat.jpg" in text
    assert "q/cat.jpg" in text


def test_the_recipe_is_on_it() -> None:
    assert '"seed": 77' in Page(sheet_of()).text


def test_it_takes_the_place_of_a_sheet_and_of_no_other_page() -> None:
    sheet_of().require_free()
    sheet_of().write()
    sheet_of(["other.jpg"]).require_free()
    Path("out/index.html").write_text("<p>A page of mine.</p>")
    with pytest.raises(OutputError, match="would take the place of a page that no batch wrote"):
        sheet_of().require_free()


def test_a_sheet_that_can_not_be_written_is_an_error() -> None:
    Path("out/index.html").mkdir()
    with pytest.raises(OutputError, match=r"'out/index\.html' can't be written: Is a directory"):
        sheet_of().require_free()
    with pytest.raises(OutputError, match="can't be written"):
        sheet_of().write()
    Path("out/thumbnails").write_text("mine")
    with pytest.raises(OutputError, match="can't be written"):
        sheet_of().show_input(Path("p/cat.jpg"), smooth_picture(32, 32, seed=1))
    assert sorted(path.name for path in Path("out").iterdir()) == ["index.html", "thumbnails"]
