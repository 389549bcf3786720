"""A visitor's series on its way through a worker: cell by cell, so that others have their turn between two of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path

import gradio as gr

from ..errors import BusyError, ClosedError, ImageError
from ..painting.painting import Painting
from ..pictures.picture import Picture
from ..pictures.writing import save_image, write_image
from ..serving.axes import Cell, Plan
from ..serving.job import Job
from ..serving.series import MAX_STEM, Series
from ..serving.speed import Speed
from ..serving.tolerated import TOLERATED
from ..serving.worker import Worker
from .readers import read_for
from .uploads import load_upload, require_here
from .visits import Visit
from .watch import watch

BUSY_SECONDS = 0.5
"""Between two tries to have the next cell taken while the line is full of others."""

GIVEN_UP = "The series was given up: nobody listened, or the server is closing. Start it again."


@dataclass(frozen=True)
class Step:
    """Something new of a series.

    cell: the one that is painted.  job: it, None when the cell is over, or waits for room in the line.
    """

    cell: Cell
    job: Job | None = None
    is_waiting: bool = False


@dataclass
class SeriesRun:
    """A series of a visitor.  content: the file of the photograph; styles: those of the plan, in its order.

    folder: for what is written.  speed: of the worker's device, None where it is not known.  pictures: number of a
    cell -> the file of its picture, with its recipe embedded.  images: the same as HTML, once it was shown.
    """

    series: Series
    content: Path
    styles: tuple[Path, ...]
    folder: Path
    speed: Speed | None
    pictures: dict[int, Path] = field(default_factory=dict)
    images: dict[int, str] = field(default_factory=dict)

    @property
    def plan(self) -> Plan:
        """What is to be painted."""
        return self.series.plan

    def seconds_left(self, job: Job | None = None) -> float | None:
        """As `Series.seconds_left`; job: of the cell that is being painted."""
        running = job.snapshot.progress.done if job and job.snapshot else 0.0
        return self.series.seconds_left(self.speed, running=running)

    async def steps(self, worker: Worker, request: gr.Request, visit: Visit | None = None) -> AsyncGenerator[Step]:
        """Paint all cells, one after another; a step whenever there is something to say.

        visit: by which it can be stopped; it ends then.  Leaving the iterator stops it too.
        Raises BusyError where the line is full at the beginning, ClosedError when the worker closes.
        """
        for cell in self.plan.cells:
            try:
                painting = await read_for(request, self.series.painting, cell)
                while (job := _taken(worker, painting, is_first=cell.number == 0)) is None:
                    if visit is not None and visit.stop_requested:
                        return
                    yield Step(cell, is_waiting=True)
                    await asyncio.sleep(BUSY_SECONDS)
                if visit is not None:
                    visit.submitted(job)
                async with aclosing(watch(worker, job, request)) as watched:
                    async for _ in watched:
                        yield Step(cell, job)
            except TOLERATED as error:
                self.series.fail(cell, error)
                yield Step(cell)
                continue
            if visit is not None and visit.stop_requested:
                return
            if job.state != "done" or job.picture is None or job.snapshot is None:
                raise ClosedError(GIVEN_UP)
            await asyncio.to_thread(self._keep, cell, job.picture, job.snapshot.progress.seconds)
            yield Step(cell)

    def save_sheet(self) -> Path:
        """All that is there on one sheet, as a new PNG."""
        path = self.folder / f"{self.content.stem[:MAX_STEM]}-{self.series.count_done}.png"
        return write_image(self.series.sheet(self.content.name), path, "PNG")

    def _keep(self, cell: Cell, picture: Picture, seconds: float) -> None:
        self.series.finish(cell, picture, seconds)
        path = self.folder / self.series.file_name(cell, self.content.name)
        self.pictures[cell.number] = save_image(picture, path)


def _read_series(plan: Plan, content: Path, styles: Sequence[Path], worker: Worker) -> Series:
    for path in (content, *styles):
        require_here(path)  # all of them before any is decoded
    return Series(plan, content, styles, worker.backbone, load_upload)


def require_content(path: str | None) -> str:
    """The path of the photograph; ImageError where there is none yet."""
    if not path:
        raise ImageError("There is no content image yet: choose one, or drop one in.")
    return path


async def read_series(worker: Worker, request: gr.Request, plan: Plan, content: str, styles: Sequence[str]) -> Series:
    """A series of uploads, reckoned and within the limits.

    Raises ImageError for images that are gone or unreadable, RecipeError for what can't be painted.
    """
    return await read_for(request, _read_series, plan, Path(content), [Path(path) for path in styles], worker)


def _taken(worker: Worker, painting: Painting, *, is_first: bool) -> Job | None:
    """The job, or None where the line is full just now; of the first cell that is an error."""
    try:
        return worker.submit(painting, filmed=False)
    except BusyError:
        if is_first:
            raise
        return None
