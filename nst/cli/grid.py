"""`gramarye grid`: one photograph in several styles, or over values of one or two settings, as one sheet."""

from __future__ import annotations

import argparse
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import CostError, OutputError, UsageError, shown
from ..pictures.file_identity import identity_of
from ..pictures.finding import find_images
from ..serving.axes import EXAMPLE, MOST_CELLS, SIZE, Axis, Cell, Plan, parse_axis, plan_series
from ..serving.pairs import in_order
from ..spoken_time import spoken_time
from .batch import ABOUT_PLACES
from .loading import uncollected
from .options import (
    Once,
    add_compute_options,
    add_recipe_options,
    add_restraint_options,
    recipe_of,
    require_compute_names,
    unusual_weights,
)
from .output import is_picture_of, require_no_input
from .progress_bar import watched
from .signals import exiting, stopping
from .terminal import say

if TYPE_CHECKING:
    from ..pictures.picture import Picture
    from ..serving.easel import Easel, Finished
    from ..serving.series import Series
    from ..serving.speed import Speed


def add_options(parser: argparse.ArgumentParser) -> None:
    """The photograph, its styles, what is varied, where the pictures go, and the options of a painting."""
    parser.add_argument(
        "--content",
        metavar="PHOTO",
        type=Path,
        action=Once,
        required=True,
        default=argparse.SUPPRESS,
        help="the photograph",
    )
    parser.add_argument(
        "--style",
        metavar="IMAGES",
        nargs="+",
        action="extend",
        required=True,
        default=argparse.SUPPRESS,
        help=f"the styles: {ABOUT_PLACES}",
    )
    parser.add_argument(
        "--vary",
        metavar="SETTING=VALUES",
        type=_axis,
        action="append",
        default=argparse.SUPPRESS,
        help=f"a setting and its values, {EXAMPLE}; those of settings that are lists are separated by semicolons; with "
        f"one style up to twice, with several once; {MOST_CELLS} pictures at most",
    )
    parser.add_argument(
        "-o", "--output", metavar="SHEET", type=Path, action=Once, default=Path("sheet.png"), help="the sheet"
    )
    parser.add_argument(
        "--cells",
        metavar="FOLDER",
        type=Path,
        action=Once,
        default=argparse.SUPPRESS,
        help="save each picture as well, with its recipe embedded, into this folder",
    )
    add_compute_options(parser)
    add_restraint_options(parser)
    add_recipe_options(parser, "stylize", without=("style_blend",), size=SIZE)
    parser.set_defaults(task="stylize", time_lapse=None)


def run(options: argparse.Namespace) -> int:
    """Paint all cells, and return the exit code: 0 when all are there, 2 when some failed."""
    began = time.monotonic()
    require_compute_names(options)
    axes: list[Axis] = getattr(options, "vary", [])
    _require_no_option(options, axes)
    options.size = getattr(options, "size", SIZE)
    styles = in_order(find_images(options.style))
    plan = plan_series([path.name for path in styles], axes, recipe_of(options))
    require_no_input(options, [options.content, *styles])
    for weight in unusual_weights(options):
        say(f"note: {weight}.")
    with exiting(), uncollected():
        from ..network.build import ensure_model
        from ..painting.backbone import Backbone
        from ..pictures.writing import check_output
        from ..serving.easel import LocalEasel
        from ..serving.host import usable_memory
        from ..serving.limits import Limits
        from ..serving.series import TIMED_SIDE, Series
        from ..serving.speed import Speed
    check_output(options.output)
    backbone = Backbone.open(ensure_model(say=say), options.device, options.precision)
    say(str(backbone))
    series = Series(plan, options.content, styles, backbone)
    usable = usable_memory(backbone.compute.device, command=True)
    easel = LocalEasel(backbone, Limits(bytes=usable, refuses=not options.ignore_memory))
    run = GridRun(series, plan, easel, options)
    run.require_free()
    with stopping(run.stop) as received:
        speed = Speed.measured(backbone, min(TIMED_SIDE, *series.size))
        run.paint(speed)
    run.sum_up(time.monotonic() - began)
    if received.number is not None and not run.is_whole:
        return 128 + received.number
    return 2 if series.failures else 0


