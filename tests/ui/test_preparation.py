"""From uploads and a recipe to a painting, and what is said where that can't be."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from nst.errors import ImageError, RecipeError
from nst.locations import EXAMPLES
from nst.pictures.picture import Picture
from nst.pictures.writing import save_image
from nst.recipe import Recipe
from nst.serving.cost import Cost
from nst.serving.limits import Limits
from nst.serving.local import LocalWorker
from nst.serving.speed import Speed
from nst.ui.preparation import OPENINGS, SOON, comfortable_recipe, prepare, recipe_of
from tests.conftest import smooth_picture


@pytest.fixture
def paths(tmp_path: Path) -> dict[Any, str | None]:
    sizes = {"content": (48, 40), "style": (40, 44)}
    return {role: str(save_image(smooth_picture(*sizes[role], seed=1), tmp_path / f"{role}.png")) for role in sizes}


def test_a_painting_is_made_of_the_uploads(worker: LocalWorker, paths: dict[Any, str | None]) -> None:
    painting = prepare(worker, "stylize", Recipe(size=32), {**paths, "mask": None})
    assert {role: picture.name for role, picture in painting.inputs.items()} == {
        "content": "content.png", "style": "style.png",
    }  # fmt: skip
    assert painting.size == (32, 27)


@pytest.mark.parametrize(
    ("missing", "message"),
    [({"content"}, "There is no content image yet"), ({"content", "style"}, "no content and no style image yet")],
)
def test_what_is_missing_is_named(
    worker: LocalWorker, paths: dict[Any, str | None], missing: set[str], message: str
) -> None:
    with pytest.raises(ImageError, match=message):
        prepare(worker, "stylize", Recipe(), paths | dict.fromkeys(missing))


def test_an_upload_that_was_swept_is_named(worker: LocalWorker, paths: dict[Any, str | None]) -> None:
    Path(str(paths["style"])).unlink()
    with pytest.raises(ImageError, match=r"style.png is no longer here, as uploads are deleted after some hours"):
        prepare(worker, "stylize", Recipe(), paths)


def timed(worker: LocalWorker, operations: float) -> Any:
    """A worker that does so many operations a second."""
    return SimpleNamespace(backbone=worker.backbone, limits=Limits(None, Speed(0.0, 0.0, operations)))


def test_the_page_opens_with_the_best_recipe_that_is_there_in_half_a_minute(worker: LocalWorker) -> None:
    names = {"content": "colosseum.jpg", "style": "starry_night.jpg"}
    inputs: dict[Any, str | None] = {role: str(EXAMPLES / role / name) for role, name in names.items()}
    openings = [Recipe.preset(preset, size=size) for preset, size in OPENINGS]
    costs = [Cost.of(prepare(worker, "stylize", recipe, inputs)).operations for recipe in openings]
    assert costs == sorted(costs, reverse=True)
    for recipe, cost in zip(openings, costs, strict=True):
        just_fast_enough = timed(worker, 1.01 * cost / SOON)
        assert comfortable_recipe(just_fast_enough, "stylize", inputs) == recipe
    assert comfortable_recipe(timed(worker, costs[-1] / SOON / 10), "stylize", inputs) == openings[-1]


def test_a_processor_that_nobody_has_timed_opens_with_a_quick_one(
    worker: LocalWorker, paths: dict[Any, str | None]
) -> None:
    assert comfortable_recipe(worker, "stylize", paths) == Recipe.preset("fast", size=384)


def test_a_picture_without_a_recipe_or_of_another_task_is_refused(tmp_path: Path) -> None:
    picture = smooth_picture(32, 32, seed=1)
    with pytest.raises(RecipeError, match=r"plain.png holds no recipe: only pictures made with Gramarye do"):
        recipe_of(save_image(picture, tmp_path / "plain.png"), "stylize")
    provenance = {"task": "synthesize", "recipe": Recipe().to_json(), "inputs": {}}
    other = save_image(Picture(picture.rgb, provenance=provenance), tmp_path / "other.png")
    with pytest.raises(RecipeError, match=r"other.png was made with 'synthesize'"):
        recipe_of(other, "stylize")
    assert recipe_of(other, "synthesize") == Recipe()
