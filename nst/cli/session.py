"""One painting at the command line: shown, previewed, filmed, stopped by a signal, and saved as far as it came."""

from __future__ import annotations

import argparse
from functools import partial
from typing import TYPE_CHECKING

from ..errors import CostError
from .checkpoints import CheckpointFile
from .on_the_way import OnTheWay, picture_of
from .progress_bar import watched
from .signals import Interrupted, stopping
from .terminal import say

if TYPE_CHECKING:
    from ..painting.painting import Painting


def carry_out(painting: Painting, options: argparse.Namespace, checkpoints: CheckpointFile | None = None) -> int:
    """Paint and save; returns the exit code: 0, or 128 + the number of the signal that stopped it.

    options: those of every run.  The preview goes at the end, whatever that is; pictures on the way stay, and the
    time-lapse is saved after the picture.
    checkpoints: where they go; the file goes when the picture is finished and saved.
    Raises CostError when it is reckoned to take more memory than the device has, unless options.ignore_memory is set;
    Interrupted when it is stopped before the first step; and the errors of the painting and of saving.
    """
    from ..pictures.writing import save_image

    _fit_memory(painting, refuses=not options.ignore_memory)

    on_the_way = OnTheWay(painting, options, checkpoints)
    stop = partial(painting.stop, to_resume=True) if checkpoints else painting.stop
    with stopping(stop) as received:
        try:
            for progress in watched(painting, quiet=options.quiet, step_share=lambda: painting.step_share):
                on_the_way.after_step(progress)
            if painting.latest is None:
                assert received.number is not None
                raise Interrupted(received.number)
            complete = painting.latest.iteration in (painting.latest.iterations, painting.last_iteration)
            if not complete:
                on_the_way.when_stopped()
            save_image(picture_of(painting), options.output, dpi=options.dpi)
            on_the_way.when_saved(complete=complete)
        finally:
            on_the_way.clean_up()
    progress = painting.latest
    if progress.note:
        say(f"note: {progress.note}")
    if complete:
        say(f"{options.output}: done in {progress.seconds:.1f} s.")
        return 0
    assert received.number is not None
    where = f"stopped at step {progress.iteration} of {progress.iterations}"
    say(f"{options.output}: {where} in {progress.seconds:.1f} s.")
    if checkpoints and checkpoints.is_kept:
        say(f"{checkpoints.path}: the same command with --resume goes on from there.")
    return 128 + received.number


def _fit_memory(painting: Painting, *, refuses: bool) -> None:
    from ..serving.host import usable_memory
    from ..serving.limits import Limits

    usable = usable_memory(painting.backbone.compute.device, command=True)
    try:
        Limits(bytes=usable, refuses=refuses).check(painting)
    except CostError as error:
        raise CostError(f"{error} With --ignore-memory it is begun all the same.") from None
