"""From what a visitor or a client gives, uploads and a recipe, to a painting; and to a recipe from a picture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..errors import ImageError, RecipeError
from ..painting.painting import Painting, painting_of
from ..painting.provenance import recipe_in
from ..recipe import PresetName, Recipe
from ..serving.worker import Worker
from ..task import TASKS, Role, TaskName
from .readers import read
from .uploads import load_upload, require_here

SOON = 30.0
"""Seconds that a newcomer is to wait for the first picture at most."""

OPENINGS: tuple[tuple[PresetName, int], ...] = (("balanced", 512), ("fast", 512), ("fast", 384), ("fast", 256))
"""Preset and size that the page may open with, the best first."""

UNMEASURED = OPENINGS[2]


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
    """What the page opens with: the best of `OPENINGS` that is there soon, or the quickest of them.

    inputs: role -> path of those that the task needs.  Where nobody has measured how fast the device is, a processor
    opens with `UNMEASURED`, which two cores finish in time, and a GPU with the default.
    """
    recipes = [Recipe.preset(preset, task, size=size) for preset, size in OPENINGS]
    limits = worker.limits
    if limits is None or limits.speed is None:
        is_slow = worker.backbone.compute.device.type == "cpu"
        return Recipe.preset(UNMEASURED[0], task, size=UNMEASURED[1]) if is_slow else recipes[0]
    painting = prepare(worker, task, recipes[0], inputs)
    soon = (recipe for recipe in recipes if limits.speed.seconds(limits.cost(painting, recipe)) <= SOON)
    return limits.comfortable(prepare(worker, task, next(soon, recipes[-1]), inputs))


def recipe_of(path: str | Path, task: TaskName) -> Recipe:
    """The recipe that a picture made by this project holds; RecipeError when there is none, or for another task."""
    picture = load_upload(path)
    made_with, recipe = recipe_in(picture)
    if made_with != task:
        raise RecipeError(f"{picture.name} was made with {made_with!r}: load it in that tab.")
    return recipe
