"""The tab of series: one photograph in several styles, or over values of one or two settings, to choose from."""

from __future__ import annotations

import asyncio
import html
import os
import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import Any, Literal

import gradio as gr
from gradio.utils import get_upload_folder
from PIL import Image

from ..errors import ImageError, NstError, RecipeError, printable
from ..nearest_preset import nearest_preset
from ..pictures.picture import fit
from ..recipe import PRESETS, Recipe
from ..serving.axes import MOST_CELLS, SIZE, VARIED, Axis, Plan, parse_axis, plan_series
from ..serving.job import Job
from ..serving.limits import Limits
from ..serving.worker import Worker
from ..spoken_time import spoken_time
from ..task import Role
from .buttons import busy, idle
from .chosen_styles import ChosenStyles, served_file, style_files
from .drop import FIELD
from .estimate import Estimates
from .examples import example_files, gallery, inputs_of, name_of_examples
from .friendly import friendly
from .gradio_gaps import file_to_show
from .image_input import check_upload, image_input
from .languages import ENGLISH, Words, said, words_of
from .preparation import prepare
from .readers import in_turn, read_for
from .result_panel import SPOKEN
from .series_html import CLICK, series_html
from .series_run import SeriesRun, Step, read_series, require_content
from .series_words import cell_label
from .status import bar_html
from .suggestions import suggestion
from .task_tab import SHOW_RESULT, TaskTab
from .uploads import load_upload
from .visitor_jobs import VisitorJobs
from .visits import Updates, Visit, Visits

NO_SERIES = "There is no such picture any more: paint the series again."

EXAMPLE = "20, 40, 60"
"""Of values of a setting."""

TO_THE_TOP = "() => window.scrollTo({top: 0})"

LEAST_SHOWN = 512
"""Pixels of the long side at which a small picture is shown in the tab where it is painted large."""

_PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


