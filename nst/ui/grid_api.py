"""The endpoint /grid: a series, which is one photograph in several styles, or over values of one or two settings."""

from __future__ import annotations

import asyncio
import inspect
import tempfile
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.components.api_component import Api

from ..errors import ImageError
from ..recipe import DEFAULT_PRESET, PRESETS, Recipe, check
from ..serving.axes import EXAMPLE, MOST_CELLS, SIZE, VARIED, axes_of, plan_series
from ..serving.limits import Limits
from ..serving.worker import Worker
from ..task import TASKS
from .api import PRESET_HELP, described, setting_help, setting_input
from .estimate import Estimates
from .friendly import friendly
from .gradio_gaps import describe_in_whole
from .image_input import image_input
from .sent_image import require_uploaded
from .series_run import SeriesRun, Step, read_series, require_content
from .signature import sign
from .visitor_jobs import VisitorJobs

Answer = tuple[str | None, list[str] | None, dict[str, Any]]
"""The path of the sheet, the paths of the pictures, and how far the series is."""

SUMMARY = (
    "Paint one photograph in several styles, or over values of one or two settings, as one sheet of small pictures."
)

_STREAM = (
    " Streams (sheet, pictures, progress): the sheet so far as PNG; at last the pictures as well, as PNG with their "
    'recipes embedded. progress has state ("waiting", "running", "done"), place in the line, count, done and failed '
    "(pictures), painting (what the one that is painted is made with), seconds_left (null where nothing is known of it "
    "yet), and at the end cells: of each its row, column, label, style, recipe, and picture (the name of its file) or "
    f"error. At most {MOST_CELLS} pictures; together they may take the time of one. A setting of null is taken from "
    "the preset."
)
_HELP = {
    "content": "the content image",
    "styles": "the style images: several are the rows of the sheet",
    "vary": f'the settings to be varied, with their values: ["{EXAMPLE}"], or {{"strength": [20, 40, 60]}}; up to two '
    "with one style, one with several; what is varied is varied whatever the parameter of that name says",
    "preset": PRESET_HELP,
}
_NAMES = ("content", "styles", "vary", "preset", *VARIED)
_TASK = TASKS["stylize"]
_VARY: dict[str, Any] = {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "object"}]}


def draw_grid_api(worker: Worker, jobs: VisitorJobs, estimates: Estimates) -> None:
    """Add the endpoint in the current Gradio context; nothing of it is seen on the page.

    jobs: the page's count of what its visitors have painted, where a series is one.
    """
    with gr.Column(visible=False):
        content = image_input(_HELP["content"], visible=False)
        styles = describe_in_whole(
            gr.File(label=_HELP["styles"], file_count="multiple", type="filepath", visible=False)
        )
        vary = Api(None, described(_VARY, _HELP["vary"]), "vary")
        preset = Api(DEFAULT_PRESET, described({"type": "string", "enum": list(PRESETS)}, PRESET_HELP), "preset")
        settings = [_setting_input(name) for name in VARIED]
        sheet = gr.Image(visible=False, label="sheet")
        pictures = gr.File(visible=False, label="pictures", file_count="multiple")
        progress = gr.JSON(visible=False, label="progress")
        trigger = gr.Button(visible=False)

    async def grid(request: gr.Request, *values: Any) -> AsyncGenerator[Answer]:
        given = dict(zip(_NAMES, values, strict=True))
        with (
            friendly(on_page=False),
            jobs.one_more(request),
            tempfile.TemporaryDirectory(prefix="gramarye-") as folder,
        ):
            run = await _begun(worker, estimates, request, given, Path(folder))
            async with aclosing(_answers(worker, run, request)) as answers:
                async for answer in answers:
                    yield answer

    sign(grid, {name: _default(name) for name in _NAMES})
    grid.__doc__ = _docstring()
    trigger.click(
        grid, [content, styles, vary, preset, *settings], [sheet, pictures, progress],
        api_name="grid", api_description=SUMMARY + _STREAM, concurrency_limit=None,
    )  # fmt: skip


async def _begun(
    worker: Worker, estimates: Estimates, request: gr.Request, given: dict[str, Any], folder: Path
) -> SeriesRun:
    """The series that a client asks for.  given: the values of all parameters by name.

    Raises CostError for one that is reckoned to take longer than one painting may.
    """
    styles = [require_uploaded(path) for path in given["styles"] or ()]
    changes = {name: given[name] for name in VARIED if given[name] is not None}
    recipe = Recipe.preset(given["preset"], _TASK.name, **{"size": SIZE} | changes)
    plan = plan_series([Path(path).name for path in styles], axes_of(given["vary"]), recipe)
    content = require_content(given["content"])
    series = await read_series(worker, request, plan, content, styles)
    speed = await estimates.speed(waits=True)
    await asyncio.to_thread(series.require_within, worker.limits or Limits())
    return SeriesRun(series, Path(content), tuple(map(Path, styles)), folder, speed)


async def _answers(worker: Worker, run: SeriesRun, request: gr.Request) -> AsyncGenerator[Answer]:
    """What a client is sent: the sheet so far and how far it is, then all pictures.

    Raises ImageError where no picture came of any cell.
    """
    sheet = None
    async with aclosing(run.steps(worker, request)) as steps:
        async for step in steps:
            if step.job is None and step.cell.number in run.pictures:
                sheet = str(await asyncio.to_thread(run.save_sheet))
            yield sheet, None, _progress(worker, run, step)
    if not run.pictures:
        raise ImageError(next(iter(run.series.failures.values())))
    sheet = str(await asyncio.to_thread(run.save_sheet))
    yield sheet, [str(path) for path in run.pictures.values()], _progress(worker, run) | {"cells": _cells(run)}


def _progress(worker: Worker, run: SeriesRun, step: Step | None = None) -> dict[str, Any]:
    """How far a series is, in JSON.  step: of the cell that is being painted, None at the end."""
    job = step.job if step else None
    is_waiting = (step is not None and step.is_waiting) or (job is not None and job.state == "waiting")
    progress: dict[str, Any] = {
        "state": ("waiting" if is_waiting else "running") if step else "done",
        "place": worker.place(job) if job else 0,
        "count": len(run.series), "done": run.series.count_done, "failed": len(run.series.failures),
        "seconds_left": run.seconds_left(job),
    }  # fmt: skip
    return progress | ({"painting": step.cell.label} if step else {})


def _cells(run: SeriesRun) -> list[dict[str, Any]]:
    failures = run.series.failures
    return [
        {"row": cell.row, "column": cell.column, "label": cell.label, "style": run.plan.styles[cell.style]}
        | ({"error": failures[cell.number]} if cell.number in failures else {"picture": run.pictures[cell.number].name})
        | {"recipe": cell.recipe.to_json()}
        for cell in run.plan.cells
    ]  # fmt: skip


def _setting_input(name: str) -> Api:
    if name != "size":
        return setting_input(name, _TASK)
    return Api(check(name, SIZE), described({"type": "integer"}, setting_help(name, _TASK)), name)


def _docstring() -> str:
    """What the parameters mean, where Gradio looks for what it tells agents."""
    arguments = _HELP | {name: setting_help(name, _TASK) for name in VARIED}
    return "\n".join([SUMMARY, "", "Args:", *(f"    {name}: {help}" for name, help in arguments.items())])


def _default(name: str) -> Any:
    """None, or no default at all for the images that must be given."""
    return inspect.Parameter.empty if name in ("content", "styles") else None
