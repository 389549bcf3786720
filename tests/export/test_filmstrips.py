"""The strips of the layers: what lies here is of the pictures that lie here."""

from __future__ import annotations

import json
from typing import Any

import pytest

from export.filmstrips import FOLDER, KINDS
from nst.locations import EXAMPLES
from nst.pictures.reading import load_image


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    figures: dict[str, Any] = json.loads((FOLDER / "layers.json").read_text())
    return figures


def test_every_example_has_its_strip_and_its_figures_and_there_are_no_others(figures: dict[str, Any]) -> None:
    assert {path.stem for path in FOLDER.glob("*.webp")} == set(KINDS) == set(figures)


@pytest.mark.parametrize("name", KINDS)
def test_a_strip_is_of_the_picture_that_lies_here(name: str, figures: dict[str, Any]) -> None:
    assert figures[name]["kind"] == KINDS[name]
    assert figures[name]["digest"] == load_image(EXAMPLES / KINDS[name] / f"{name}.jpg").digest
