"""From uploads and a recipe to a painting, and what is said where that can't be."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from nst.errors import ImageError, RecipeError
from nst.painting.painting import Painting
from nst.pictures.picture import Picture
from nst.pictures.writing import save_image
from nst.recipe import Recipe
from nst.serving.local import LocalWorker
from nst.ui.preparation import comfortable_recipe, prepare, recipe_of
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


@dataclass(frozen=True)
class SlowWorker:
    """One that takes long for anything above 256 px."""

    backbone: Any

    @property
    def limits(self) -> Any:
        return self

    def comfortable(self, painting: Painting) -> Recipe:
        return painting.recipe.changed(size=256)


def test_a_slow_worker_opens_with_a_smaller_picture(worker: LocalWorker, paths: dict[Any, str | None]) -> None:
    slow: Any = SlowWorker(worker.backbone)
    assert comfortable_recipe(worker, "stylize", paths) == Recipe()
    assert comfortable_recipe(slow, "stylize", paths) == Recipe(size=256)


def test_a_picture_without_a_recipe_or_of_another_task_is_refused(tmp_path: Path) -> None:
    picture = smooth_picture(32, 32, seed=1)
    with pytest.raises(RecipeError, match=r"plain.png holds no recipe: only pictures made with Gramarye do"):
        recipe_of(save_image(picture, tmp_path / "plain.png"), "stylize")
    provenance = {"task": "synthesize", "recipe": Recipe().to_json(), "inputs": {}}
    other = save_image(Picture(picture.rgb, provenance=provenance), tmp_path / "other.png")
    with pytest.raises(RecipeError, match=r"other.png was made with 'synthesize'"):
        recipe_of(other, "stylize")
    assert recipe_of(other, "synthesize") == Recipe()
