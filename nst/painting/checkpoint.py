"""A run in the making as bytes or as a file, from which another process goes on as if nothing had happened.

It holds what the loop carries (`nst.painting.bookmark`) and what the run is of, so that it goes on with nothing else:
the targets are computed anew, which gives the same ones.
"""

from __future__ import annotations

import io
import json
import os
import re
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from ..errors import CheckpointError, OutputError, shown, shown_name
from ..pictures.picture import Size, area_of
from ..pictures.reading import reason
from ..pictures.writing import sync_folder
from ..task import role_name
from .room import HISTORY, Room
from .state import State, damaged, flattened
from .tensor_file import DamagedFileError, ForeignFileError, TensorFile, write_tensors

FORMAT = "1"
"""Which names a checkpoint's values have, and what they mean."""

FORMAT_KEY = "gramarye_checkpoint"

MOST_IMAGES = 2 * HISTORY + 8
"""More float32 images of a picture's size than a checkpoint of it has."""

Origin = Mapping[str, Any]
"""What a run is of and where it is computed, as `nst.painting.painting.Painting` says it in plain values."""


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """What was read.  name: where it came from, fit to be shown.  origin: of the run that it is of.

    room: what the run did without, and does when it goes on.  values: of the loop, by their names on all levels, as
    `nst.painting.state.Saved` reads them.
    """

    name: str
    origin: Origin
    room: Room
    values: dict[str, Tensor | float]

    def differences(self, origin: Origin) -> list[str]:
        """What is not as it was, in words, of what lets it go on but can make single strokes go elsewhere."""
        pairs = (("PyTorch", "torch"), ("the device", "device"))
        then_and_now = [(what, self.origin.get(key), origin[key]) for what, key in pairs]
        return [f"{what} was {shown_name(str(then))} and is {now}" for what, then, now in then_and_now if then != now]


def pack(origin: Origin, state: State) -> bytes:
    """A checkpoint in memory."""
    packed = io.BytesIO()
    _write(packed, origin, state)
    return packed.getvalue()


def save(path: str | os.PathLike[str], origin: Origin, state: State, *, lasting: bool = True) -> None:
    """A checkpoint as a file, which appears whole or not at all, also if the machine loses its power.

    It takes a block of memory: tensors pass one by one.  lasting: wait for the disk, without which it may not outlive
    a loss of power.  Raises OutputError.
    """
    path = Path(path)
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    try:
        with part.open("xb") as file:
            _write(file, origin, state)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        os.replace(part, path)
        if lasting:
            sync_folder(path.parent)
    except (OSError, ValueError) as error:
        raise OutputError(f"The checkpoint {str(path)!r} can't be written: {reason(error)}.") from None
    finally:
        with suppress(OSError, ValueError):
            part.unlink()


def remove_parts(path: Path) -> None:
    """Delete what processes left that were killed while they wrote a checkpoint of this name."""
    with suppress(OSError):
        for part in path.parent.iterdir():
            if re.fullmatch(re.escape(f".{path.name}.") + r"[0-9a-f]{32}\.part", part.name):
                part.unlink()


def read(source: bytes | str | os.PathLike[str], origin: Origin, size: Size) -> Checkpoint:
    """A checkpoint of the run that is of this origin, whose result has this size (width, height).

    It is safe whoever made it: nothing in it is run, and no more memory is taken than such a run has.
    Raises CheckpointError when it can't be read, is none, is damaged, or is of another run.
    """
    name = "The checkpoint" if isinstance(source, bytes) else f"The checkpoint {shown(str(source))}"
    with _open(source, name) as file:
        try:
            tensors = TensorFile(file)
            theirs, numbers = _about(tensors.metadata, name)
            _require_same_run(name, theirs, origin)
            if tensors.size > MOST_IMAGES * 12 * area_of(size) + (1 << 16):
                raise damaged(name, "there is more in it than such a run has")
            return Checkpoint(name, theirs, Room.from_json(theirs["room"]), {**numbers, **tensors.tensors()})
        except ForeignFileError:
            raise _foreign(name) from None
        except DamagedFileError as error:
            raise damaged(name, str(error)) from None
        except OSError as error:
            raise CheckpointError(f"{name} can't be read: {reason(error)}.") from None


def _write(file: io.BufferedIOBase, origin: Origin, state: State) -> None:
    values = dict(flattened(state))
    tensors = {name: value for name, value in values.items() if isinstance(value, Tensor)}
    numbers = {name: value for name, value in values.items() if not isinstance(value, Tensor)}
    texts = {"origin": json.dumps(origin), "numbers": json.dumps(numbers, allow_nan=False)}
    write_tensors(file, {FORMAT_KEY: FORMAT, **texts}, tensors)


