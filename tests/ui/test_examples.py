"""The pictures that come with the program: their words, their recipes, their sizes."""

from __future__ import annotations

from pathlib import Path

from nst.locations import EXAMPLES
from nst.recipe import Recipe
from nst.ui.examples import example_files, gallery, inputs_of, thumbnail, title
from nst.ui.languages import ENGLISH
from nst.ui.page import OPENING
from nst.ui.preparation import recipe_of
from tests.ui.markers import read


def test_every_example_has_words_of_its_own() -> None:
    files = [path for kind in ("content", "style") for path in example_files(kind)]
    titles = [title(path, ENGLISH) for path in files]
    assert len(set(titles)) == len(files) >= 14
    assert all(title(path, ENGLISH) != path.stem.replace("_", " ") for path in files)  # it comes from CREDITS.md
    assert title(EXAMPLES / "style" / "starry_night.jpg", ENGLISH) == "Vincent van Gogh, The Starry Night, 1889"


def test_finished_examples_say_what_they_were_made_of() -> None:
    files = example_files("finished")
    assert len(files) >= 10
    for path in files:
        made_of = inputs_of(path)
        assert path.stem == "-".join(Path(file).stem for file in made_of.values())
        assert all(Path(file).parent.name == role and Path(file).exists() for role, file in made_of.items())
        assert recipe_of(path, "stylize")
    assert max(path.stat().st_size for path in files) < 400_000


def test_the_page_opens_with_what_paint_makes_again() -> None:
    assert recipe_of(OPENING, "stylize") == Recipe()


def test_thumbnails_are_small() -> None:
    assert max(thumbnail(EXAMPLES / "content" / "colosseum.jpg").size) == 200


def test_a_gallery_names_what_it_shows() -> None:
    files = example_files("content")
    shown = gallery(files, columns=4).value
    assert [read(item["caption"]) for item in shown] == [title(path, ENGLISH) for path in files]
