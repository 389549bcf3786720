"""`gramarye batch`: many photographs in one style, one in many, or each of many in each of many."""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import CostError
from ..pictures.finding import find_images
from ..serving.pairs import PAIR_MODES, pair_up, require_no_start
from .loading import uncollected
from .options import (
    Once,
    add_compute_options,
    add_engine_options,
    add_recipe_options,
    add_restraint_options,
    engine_of,
    recipe_of,
    require_compute_names,
    unusual_weights,
)
from .progress_bar import watched
from .signals import exiting, stopping
from .terminal import say

if TYPE_CHECKING:
    from ..painting.backbone import Backbone
    from ..serving.batch import Result
    from ..serving.easel import Easel
    from ..serving.engine import Engine

ABOUT_PLACES = "a file, a folder of them, or a pattern in quotes; several, and more than once"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Where the images are, where the pictures go, and the options of a painting."""
    for role, about in (("content", "what to paint"), ("style", "in what style")):
        parser.add_argument(
            f"--{role}",
            metavar="IMAGES",
            nargs="+",
            action="extend",
            required=True,
            default=argparse.SUPPRESS,
            help=f"{about}: {ABOUT_PLACES}",
        )
    parser.add_argument(
        "-o",
        "--out",
        metavar="FOLDER",
        type=Path,
        action=Once,
        required=True,
        default=argparse.SUPPRESS,
        help="the folder of the pictures, which are called CONTENT-STYLE.png, and of index.html, which shows them all",
    )
    parser.add_argument(
        "--pairs",
        choices=PAIR_MODES,
        default="all",
        help="all: each content in each style; zip: the first content in the first style, the second in the second",
    )
    add_compute_options(parser)
    add_engine_options(parser)
    add_restraint_options(parser)
    add_recipe_options(parser, "stylize", without=("style_blend",))
    parser.set_defaults(task="stylize")


def run(options: argparse.Namespace) -> int:
    """Paint what is not there yet, and return the exit code: 0 when all is there, 2 when some of it failed."""
    began = time.monotonic()
    require_compute_names(options)
    engine = engine_of(options)
    recipe = recipe_of(options)
    require_no_start(recipe)
    pairs = pair_up(find_images(options.content), find_images(options.style), options.out, options.pairs)
    for weight in unusual_weights(options):
        say(f"note: {weight}.")
    with exiting(), uncollected():
        from ..network.build import ensure_model
        from ..serving.batch import Batch
    results: list[Result] = []
    reporter = Reporter(len(pairs), quiet=options.quiet)
    with _easel(engine, ensure_model(say=say), options) as (backbone, easel):
        batch = Batch(pairs, recipe, backbone, easel=easel)
        try:
            with stopping(batch.stop) as received:
                for result in batch.results(partial(watched, quiet=options.quiet, one_of_many=True)):
                    results.append(result)
                    reporter.tell(result)
        finally:
            reporter.sum_up(results, batch.sheet.path, time.monotonic() - began)
    if len(results) < len(pairs):
        assert received.number is not None
        say("Stopped: the same command goes on from here.")
        return 128 + received.number
    return 2 if any(result.error for result in results) else 0


@contextmanager
def _easel(engine: Engine, model: Path, options: argparse.Namespace) -> Iterator[tuple[Backbone, Easel]]:
    """What paints, and its network; it is said which that is."""
    with exiting(), uncollected():
        from ..painting.backbone import Backbone
        from ..serving.easel import LocalEasel, WorkersEasel
        from ..serving.host import usable_memory
        from ..serving.limits import Limits
    if engine.name == "local":
        backbone = Backbone.open(model, options.device, options.precision)
        say(str(backbone))
        usable = usable_memory(backbone.compute.device, command=True)
        yield backbone, LocalEasel(backbone, Limits(bytes=usable, refuses=not options.ignore_memory))
        return
    from ..serving.ray_worker import RayWorker

    with closing(
        RayWorker.open(model, options.device, options.precision, engine, refuses=not options.ignore_memory)
    ) as worker:
        say(str(worker))
        yield worker.backbone, WorkersEasel(worker, worker.workers)


class Reporter:
    """What is said of the pairs as they come, and of all of them at the end.  quiet: only what failed, and the end."""

    def __init__(self, pairs: int, *, quiet: bool) -> None:
        self._pairs, self._quiet = pairs, quiet
        self._count = 0
        self._culprits: set[Path | None] = set()

    def tell(self, result: Result) -> None:
        """A line, but for what was done before, and for a file of which it was said before that it can't be used."""
        self._count += 1
        where = f"{self._count}/{self._pairs} {result.pair.name}"
        if result.error is not None and result.culprit not in self._culprits:
            self._culprits.add(result.culprit)
            say(f"{where}: failed: {_sentence(result)}")
        if result.state == "painted" and not self._quiet:
            say(f"{where}: done in {result.seconds:.1f} s")
        if result.note:
            say(f"{where}: note: {result.note}")

    def sum_up(self, results: Sequence[Result], sheet: Path, seconds: float) -> None:
        """How many there are of each kind, and each file at fault with its sentence."""
        states = Counter(result.state for result in results)
        counts = f"{states['painted']} painted, {states['done before']} done before, {states['failed']} failed"
        say(f"{len(results)} of {self._pairs}: {counts} in {seconds:.0f} s; {sheet} shows them.")
        at_fault: dict[Path | None, list[Result]] = {}
        for result in results:
            if result.error is not None:
                at_fault.setdefault(result.culprit, []).append(result)
        for culprit, failures in at_fault.items():
            count = "1 picture" if len(failures) == 1 else f"{len(failures)} pictures"
            say(f"failed: {culprit} ({count}): {_sentence(failures[0])}")


def _sentence(result: Result) -> str:
    advice = " With --ignore-memory it is begun all the same." if isinstance(result.error, CostError) else ""
    return f"{result.error}{advice}"