class SeriesTab:
    """Draws itself in the current Gradio context and connects its events, all of them private to the page.

    tabs, tab: the page's, and this one of it.  stylize: the tab, of this id among them, that a picture is painted large
    in.  start: a finished picture; the tab opens with its content, and its style first of some.
    """

    def __init__(
        self,
        worker: Worker,
        tabs: gr.Tabs,
        tab: gr.Tab,
        stylize: TaskTab,
        start: Path,
        jobs: VisitorJobs,
        estimates: Estimates,
        stylize_id: str = "stylize",
    ) -> None:
        self._worker, self._tabs, self._stylize, self._stylize_id = worker, tabs, stylize, stylize_id
        self._jobs, self._estimates = jobs, estimates
        self._visits = Visits()
        self._opening = inputs_of(start)
        gr.Markdown(said("series.intro", most=MOST_CELLS))
        with gr.Row():
            with gr.Column(scale=5, min_width=320):
                self._draw_inputs()
            with gr.Column(scale=6, min_width=320, elem_classes="result"):
                self._draw_result()
        self._connect(tab)

    def _draw_inputs(self) -> None:
        with gr.Row():
            with gr.Column(min_width=150):
                self.content = image_input(
                    said("role.content.label"),
                    value=self._opening["content"],
                    height=220,
                    buttons=["fullscreen"],
                    elem_classes=["picture", FIELD],
                )
            with gr.Column(min_width=150):
                contents = example_files("content")
                examples = gallery(contents, label=said(partial(name_of_examples, "content")))
        others = [str(path) for path in example_files("style") if str(path) != self._opening["style"]]
        self.styles = ChosenStyles([self._opening["style"], *others[:3]])
        self.varied = [_draw_axis(said(f"series.vary{too}"), said(f"series.values{too}")) for too in ("", "_too")]
        with gr.Row():
            self.preset = gr.Radio(
                [(said(f"preset.{name}"), name) for name in PRESETS],
                value=nearest_preset(self._stylize.controls.start, "stylize"),
                label=said("controls.preset"),
                info=said("controls.preset_help"),
                scale=2,
            )
            self.size = gr.Number(
                SIZE, label=said("series.size"), info=said("series.size_help"), precision=0, step=64, min_width=130
            )
        self.foretold = gr.HTML("")
        with gr.Row():
            self.start = gr.Button(said("series.paint"), variant="primary", scale=2, min_width=100)
            self.stop = gr.Button(said("tab.stop"), variant="stop", interactive=False, min_width=60)

        def pick(event: gr.SelectData) -> str:
            return str(contents[event.index])

        examples.select(pick, None, self.content, **_PRIVATE)
        self.content.upload(in_turn(check_upload), self.content, self.content, **_PRIVATE)

    def _draw_result(self) -> None:
        self.status = gr.HTML(said(_nothing_yet))
        self.spoken = gr.HTML("", html_template=SPOKEN, elem_classes="spoken", container=False)
        self.grid = gr.HTML("", js_on_load=CLICK)
        self.cells = gr.JSON([], visible=False)
        self.download = gr.DownloadButton(said("series.download"), visible=False)

    @property
    def _inputs(self) -> list[Any]:
        axes = [component for axis in self.varied for component in axis]
        return [self.content, self.styles.paths, *axes, self.preset, self.size]

    @property
    def _shown(self) -> list[Any]:
        return [self.status, self.spoken, self.grid, self.cells, self.download]

    def _connect(self, tab: gr.Tab) -> None:
        buttons = [self.start, self.stop]
        begun = self.start.click(busy, None, buttons, queue=False, js=SHOW_RESULT, **_PRIVATE)
        painted = begun.then(self._run_series, self._inputs, self._shown, concurrency_limit=None, **_PRIVATE)
        for end in (painted.success, painted.failure):
            end(idle, None, buttons, queue=False, **_PRIVATE)
        self.stop.click(self._stop, None, None, queue=False, **_PRIVATE)
        picked = self.grid.click(self._pick, self.cells, [self._tabs, *self._stylize.components], **_PRIVATE)
        picked.success(None, None, None, js=TO_THE_TOP, **_PRIVATE)
        foretell = [tab.select, self.styles.changed, self.content.change, self.preset.change, self.size.change]
        for name, values in self.varied:
            name.input(_suggest, name, values, queue=False, **_PRIVATE)
            foretell.append(values.change)
        gr.on(
            foretell, self._foretell, self._inputs, self.foretold, trigger_mode="always_last", concurrency_limit=None,
            **_PRIVATE,
        )  # fmt: skip

    async def _foretell(self, request: gr.Request, *values: Any) -> str:
        """How many pictures there will be and how long they take, or what is missing."""
        words = words_of(request)
        with friendly():
            try:
                plan, content, styles = _plan_of(*values)
                series = await read_series(self._worker, request, plan, content, styles)
                seconds = series.seconds_left(await self._estimates.speed(waits=True))
                await asyncio.to_thread(series.require_within, self._worker.limits or Limits())
            except NstError as error:
                return _sentence_html(words.sentence(str(error)))
        width, height = series.size
        what = words("series.foretold", count=len(series), width=width, height=height)
        if seconds is None:
            return _sentence_html(words("series.without_time", what=what))
        time = words.sentence(spoken_time(seconds))
        return _sentence_html(words("series.in_time", what=what, time=time))

    async def _run_series(self, request: gr.Request, *values: Any) -> AsyncGenerator[Updates]:
        with self._visits.begin(request) as visit, friendly(), self._jobs.one_more(request):
            async with aclosing(self._show_series(visit, request, values)) as shown:
                async for updates in shown:
                    yield updates

    async def _show_series(self, visit: Visit, request: gr.Request, values: tuple[Any, ...]) -> AsyncGenerator[Updates]:
        words, (plan, content, styles) = words_of(request), _plan_of(*values)
        series = await read_series(self._worker, request, plan, content, styles)
        speed = await self._estimates.speed(waits=True)
        await asyncio.to_thread(series.require_within, self._worker.limits or Limits())
        os.makedirs(get_upload_folder(), exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=get_upload_folder()))
        run = SeriesRun(series, Path(content), tuple(map(Path, styles)), folder, speed)
        yield {self.download: gr.update(visible=False), self.cells: [], self.spoken: words("series.says_running")}
        at = None
        try:
            async with aclosing(run.steps(self._worker, request, visit)) as steps:
                async for step in steps:
                    updates: Updates = {self.status: self._status_html(run, step, words)}
                    if at != (at := (step.cell.number, len(run.pictures), len(series.failures))):
                        grid = await asyncio.to_thread(series_html, run, words, step.cell)
                        updates |= {self.grid: grid, self.cells: _sent(run, words)}
                    yield updates
        except Exception:
            yield await self._ended(run, "series.broken", words)
            raise
        yield await self._ended(run, "series.stopped" if visit.stop_requested else "series.broken", words)

    async def _ended(self, run: SeriesRun, otherwise: str, words: Words) -> Updates:
        """What stays: all that is there, and its sheet.  otherwise: key of how it ended where something is missing."""
        count, every = run.series.count_done, len(run.series)
        is_whole = count == every
        so_far = words("series.short_of", count=count, all=every)
        end = words("series.all_done", all=every) if is_whole else words(otherwise, so_far=so_far)
        state: Literal["done", "stopped"] = "done" if is_whole else "stopped"
        updates: Updates = {
            self.status: bar_html(state, count / every, end, words), self.spoken: words(f"series.says_{state}"),
            self.grid: await asyncio.to_thread(series_html, run, words), self.cells: _sent(run, words),
        }  # fmt: skip
        if count:
            sheet = await asyncio.to_thread(run.save_sheet)
            updates[self.download] = gr.update(visible=True, value=str(sheet))
        return updates

    def _status_html(self, run: SeriesRun, step: Step, words: Words) -> str:
        """The share done of all, which picture it is at, and how long all of them take yet."""
        every, over = len(run.series), run.series.count_done + len(run.series.failures)
        running = step.job.snapshot.progress.done if step.job and step.job.snapshot else 0.0
        at: dict[str, Any] = {
            "number": step.cell.number + 1, "all": every, "label": cell_label(run.plan, step.cell, words),
            "state": words("series.waits") if step.is_waiting else self._state(step.job, words),
        }  # fmt: skip
        if (left := run.seconds_left(step.job)) is not None:
            sentence = words("series.numbered_in_time", time=words.sentence(spoken_time(left)), **at)
        else:
            sentence = words("series.numbered", **at)
        return bar_html("running", (over + running) / every, html.escape(printable(sentence)), words)

    def _state(self, job: Job | None, words: Words) -> str:
        if job is None or job.state == "waiting":
            place = self._worker.place(job) if job else 0
            few = {0: "series.next", 1: "series.one_ahead"}
            return words(few[place]) if place in few else words("series.ahead", place=place)
        if job.snapshot is None:
            return words("series.looking")
        progress = job.snapshot.progress
        return words("series.at_step", step=progress.iteration, steps=progress.iterations)

    def _stop(self, request: gr.Request) -> None:
        self._visits.stop(request)

    async def _pick(self, cells: Any, event: gr.EventData, request: gr.Request) -> Updates:
        """The Stylize tab as it paints this picture large.  cells: what `_sent` gave."""
        with friendly():
            made_of, recipe, picture, label = _cell_of(cells, event)
            large = await read_for(request, self._enlarged, recipe, made_of)
            shown = await read_for(request, _before_after, made_of["content"], picture)
        caption = words_of(request)("series.from_series", label=label, size=large.size)
        filled = self._stylize.fill(made_of, large, shown, caption, request)
        return {self._tabs: gr.update(selected=self._stylize_id), **filled}

    def _enlarged(self, recipe: Recipe, made_of: Mapping[Role, str]) -> Recipe:
        """The same at the size that the page opens with, or what is nearest to it within the limits."""
        large = recipe.changed(size=max(recipe.size, self._stylize.controls.start.size))
        if self._worker.limits is None:
            return large
        return self._worker.limits.comfortable(prepare(self._worker, "stylize", large, made_of))


