"""From what a visitor or a client gives, uploads and a recipe, to a painting; and to a recipe from a picture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..errors import ImageError, RecipeError
from ..painting.painting import Painting, painting_of
from ..painting.provenance import recipe_in
from ..recipe import Recipe
from ..serving.worker import Worker
from ..task import TASKS, Role, TaskName
from .readers import read
from .uploads import load_upload, require_here


async def prepared(worker: Worker, task: TaskName, recipe: Recipe, paths: Mapping[Role, str | None]) -> Painting:
    """As `prepare`, by one of the readers."""
    return await read(prepare, worker, task, recipe, paths)


def prepare(worker: Worker, task: TaskName, recipe: Recipe, paths: Mapping[Role, str | None]) -> Painting:
    """A painting for a worker.  paths: of uploads, by role.

    Raises ImageError for an image that is missing, gone or unreadable, RecipeError for what can't be painted.
    """
    if missing := [role for role in TASKS[task].inputs if not paths[role]]:
        raise ImageError(f"There is no {' and no '.join(missing)} image yet: choose one, or drop one in.")
    given = {role: path for role, path in paths.items() if path}
    for path in given.values():
        require_here(path)  # all of them before any is decoded
    return painting_of(task, {role: load_upload(path) for role, path in given.items()}, recipe, worker.backbone)


def comfortable_recipe(worker: Worker, task: TaskName, inputs: Mapping[Role, str | None]) -> Recipe:
    """The default recipe, at a smaller size where the worker would take long for these inputs.

    inputs: role -> path of those that the task needs.
    """
    recipe = Recipe.preset(task=task)
    if worker.limits is None:
        return recipe
    return worker.limits.comfortable(prepare(worker, task, recipe, inputs))


def recipe_of(path: str | Path, task: TaskName) -> Recipe:
    """The recipe that a picture made by this project holds; RecipeError when there is none, or for another task."""
    picture = load_upload(path)
    made_with, recipe = recipe_in(picture)
    if made_with != task:
        raise RecipeError(f"{picture.name} was made with {made_with!r}: load it in that tab.")
    return recipe
