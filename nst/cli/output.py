"""What a command may write: its output and its time-lapse, which are no inputs, and what lies beside the output on the
way, which replaces no file but its own."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import OutputError, UsageError
from ..pictures.file_identity import FileIdentity, identity_of

if TYPE_CHECKING:
    from ..pictures.picture import Picture
    from ..recipe import Recipe


def outputs_of(options: argparse.Namespace) -> dict[str, Path]:
    """Option -> file, of all that is to be written at the end.  options: those of every run."""
    files = {"-o": options.output, "--time-lapse": options.time_lapse}
    return {option: path for option, path in files.items() if path is not None}


def require_places(options: argparse.Namespace, inputs: Iterable[Path], resumed: Recipe | None = None) -> None:
    """OutputError when what is to be written is one of the inputs, or a preview would replace somebody's file.

    options: those of every run.  resumed: the recipe of a run that may be one that is gone on with.
    Raises UsageError when picture and time-lapse would be one file.
    """
    require_no_input(options, inputs)
    if options.time_lapse is not None and os.path.abspath(options.time_lapse) == os.path.abspath(options.output):
        raise UsageError(f"--time-lapse and -o both name {str(options.output)!r}: give each a file of its own.")
    if options.preview_every:
        Preview(options.output, resumed).require_free()


def require_no_input(options: argparse.Namespace, inputs: Iterable[Path]) -> None:
    """OutputError when the output or the time-lapse is one of the inputs, under whatever name."""
    for path in inputs:
        for option, output in outputs_of(options).items():
            with suppress(OSError, ValueError):  # one of them does not exist, or can't
                if output.samefile(path):
                    raise OutputError(
                        f"{str(output)!r} is an input, and the picture would take its place: name another file with "
                        f"{option}."
                    )


def is_picture_of(path: Path, recipe: Recipe | None) -> bool:
    """True for a picture that says of itself that it was made by this recipe; False where there is no recipe."""
    if recipe is None:
        return False
    from PIL import Image

    from ..pictures.metadata import read_provenance

    try:
        with Image.open(path) as image:
            made_by = read_provenance(image)
    except Exception:  # Pillow's plugins raise whatever their format's parser raises
        return False
    return made_by is not None and made_by["recipe"] == json.loads(json.dumps(recipe.to_json()))


class Preview:
    """A picture beside the output, OUT.preview, that shows how far it has come, and goes when that is done.

    resumed: the recipe of a run that may be one that is gone on with: a preview of that may be there.
    """

    def __init__(self, output: Path, resumed: Recipe | None = None) -> None:
        self._resumed = resumed
        self.path = output.with_name(f"{output.stem}.preview{output.suffix}")
        self._written: FileIdentity | None = None

    def require_free(self) -> None:
        """OutputError when a file of that name is there that was not written here."""
        there = identity_of(self.path)
        if there is not None and there != self._written and not is_picture_of(self.path, self._resumed):
            raise OutputError(
                f"The preview {str(self.path)!r} would take the place of a file that this run did not write: "
                "move that one, or name another output with -o."
            )

    def save(self, picture: Picture) -> None:
        """Write it, or replace the one before.  Raises OutputError."""
        from ..pictures.writing import save_image

        self.require_free()
        save_image(picture, self.path)
        self._written = identity_of(self.path)

    def remove(self) -> None:
        """Delete it, if it was written here and is still that one."""
        with suppress(OSError):
            if self._written is not None and identity_of(self.path) == self._written:
                self.path.unlink()


class KeptPictures:
    """Numbered pictures beside the output, OUT.0010.png and so on, that show how it came to be, and stay.

    iterations: how many are planned, whose digits all numbers have.  resumed: as in `Preview`; pictures of that which
    are there are written again where the run comes to them.
    """

    def __init__(self, output: Path, every: int, iterations: int, resumed: Recipe | None = None) -> None:
        self._output, self._every, self._iterations, self._resumed = output, every, iterations, resumed

    def path(self, iteration: int) -> Path:
        """The file of the picture after so many iterations."""
        number = str(iteration).zfill(len(str(self._iterations)))
        return self._output.with_name(f"{self._output.stem}.{number}{self._output.suffix}")

    def require_free(self) -> None:
        """OutputError when a file of one of the names is there."""
        for iteration in range(self._every, self._iterations + 1, self._every):
            self._require_free(self.path(iteration))

    def is_due(self, iteration: int) -> bool:
        """Whether the picture after so many iterations is one of them."""
        return iteration % self._every == 0

    def save(self, picture: Picture, iteration: int) -> None:
        """Write one.  Raises OutputError."""
        from ..pictures.writing import save_image

        self._require_free(self.path(iteration))
        save_image(picture, self.path(iteration))

    def _require_free(self, path: Path) -> None:
        if identity_of(path) is not None and not is_picture_of(path, self._resumed):
            raise OutputError(
                f"The picture on the way {str(path)!r} would take the place of a file that this run did not write: "
                "move that one, or name another output with -o."
            )
