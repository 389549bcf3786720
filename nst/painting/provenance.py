"""How a picture was made, as its file says: the recipe, the digests of what it was made of, and where."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import torch

from ..errors import RecipeError, shown_name
from ..network.device import Compute
from ..pictures.picture import Picture
from ..pictures.reading import load_image
from ..recipe import Recipe
from ..task import TASKS, TaskName
from ..version import VERSION

ADDED = {"content_target": "own"}
"""Settings that came later than the first pictures, with what those were made by where that is not the default."""


@dataclass(frozen=True)
class Provenance:
    """How a picture was made.  Read it with `Provenance.of`.

    inputs: role -> name and digest of what it was made of.  network: the digest of the backbone's weights.
    device, precision, torch, program: where.  iteration: the step it is from.
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
    return embedded["task"], Recipe.from_json({**ADDED, **embedded["recipe"]})
