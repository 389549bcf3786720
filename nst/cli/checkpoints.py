"""--checkpoint, --checkpoint-every and --resume: a long painting that outlives its process."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import OutputError, UsageError
from ..pictures.file_identity import FileIdentity, identity_of
from .options import Once, count
from .output import Preview, outputs_of
from .terminal import say

if TYPE_CHECKING:
    from ..painting.painting import Painting

EVERY = 60
"""Seconds from one checkpoint to the next: what a killed run has to make again, at most."""


def add_checkpoint_options(parser: argparse.ArgumentParser) -> None:
    """Where the checkpoints of a run go, how often, and whether to go on from one."""
    parser.add_argument(
        "--checkpoint",
        metavar="FILE",
        type=Path,
        action=Once,
        default=argparse.SUPPRESS,
        help="keep in FILE all that is needed to go on should the run be killed; it is deleted when the picture is "
        "saved",
    )
    parser.add_argument(
        "--checkpoint-every",
        metavar="SECONDS",
        type=count("whole number of seconds"),
        default=EVERY,
        help="write FILE so often; 0: after every step",
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        default=False,
        help="go on from the --checkpoint FILE; where there is none yet, begin",
    )


class CheckpointFile:
    """The file of a run's checkpoints.  Nothing is written before `after_step`; it replaces no file but its own."""

    def __init__(self, path: Path, every: float, clock: Callable[[], float] = time.monotonic) -> None:
        """every: seconds from the end of one writing to the next one, so that the run goes on in between."""
        self.path = path
        self._every, self._clock = every, clock
        self._written_at = clock()
        self._written: FileIdentity | None = None
        self._fault = ""

    @classmethod
    def asked_for(cls, options: argparse.Namespace, inputs: Iterable[Path]) -> CheckpointFile | None:
        """The one that the options name, None if they name none.  inputs: of the run.

        Raises OutputError where it can't be written or is there and not to be resumed from, and UsageError for --resume
        without a file.
        """
        path: Path | None = getattr(options, "checkpoint", None)
        if path is None:
            if options.resume:
                raise UsageError("--resume goes on from a checkpoint: name its file with --checkpoint FILE.")
            return None
        _require_place(path, [*outputs_of(options).values(), Preview(options.output).path, *inputs])
        if not options.resume and path.exists():
            raise OutputError(
                f"{str(path)!r} is there already: add --resume to go on from it, or name another --checkpoint file."
            )
        return cls(path, options.checkpoint_every)

    def begin(self, painting: Painting, *, resume: bool) -> None:
        """Before the first step: go on from the file, if that is asked for and there is one, and say so.

        Raises CheckpointError.
        """
        from ..painting.checkpoint import remove_parts

        remove_parts(self.path)
        if resume and self.path.exists():
            for difference in painting.resume(self.path):
                say(f"note: {difference}, so that single strokes can go elsewhere.")
            self._written = identity_of(self.path)
            say(f"{self.path}: going on from there.")
        elif resume:
            say(f"{self.path}: not there yet, so it begins at the first step.")

    def after_step(self, painting: Painting) -> None:
        """Write it when it is time to."""
        if self._clock() - self._written_at >= self._every:
            self.write(painting)

    def write(self, painting: Painting) -> None:
        """Write it now.  Where that fails, the one before stays, the painting goes on, and it is said once."""
        try:
            if painting.save_checkpoint(self.path):
                self._written = identity_of(self.path)
        except OutputError as error:
            if str(error) != self._fault:
                say(f"note: {error} The painting goes on without it.")
            self._fault = str(error)
        self._written_at = self._clock()

    @property
    def is_kept(self) -> bool:
        """True where there is one to go on from."""
        return self._written is not None

    def remove(self) -> None:
        """The picture is finished and saved: nobody will go on from here."""
        with suppress(OSError, OutputError):
            if self._written is not None and identity_of(self.path) == self._written:
                self.path.unlink()


def _require_place(path: Path, others: Iterable[Path]) -> None:
    """OutputError for one of the run's other files, and for a place where nothing can be written."""
    try:
        is_other = path.resolve() in [other.resolve() for other in others]
        is_folder, has_folder = path.is_dir(), path.parent.is_dir()
    except (OSError, ValueError, RuntimeError) as error:  # a name that is too long, or in a circle of links
        raise OutputError(f"The checkpoint {str(path)!r} can't be written: {error}.") from None
    if is_other:
        raise OutputError(f"{str(path)!r} is an input or the output as well: name another --checkpoint file.")
    if is_folder:
        raise OutputError(f"The checkpoint {str(path)!r} is a folder: name a file in it.")
    if not has_folder:
        raise OutputError(f"The folder {str(path.parent)!r} of the checkpoint does not exist: make it first.")