class GridRun:
    """The cells of a series as they are painted at the command line, and what is said of them and written."""

    def __init__(self, series: Series, plan: Plan, easel: Easel, options: argparse.Namespace) -> None:
        self._series, self._plan, self._easel, self._options = series, plan, easel, options
        self._folder: Path | None = getattr(options, "cells", None)
        self._is_stopped = False

    @property
    def is_whole(self) -> bool:
        """Whether no cell is left that is neither done nor failed."""
        return self._series.count_done + len(self._series.failures) == len(self._series)

    def require_free(self) -> None:
        """OutputError where a picture would take the place of a file that no such run wrote; makes the folder."""
        if self._folder is None:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"The folder {shown(str(self._folder))} can't be made: {error.strerror}.") from None
        for cell in self._plan.cells:
            path = self._path(cell)
            if identity_of(path) is not None and not is_picture_of(path, cell.recipe):
                raise OutputError(
                    f"The picture {shown(str(path))} would take the place of a file that this run did not write: move "
                    "that one, or name another folder with --cells."
                )

    def stop(self) -> None:
        """Ask it to end soon; what is done stays."""
        self._is_stopped = True
        self._easel.stop()

    def paint(self, speed: Speed) -> None:
        """Each cell in its turn, until it is stopped.  Raises OutputError where nothing can be written."""
        seconds = self._series.seconds_left(speed)
        assert seconds is not None
        width, height = self._series.size
        if not self._options.quiet:
            say(f"{len(self._series)} pictures of up to {width}x{height} px: {spoken_time(seconds)}.")
        for cell in self._plan.cells:
            if self._is_stopped:
                return
            self._paint(cell, speed)

    def sum_up(self, seconds: float) -> None:
        """How many there are, and where they are."""
        series, failed = self._series, len(self._series.failures)
        counts = f"{series.count_done} of {len(series)} painted, {failed} failed in {seconds:.0f} s"
        say(f"{counts}; {self._options.output} shows them." if series.count_done else f"{counts}; nothing was written.")

    def _paint(self, cell: Cell, speed: Speed) -> None:
        from ..serving.tolerated import TOLERATED

        where = f"{cell.number + 1}/{len(self._series)} {cell.label}"
        try:
            finished = self._finished(cell)
        except TOLERATED as error:
            self._series.fail(cell, error)
            advice = " With --ignore-memory it is begun all the same." if isinstance(error, CostError) else ""
            say(f"{where}: failed: {error}{advice}")
            return
        if finished.picture is None or finished.progress is None:
            return
        seconds = finished.progress.seconds
        self._series.finish(cell, finished.picture, seconds)
        self._write(cell, finished.picture)
        if not self._options.quiet:
            left = self._series.seconds_left(speed)
            ahead = f", {spoken_time(left)} left" if left else ""
            say(f"{where}: done in {seconds:.1f} s{ahead}")

    def _finished(self, cell: Cell) -> Finished:
        """What has become of a cell; raises what it fails of."""
        painting = self._series.painting(cell)
        self._easel.begin(painting, partial(watched, quiet=self._options.quiet, one_of_many=True))
        if self._is_stopped:
            self._easel.stop()
        finished = self._easel.finished()
        if finished.error is not None:
            raise finished.error
        return finished

    def _write(self, cell: Cell, picture: Picture) -> None:
        from ..pictures.writing import save_image

        if self._folder is not None:
            save_image(picture, self._path(cell))
        save_image(self._series.sheet(self._options.content.name), self._options.output)

    def _path(self, cell: Cell) -> Path:
        assert self._folder is not None
        return self._folder / self._series.file_name(cell, self._options.content.name)


def _axis(text: str) -> Axis:
    try:
        return parse_axis(text)
    except ValueError as error:  # of which RecipeError is one; argparse hides what other errors say
        raise argparse.ArgumentTypeError(str(error)) from None


def _require_no_option(options: argparse.Namespace, axes: list[Axis]) -> None:
    """UsageError for a setting that is varied and given as well."""
    for axis in axes:
        if hasattr(options, axis.name):
            option = "--" + axis.name.replace("_", "-")
            raise UsageError(f"{option} and --vary {axis.name}=… exclude each other: give one of them.")
