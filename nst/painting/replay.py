"""A picture made again from what is embedded in it: its recipe, and the digests of what it was made of.

The same pictures on the same network, device and precision give the same picture, bit for bit.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from ..errors import DeviceError, ImageError, ModelError, NstError, shown, shown_name
from ..locations import EXAMPLES
from ..network.device import Compute, choose
from ..pictures.picture import MAX_SIDE, Picture
from ..pictures.reading import load_image
from ..task import role_name
from .backbone import Backbone, shared_backbone
from .painting import Painting, painting_of
from .provenance import Provenance
from .room import EVERYTHING
from .scene import side_to_read


def replay(
    picture: Picture | str | os.PathLike[str],
    inputs: Sequence[str | os.PathLike[str]] = (),
    *,
    backbone: Backbone | None = None,
) -> Painting:
    """Make a picture again from the recipe that is embedded in it.

    inputs: files that it was made of, in any order, and folders to look for them; default: the picture's folder,
    the current one, and the examples.
    backbone: default the shared one, on the device and in the precision of then where they are here.
    Raises RecipeError when the picture holds no recipe, ImageError when an input is missing or another one than
    it was, ModelError when the network is.
    """
    provenance = Provenance.of(picture)
    pictures = find_inputs(provenance, inputs or usual_places(None if isinstance(picture, Picture) else picture))
    compute = compute_of(provenance)
    return repaint(provenance, pictures, backbone or shared_backbone(str(compute.device), compute.precision))


def repaint(provenance: Provenance, inputs: dict[str, Picture], backbone: Backbone) -> Painting:
    """The same painting, up to the step that it was from.  inputs: role -> picture, as `find_inputs` gives them.

    Raises ModelError when the network is another one, ImageError when an input is.
    """
    model = backbone.model
    if model.digest != provenance.network:
        raise ModelError(
            f"{shown_name(provenance.name)} was made with {shown_name(provenance.backbone)} "
            f"{shown_name(provenance.network[:12])}, but this is "
            f"{model.backbone} {model.digest[:12]}: set NST_MODEL to a file of that network."
        )
    for role, (name, digest) in provenance.inputs.items():
        if role not in inputs or inputs[role].digest != digest:
            raise ImageError(
                f"The {_image_name(role)} is not {shown(name)}, of which {shown_name(provenance.name)} was made."
            )
    painting = painting_of(
        provenance.task, {role: inputs[role] for role in provenance.inputs}, provenance.recipe, backbone
    )
    painting.last_iteration = provenance.iteration
    if provenance.room != EVERYTHING:
        painting.settle(provenance.room)
    return painting


def find_inputs(provenance: Provenance, places: Sequence[str | os.PathLike[str]]) -> dict[str, Picture]:
    """The pictures that something was made of, by role, among these files and in these folders.

    A file is known by what it shows, so it may have another name than then; in a folder, only files of the
    recorded names are looked at.  Raises ImageError that says which one is missing or is another picture now.
    """
    digests = {digest for _, digest in provenance.inputs.values()}
    names = sorted({Path(name).name for name, _ in provenance.inputs.values()})
    sides = sorted({MAX_SIDE, side_to_read(provenance.recipe)}, reverse=True)  # the page reads no more than the first
    candidates = [pair for place in places for most in sides for pair in _pictures_at(Path(place), names, most)]
    by_digest = {picture.digest: picture for _, picture in reversed(candidates)}
    others = [path for path, picture in candidates if picture.digest not in digests]
    for role, (name, digest) in provenance.inputs.items():
        if digest in by_digest:
            continue
        if suspects := [path for path in others if path.name == name] or others:
            raise ImageError(
                f"{shown(str(suspects[0]))} is not the {_image_name(role)} that {shown_name(provenance.name)} was made "
                "of, or was changed since."
            )
        raise ImageError(
            f"The {_image_name(role)} of {shown_name(provenance.name)} was {shown(name)}: name that file, or its "
            "folder."
        )
    return {role: by_digest[digest] for role, (_, digest) in provenance.inputs.items()}


def _pictures_at(place: Path, names: Sequence[str], most: int) -> Iterator[tuple[Path, Picture]]:
    """The file itself, or of a folder the readable files of these names.  most: pixels of a side that is read."""
    if not place.is_dir():
        yield place, load_image(place, most)
        return
    for name in names:
        with suppress(NstError):
            yield place / name, load_image(place / name, most)


def usual_places(picture: str | os.PathLike[str] | None) -> list[Path]:
    """Folders where the inputs of a picture are looked for, when nobody names any."""
    beside = [] if picture is None else [Path(picture).parent]
    return [*beside, Path(), *(EXAMPLES / kind for kind in ("content", "style", "mask"))]


def compute_of(provenance: Provenance, device: str = "auto", precision: str = "auto") -> Compute:
    """Where to make it again: "auto" is where it was made, or, if that is not here, the best that is."""
    try:
        return choose(
            provenance.device if device == "auto" else device,
            provenance.precision if precision == "auto" else precision,
        )
    except DeviceError:
        return choose(device, precision)


def describe_difference(ours: Picture, theirs: Picture) -> str:
    """How alike two pictures are once saved with 8 bits a color, in words that follow "they are".

    ours: of any size.  theirs: as it was read from a file, so one of more than `MAX_SIDE` px was reduced to that.
    """
    if max(theirs.width, theirs.height) == MAX_SIDE < max(ours.width, ours.height):
        return f"{describe_difference(ours.resized((theirs.width, theirs.height)), theirs)}, at {MAX_SIDE} px"
    if (ours.width, ours.height) != (theirs.width, theirs.height):
        return "of different sizes"
    a, b = (np.asarray(picture.to_pil(), dtype=np.int16) for picture in (ours, theirs))
    if a.shape == b.shape and (a == b).all():
        return "the same, bit for bit"
    apart = np.abs(a[..., :3] - b[..., :3])
    return f"not the same: {apart.mean():.2g} of 255 apart on average, {apart.max()} at most"


def _image_name(role: str) -> str:
    """What the image of a role is called: "style 2 image", "init image"."""
    return role_name(role) + ("" if role == "init_image" else " image")
