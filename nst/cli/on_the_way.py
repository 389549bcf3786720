"""What is kept of a painting while it is made: a preview, pictures that stay, a time-lapse, checkpoints."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from .checkpoints import CheckpointFile
from .output import KeptPictures, Preview

if TYPE_CHECKING:
    from ..painting.optimize import LiveProgress
    from ..painting.painting import Painting
    from ..pictures.picture import Picture


class OnTheWay:
    """As the options of every run ask for it.

    checkpoints: where they go.  Raises OutputError where a picture that stays would replace another file.
    """

    def __init__(
        self, painting: Painting, options: argparse.Namespace, checkpoints: CheckpointFile | None = None
    ) -> None:
        from ..pictures.time_lapse import TimeLapse

        self._painting, self._options, self._checkpoints = painting, options, checkpoints
        resumed = painting.recipe if getattr(options, "resume", False) else None
        self._preview, self._kept = Preview(options.output, resumed), None
        if options.keep_every:
            self._kept = KeptPictures(options.output, options.keep_every, painting.planned_iterations, resumed)
            self._kept.require_free()
        self._film = None if options.time_lapse is None else TimeLapse(painting.size)

    def after_step(self, progress: LiveProgress) -> None:
        """Write what is due.  Raises OutputError."""
        if self._options.preview_every and progress.iteration % self._options.preview_every == 0:
            self._preview.save(picture_of(self._painting))
        if self._kept is not None and self._kept.is_due(progress.iteration):
            self._kept.save(picture_of(self._painting), progress.iteration)
        if self._film is not None and self._film.is_due(progress.iteration, progress.iterations):
            self._film.add(progress.image())
        if self._checkpoints:
            self._checkpoints.after_step(self._painting)

    def when_stopped(self) -> None:
        """Before a picture is saved that is not finished: the checkpoint is that of the very last step."""
        if self._checkpoints:
            self._checkpoints.write(self._painting)

    def when_saved(self, *, complete: bool) -> None:
        """Behind the picture: the time-lapse is saved, and nobody will go on from the checkpoint of a finished one."""
        if self._film is not None:
            self._film.save(self._options.time_lapse)
        if self._checkpoints and complete:
            self._checkpoints.remove()

    def clean_up(self) -> None:
        """At the end, whatever it is: the preview goes."""
        self._preview.remove()


def picture_of(painting: Painting) -> Picture:
    """The picture of a painting that has made a step."""
    picture = painting.snapshot()
    assert picture is not None
    return picture
