"""How a picture was made, as its file says: the recipe, the digests of what it was made of, and where."""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass
from typing import Any

import torch

from ..errors import ImageError, RecipeError, shown_name
from ..network.device import Compute
from ..pictures.picture import Picture
from ..pictures.reading import load_image
from ..recipe import REFERENCE_SIZE, STRENGTH, Recipe, setting
from ..task import TASKS, TaskName
from ..version import VERSION
from .room import EVERYTHING, Room
from .schedule import scale_sizes

ADDED = {"content_target": "own", "spectral_decay": 0.0}
"""Settings that came later than the first pictures, with what those were made by where that is not the default."""

SIZE_EXPONENT_BEFORE = 0.65
"""How the content's weight grew with the size, at all sizes, up to version 0.3."""


@dataclass(frozen=True)
class Provenance:
    """How a picture was made.  Read it with `Provenance.of`.

    inputs: role -> name and digest of what it was made of.  network: the digest of the backbone's weights.
    device, precision, torch, program: where.  iteration: the step it is from, of so many iterations.
    """

    name: str
    task: TaskName
    recipe: Recipe
    inputs: dict[str, tuple[str, str]]
    network: str
    backbone: str
    device: str
    precision: str
    torch: str
    program: str
    iteration: int
    room: Room
    iterations: int

    @property
    def is_complete(self) -> bool:
        """True unless it was stopped, or saved on the way."""
        return self.iteration == self.iterations

    @classmethod
    def of(cls, source: Picture | str | os.PathLike[str]) -> Provenance:
        """From a picture, or its file.  Raises ImageError, and RecipeError when it holds no recipe."""
        picture = source if isinstance(source, Picture) else load_image(source)
        task, recipe = recipe_in(picture)
        embedded = picture.provenance or {}
        try:
            inputs = {role: (str(file["name"]), str(file["digest"])) for role, file in embedded["inputs"].items()}
            if not set(TASKS[task].roles) >= set(inputs) >= set(TASKS[task].inputs):
                raise ValueError
            return cls(
                name=picture.name,
                task=task,
                recipe=recipe,
                inputs=inputs,
                network=str(embedded["backbone"]["digest"]),
                backbone=str(embedded["backbone"]["name"]),
                device=str(embedded["device"]),
                precision=str(embedded["precision"]),
                torch=str(embedded["torch"]),
                program=str(embedded["program"]),
                iteration=int(embedded["iterations"][0]),
                room=Room.from_json(embedded["room"]) if "room" in embedded else EVERYTHING,
                iterations=int(embedded["iterations"][1]),
            )
        except (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError):
            raise RecipeError(
                f"{shown_name(picture.name)} holds a recipe, but does not say what it was made of."
            ) from None

    def differences(self, compute: Compute) -> list[str]:
        """What is not as it was, in words, but for the network: each can make single strokes go elsewhere."""
        pairs = (
            ("the program", self.program, f"gramarye {VERSION}"),
            ("PyTorch", self.torch, torch.__version__),
            ("the device", self.device, str(compute.device)),
            ("the precision", self.precision, compute.precision),
        )
        return [f"{what} was {shown_name(then)} and is {now}" for what, then, now in pairs if then != now]


def recipe_in(picture: Picture) -> tuple[TaskName, Recipe]:
    """The task and the recipe that a picture made by this project holds; RecipeError when it holds none."""
    embedded: dict[str, Any] | None = picture.provenance
    if embedded is None:
        raise RecipeError(
            f"{shown_name(picture.name)} holds no recipe: only pictures made with Gramarye do, and only as first saved."
        )
    if embedded["task"] not in TASKS:
        raise RecipeError(f"{shown_name(picture.name)} was made with a task that is unknown here.")
    recipe = Recipe.from_json({**ADDED, **embedded["recipe"]})
    if _is_before_0_4(str(embedded.get("program"))):
        recipe = _weighed_as_before(recipe, _final_side(embedded, recipe, picture))
    return embedded["task"], recipe


def _is_before_0_4(program: str) -> bool:
    """program: "gramarye 0.3.0", or "pastiche 0.2.1" as it was called."""
    version = re.search(r"\b(\d{1,4})\.(\d{1,4})\b", program)
    return version is not None and (int(version[1]), int(version[2])) < (0, 4)


def _final_side(embedded: dict[str, Any], recipe: Recipe, picture: Picture) -> int:
    """The long side of the finished picture, also where this one is from a coarser scale: by what it was made of."""
    inputs = embedded.get("inputs")
    made_of = inputs.get("content") or inputs.get("style") if isinstance(inputs, dict) else None
    size = made_of.get("size") if isinstance(made_of, dict) else None
    if (
        not isinstance(size, list)
        or len(size) != 2
        or not all(isinstance(side, int) and 0 < side < 10**6 for side in size)
    ):
        return max(picture.width, picture.height)
    try:
        return max(scale_sizes(size[0], size[1], recipe)[-1])
    except ImageError:
        return max(picture.width, picture.height)


def _weighed_as_before(recipe: Recipe, long_side: int) -> Recipe:
    """With the `content_weight` that counts at this size as the recipe's own did up to version 0.3."""
    if recipe.loss != "relative" or not recipe.content_weight:
        return recipe
    before = math.pow(long_side / REFERENCE_SIZE, SIZE_EXPONENT_BEFORE)
    now = recipe.changed(content_weight=1.0, strength=STRENGTH).at_size(long_side).content_weight
    return recipe.changed(content_weight=min(recipe.content_weight * before / now, setting("content_weight").high))
