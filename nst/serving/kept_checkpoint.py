"""The latest checkpoint of a job that is computed elsewhere, kept here so that it goes on when that place is gone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PART_BYTES = 8_000_000
"""How large the parts are in which a checkpoint is sent."""


class KeptCheckpoint:
    """A checkpoint as a file, which is replaced whole; and where the job was when it was made.

    iteration, frames: the steps, and the frames of the time-lapse, that a job has behind it that begins there; 0 where
    there is none yet.  deaths: how many of those who computed the job have died.
    """

    def __init__(self, path: Path) -> None:
        """path: of a file that is nobody else's."""
        self._path, self._part = path, path.with_suffix(".part")
        self.iteration = self.frames = self.deaths = 0

    def add(self, data: bytes, *, is_last: bool, iteration: int, frames: int) -> None:
        """Take in a part of the next one, which counts when its last part is here.

        Where it can't be written, the one before stays.
        """
        try:
            with self._part.open("ab") as file:
                file.write(data)
            if is_last:
                self._part.replace(self._path)
                self.iteration, self.frames = iteration, frames
        except OSError:
            self.begin()

    def begin(self) -> None:
        """What has come of the next one is given up."""
        with suppress(OSError):
            self._part.unlink()

    def parts(self) -> Iterator[bytes]:
        """What is kept, piece by piece; nothing where there is none."""
        if self.iteration:
            with self._path.open("rb") as file:
                while data := file.read(PART_BYTES):
                    yield data

    def remove(self) -> None:
        """The job is over."""
        self.begin()
        with suppress(OSError):
            self._path.unlink()
