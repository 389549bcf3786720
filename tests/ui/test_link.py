"""A link says what differs from a preset and which examples are meant, and nothing in it is trusted."""

from __future__ import annotations

from typing import Any

import pytest

from nst.errors import RecipeError
from nst.locations import EXAMPLES
from nst.pictures.picture import Picture
from nst.pictures.reading import load_image
from nst.recipe import Recipe
from nst.task import TaskName
from nst.ui.languages import ENGLISH
from nst.ui.link import LONGEST, link_query, read_link
from tests.conftest import smooth_picture


def example(role: str, name: str) -> Picture:
    return load_image(EXAMPLES / role / f"{name}.jpg")


def test_it_says_what_differs_from_the_preset_and_names_examples() -> None:
    inputs: dict[Any, Picture] = {"content": example("content", "colosseum"), "style": example("style", "starry_night")}
    query = link_query("stylize", Recipe.preset("fast", strength=60), inputs)
    assert query == "?task=stylize&preset=fast&strength=60&content=colosseum&style=starry_night"


def test_another_picture_of_an_examples_name_is_to_be_brought() -> None:
    rgb = smooth_picture(32, 32, seed=1).rgb
    inputs: dict[Any, Picture] = {
        "content": Picture(rgb, name="colosseum.jpg"),
        "style": Picture(rgb, name="a&b=c.png"),
    }
    query = link_query("stylize", Recipe(), inputs)
    assert query == "?task=stylize&preset=balanced&content=yours&style=yours"
    linked = read_link(query, "stylize")
    assert linked is not None
    assert (linked.images, linked.wanted) == ({}, ("content", "style"))
    assert linked.caption("stylize", ENGLISH).endswith("Bring your own content and style, then press Paint.")


@pytest.mark.parametrize(
    ("task", "recipe"),
    [
        (
            "stylize",
            Recipe.preset("fast", size=700, upscale=True, style_taps=("conv1", "conv9"), style_blend=(1, 0.25)),
        ),
        ("stylize", Recipe.preset("article", content_weight=0.3, learning_rate=1e-05, colors="luminance")),
        ("synthesize", Recipe.preset("balanced", "synthesize", border="zeros", seed=2**32 - 1)),
        ("reconstruct", Recipe.preset("balanced", "reconstruct", content_taps=("conv9",))),
    ],
)
def test_what_is_written_is_read_again(task: TaskName, recipe: Recipe) -> None:
    linked = read_link(link_query(task, recipe, {}), task)
    assert linked is not None
    assert linked.recipe == recipe


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("?strength=101", "strength is 101: allowed is a number, 0 to 100"),
        ("?size=large", "size is 'large'"),
        ("?size=" + "9" * 1000, "size is "),
        ("?strength=nan", "strength is nan"),
        ("?upscale=1", "upscale is '1': allowed is true or false"),
        ("?preset=quick", "There is no preset 'quick'"),
        ("?task=forge", "There is no task 'forge'"),
        ("?stength=60", "Did you mean 'strength'"),
        ("?style_taps=conv99", "There is no layer for style_taps 'conv99'"),
        ("?content=../../etc/passwd", "There is no example of a content '../../etc/passwd'"),
        ("?content=/etc/passwd&style=http://elsewhere/a.jpg", "There is no example of a content"),
        ("?mask=colosseum", "There is no example of a mask 'colosseum'"),
        ("?content=", "There is no example of a content ''"),
        ("?size=64" + "&a=b" * 200, "more than 100 parts"),
        ("?a=" + "b" * LONGEST, "characters, and 3000 are the most"),
    ],
)
def test_what_is_wrong_is_said(query: str, message: str) -> None:
    with pytest.raises(RecipeError) as refusal:
        read_link(query, "stylize")
    assert message in str(refusal.value)
    assert len(str(refusal.value)) < 600


def test_a_setting_of_another_task_is_refused() -> None:
    with pytest.raises(RecipeError, match="There is no setting in the link 'strength'"):
        read_link("?task=synthesize&strength=60", "synthesize")


@pytest.mark.parametrize("query", ["", "?", "?__theme=dark", "?fbclid=abc&utm_source=x", "?%ff%00=1"])
def test_what_is_not_meant_for_the_page_is_passed_over(query: str) -> None:
    assert read_link(query, "stylize") is None