def _open(source: bytes | str | os.PathLike[str], name: str) -> io.BufferedIOBase:
    if isinstance(source, bytes):
        return io.BytesIO(source)
    try:
        if not Path(source).is_file():
            raise CheckpointError(f"{name} is no file: check the path.")
        return Path(source).open("rb")
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{name} can't be read: {reason(error)}.") from None


def _about(metadata: Mapping[str, str], name: str) -> tuple[Origin, dict[str, Tensor | float]]:
    """What the run is of, and its numbers; they are as they were written, if by a stranger."""
    version = metadata.get(FORMAT_KEY)
    if version is None:
        raise _foreign(name)
    if version != FORMAT:
        raise CheckpointError(
            f"{name} has the format {shown(version)}, but this version of Gramarye reads {FORMAT!r}: go on with the "
            "version that wrote it, or begin anew with another file."
        )
    try:
        origin, numbers = json.loads(metadata["origin"]), json.loads(metadata["numbers"])
        told = (origin["task"], origin["program"], origin["precision"], origin["backbone"]["digest"])
        told += (origin["backbone"]["name"], *(text for file in origin["inputs"].values() for text in _told(file)))
        sound = isinstance(origin["recipe"], dict) and all(isinstance(text, str) for text in told)
        Room.from_json(origin["room"])
        if not sound or not all(isinstance(number, (int, float)) for number in numbers.values()):
            raise ValueError
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        raise damaged(name, "it does not say what it is of") from None
    return origin, numbers


def _foreign(name: str) -> CheckpointError:
    return CheckpointError(f"{name} is none that Gramarye wrote, or its beginning is damaged: name another file.")


def _told(file: Mapping[str, Any]) -> tuple[Any, Any]:
    return file["name"], file["digest"]


def _require_same_run(name: str, theirs: Origin, ours: Origin) -> None:
    """CheckpointError that says what is another one: nothing else could go on to the same picture."""
    if theirs["task"] != ours["task"]:
        raise CheckpointError(
            f"{name} is of the task {shown_name(theirs['task'])}, but this is {ours['task']}: give it that task, or "
            "begin anew with another file."
        )
    if theirs["program"] != ours["program"]:
        raise CheckpointError(
            f"{name} was written by {shown_name(theirs['program'])}, but this is {ours['program']}, whose steps may be "
            "others: go on with that version, or begin anew with another file."
        )
    then, now = theirs["backbone"], ours["backbone"]
    if then["digest"] != now["digest"]:
        raise CheckpointError(
            f"{name} is of a run on the network {shown_name(then['name'])} {shown_name(then['digest'][:12])}, but this "
            f"is {now['name']} {now['digest'][:12]}: set NST_MODEL to a file of that network, or begin anew with "
            "another file."
        )
    if theirs["precision"] != ours["precision"]:
        raise CheckpointError(
            f"{name} is of a run in {shown_name(theirs['precision'])}, but this is one in {ours['precision']}: choose "
            "that precision, or begin anew with another file."
        )
    if others := _other_settings(theirs["recipe"], ours["recipe"]):
        raise CheckpointError(
            f"{name} is of a run with another recipe ({'; '.join(others)}): give it the same settings, or begin anew "
            "with another file."
        )
    _require_same_inputs(name, theirs["inputs"], ours["inputs"])


def _other_settings(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> list[str]:
    """The first three settings that differ, in words."""
    names = [setting for setting in {**ours, **theirs} if theirs.get(setting) != ours.get(setting)]
    return [f"{shown_name(n)} was {shown(theirs.get(n))} and is {shown(ours.get(n))}" for n in names[:3]]


def _require_same_inputs(name: str, theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> None:
    if set(theirs) != set(ours):
        then, now = (", ".join(role_name(shown_name(role)) for role in inputs) for inputs in (theirs, ours))
        raise CheckpointError(
            f"{name} is of a run with other images ({then}) than this one has ({now}): give it the same ones, or begin "
            "anew with another file."
        )
    for role, file in theirs.items():
        if file["digest"] != ours[role]["digest"]:
            raise CheckpointError(
                f"{name} is of a run whose {role_name(role)} was {shown(file['name'])}, which "
                f"{shown_name(ours[role]['name'])} is not, or it was changed since: give it that image, or begin anew "
                "with another file."
            )
