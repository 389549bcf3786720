"""A picture made again from what is embedded in it: its recipe, and the digests of what it was made of.

The same pictures on the same network, device and precision give the same picture, bit for bit.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from ..errors import DeviceError, ImageError, ModelError, NstError, RecipeError
from ..locations import EXAMPLES
from ..network.device import Compute, choose
from ..pictures.picture import Picture
from ..pictures.reading import load_image
from ..recipe import INPUTS, OPTIONAL_INPUTS, TASKS, Recipe
from ..version import VERSION
from .backbone import Backbone, shared_backbone
from .painting import Run, from_inputs


def recipe_in(picture: Picture) -> tuple[str, Recipe]:
    """The task and the recipe that a picture made by this project holds; RecipeError when it holds none."""
    made, name = picture.provenance, picture.name
    if made is None:
        raise RecipeError(f"{name} holds no recipe: only pictures that were made here do, and only as first saved.")
    if made["task"] not in TASKS:
        raise RecipeError(f"{name} was made with a task that is unknown here.")
    return made["task"], Recipe.from_json(made["recipe"])


@dataclass(frozen=True)
class Record:
    """How a picture was made, as its file says.  Read it with `Record.of`.

    inputs: role -> name and digest of what it was made of.  network: the digest of the backbone's weights.
    device, precision, torch, program: where.  iteration: the step it is from.
    """

    name: str
    task: str
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
    def of(cls, source: Picture | str | os.PathLike[str]) -> Record:
        """From a picture, or its file.  Raises ImageError, and RecipeError when it holds no recipe."""
        picture = source if isinstance(source, Picture) else load_image(source)
        task, recipe = recipe_in(picture)
        made = picture.provenance or {}
        try:
            inputs = {role: (str(facts["name"]), str(facts["digest"])) for role, facts in made["inputs"].items()}
            allowed = {*INPUTS[task], *OPTIONAL_INPUTS[task]}
            if not allowed >= set(inputs) >= set(INPUTS[task]):
                raise ValueError
            return cls(
                picture.name, task, recipe, inputs, str(made["backbone"]["digest"]), str(made["backbone"]["name"]),
                str(made["device"]), str(made["precision"]), str(made["torch"]), str(made["program"]),
                int(made["iterations"][0]),
            )  # fmt: skip
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            raise RecipeError(f"{picture.name} holds a recipe, but does not say what it was made of.") from None

    def find(self, places: Sequence[str | os.PathLike[str]]) -> dict[str, Picture]:
        """The pictures that it was made of, by role, among these files and in these folders.

        A file is known by what it shows, so it may have another name than then; in a folder, only files of the
        recorded names are looked at.  Raises ImageError that says which one is missing or is another picture now.
        """
        names = sorted({Path(name).name for name, _ in self.inputs.values()})
        seen = [pair for place in places for pair in _pictures(Path(place), names)]
        by_digest = {picture.digest: picture for _, picture in reversed(seen)}
        strangers = [path for path, picture in seen if picture.digest not in {d for _, d in self.inputs.values()}]
        for role, (name, digest) in self.inputs.items():
            if digest in by_digest:
                continue
            if near := [path for path in strangers if path.name == name] or strangers:
                raise ImageError(
                    f"{str(near[0])!r} is not the {_words(role)} that {self.name} was made of, or was changed since."
                )
            raise ImageError(f"The {_words(role)} of {self.name} was {name!r}: name that file, or its folder.")
        return {role: by_digest[digest] for role, (_, digest) in self.inputs.items()}

    def compute(self, device: str = "auto", precision: str = "auto") -> Compute:
        """Where to make it again: "auto" is where it was made, or, if that is not here, the best that is."""
        try:
            return choose(
                self.device if device == "auto" else device, self.precision if precision == "auto" else precision
            )
        except DeviceError:
            return choose(device, precision)

    def differences(self, compute: Compute) -> list[str]:
        """What is not as it was, in words, but for the network: each can make single strokes go elsewhere."""
        pairs = (
            ("the program", self.program, f"pastiche {VERSION}"),
            ("PyTorch", self.torch, torch.__version__),
            ("the device", self.device, str(compute.device)),
            ("the precision", self.precision, compute.precision),
        )
        return [f"{what} was {then} and is {now}" for what, then, now in pairs if then != now]

    def run(self, inputs: dict[str, Picture], backbone: Backbone) -> Run:
        """Make it again, up to the step that it was from.  Raises ModelError when the network is another one."""
        if backbone.model.digest != self.network:
            raise ModelError(
                f"{self.name} was made with {self.backbone} {self.network[:12]}, but this is {backbone.model.backbone} "
                f"{backbone.model.digest[:12]}: set NST_MODEL to a file of that network."
            )
        for role, (name, digest) in self.inputs.items():
            if role not in inputs or inputs[role].digest != digest:
                raise ImageError(f"The {_words(role)} is not {name!r}, of which {self.name} was made.")
        run = from_inputs(self.task, {role: inputs[role] for role in self.inputs}, self.recipe, backbone)
        run.last = self.iteration
        return run


def replay(
    picture: Picture | str | os.PathLike[str],
    inputs: Sequence[str | os.PathLike[str]] = (),
    *,
    backbone: Backbone | None = None,
) -> Run:
    """Make a picture again from the recipe that is embedded in it.

    inputs: files that it was made of, in any order, and folders to look for them; default: the picture's folder,
    the current one, and the examples.
    backbone: default the shared one, on the device and in the precision of then where they are here.
    Raises RecipeError when the picture holds no recipe, ImageError when an input is missing or another one than
    it was, ModelError when the network is.
    """
    record = Record.of(picture)
    found = record.find(inputs or usual_places(None if isinstance(picture, Picture) else picture))
    compute = record.compute()
    return record.run(found, backbone or shared_backbone(str(compute.device), compute.precision))


def usual_places(picture: str | os.PathLike[str] | None) -> list[Path]:
    """Folders where the inputs of a picture are looked for, when nobody names any."""
    beside = [] if picture is None else [Path(picture).parent]
    return [*beside, Path(), EXAMPLES / "content", EXAMPLES / "style"]


def compare(ours: Picture, theirs: Picture) -> str:
    """How alike two pictures are once saved with 8 bits a color, in words that follow "they are"."""
    if (ours.width, ours.height) != (theirs.width, theirs.height):
        return "of different sizes"
    a, b = (np.asarray(picture.to_pil(), dtype=np.int16) for picture in (ours, theirs))
    if a.shape == b.shape and (a == b).all():
        return "the same, bit for bit"
    apart = np.abs(a[..., :3] - b[..., :3])
    return f"not the same: {apart.mean():.2g} of 255 apart on average, {apart.max()} at most"


def _pictures(place: Path, names: Sequence[str]) -> list[tuple[Path, Picture]]:
    """The file itself, or of a folder the readable files of these names."""
    if not place.is_dir():
        return [(place, load_image(place))]
    found = []
    for name in names:
        with suppress(NstError):
            found.append((place / name, load_image(place / name)))
    return found


def _words(role: str) -> str:
    return role.replace("_", " ") + ("" if role == "init_image" else " image")
