"""The finished examples: what the page promises of them."""

from __future__ import annotations

import pytest

from export.gallery import FOLDER, RECIPES, inputs_of
from nst.pictures.reading import load_image
from nst.recipe import Recipe
from nst.version import VERSION


def test_every_pair_has_its_picture_and_no_other_is_there() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(RECIPES)


@pytest.mark.parametrize("name", RECIPES)
def test_a_finished_example_was_made_by_todays_recipe_and_version_of_what_lies_here(name: str) -> None:
    """Paint is promised to make it again; `python -m export.gallery` does, for all of them."""
    provenance = load_image(FOLDER / f"{name}.jpg").provenance
    assert provenance is not None
    inputs = dict(zip(("content", "style"), map(load_image, inputs_of(name)), strict=True))
    assert provenance["task"] == "stylize"
    assert {role: entry["digest"] for role, entry in provenance["inputs"].items()} == {
        role: picture.digest for role, picture in inputs.items()
    }
    made, today = Recipe.from_json(provenance["recipe"]), RECIPES[name]
    assert made.changed(learning_rate=made.step_length) == today.changed(learning_rate=today.step_length)
    assert provenance["program"] == f"gramarye {VERSION}"