def _draw_axis(vary: str, values: str) -> tuple[gr.Dropdown, gr.Textbox]:
    with gr.Row():
        choices = [(said("series.nothing"), ""), *((said(f"setting.{name}.label"), name) for name in VARIED)]
        name = gr.Dropdown(choices, value="", label=vary, min_width=140)
        return name, gr.Textbox("", label=values, placeholder=EXAMPLE, interactive=False, min_width=140, scale=2)


def _suggest(name: str) -> Any:
    """Values of a setting that was chosen, to be changed."""
    return gr.update(value=suggestion(name) if name else "", interactive=bool(name))


def _plan_of(
    content: str | None, paths: Any, vary: str, values: str, vary_too: str, values_too: str, preset: str, size: Any
) -> tuple[Plan, str, list[str]]:
    """What the inputs ask for.  Raises ImageError and RecipeError."""
    content = require_content(content)
    if size is None:
        raise RecipeError(f"{ENGLISH('series.size')} is empty: allowed is a whole number.")
    styles = style_files(paths)
    axes: list[Axis] = [parse_axis(f"{name}={text}") for name, text in ((vary, values), (vary_too, values_too)) if name]
    recipe = Recipe.preset(preset, "stylize", size=size)  # type: ignore[arg-type]
    return plan_series([Path(path).name for path in styles], axes, recipe), content, styles


def _sent(run: SeriesRun, words: Words) -> list[Any]:
    """What the page keeps of each cell, None for one without a picture: all that it is made of."""
    return [
        {
            "inputs": [str(run.content), str(run.styles[cell.style])], "picture": str(run.pictures[cell.number]),
            "label": cell_label(run.plan, cell, words), "recipe": cell.recipe.to_json(),
        }
        if cell.number in run.pictures else None
        for cell in run.plan.cells
    ]  # fmt: skip


def _cell_of(cells: Any, event: gr.EventData) -> tuple[dict[Role, str], Recipe, str, str]:
    """Inputs by role, recipe, picture and label of the cell that was clicked, as the page sent it back."""
    try:
        cell = cells[int(event.cell)]
        content, style = map(served_file, cell["inputs"])
        recipe, picture = Recipe.from_json(cell["recipe"]), served_file(cell["picture"])
        return {"content": content, "style": style}, recipe, picture, str(cell["label"])
    except (TypeError, KeyError, IndexError, ValueError, AttributeError) as error:
        if isinstance(error, NstError):
            raise
        raise ImageError(NO_SERIES) from None


def _before_after(content: str, picture: str) -> tuple[str, str]:
    """The content at a picture's size, and the picture, both enlarged to `LEAST_SHOWN`."""
    painted, photograph = load_upload(picture), load_upload(content)
    size = fit((painted.width, painted.height), max(LEAST_SHOWN, painted.width, painted.height), upscale=True)
    images = [each.to_pil().convert("RGB").resize(size, Image.Resampling.LANCZOS) for each in (photograph, painted)]
    return file_to_show(images[0], "before.jpg"), file_to_show(images[1], "after.jpg")


def _nothing_yet(words: Words) -> str:
    return f'<div class="status empty"><p>{words("series.empty")}</p></div>'


def _sentence_html(sentence: str) -> str:
    return f'<div class="status"><p>{html.escape(printable(sentence))}</p></div>'
