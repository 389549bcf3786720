"""One task as a tab: its input images and galleries, its controls, its buttons, its result."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import ExitStack, aclosing
from pathlib import Path
from typing import Any

import gradio as gr

from ..errors import ClosedError
from ..painting.painting import Painting
from ..recipe import Recipe
from ..serving.worker import Worker
from ..task import TASKS, Role, TaskName
from .arrival import Arrival, begun_js
from .buttons import busy, idle
from .controls import Controls
from .estimate import EstimateLine, Estimates
from .examples import gallery, inputs_of
from .finished import finished_picture, nothing_yet, opening
from .friendly import friendly
from .history_record import Made, record_of
from .languages import Words, said, words_of
from .link import read_link
from .page_address import server_of
from .preparation import comfortable_recipe, prepared, recipe_of
from .readers import in_turn
from .result_files import download_name
from .result_panel import ResultPanel
from .returning import Returns, Run
from .sent_image import require_uploaded
from .snippet import client_call
from .task_images import TaskImages
from .visitor_jobs import VisitorJobs
from .visits import Updates, Visits
from .watch import watch

WITH_RECIPE = (".png", ".jpg", ".jpeg", ".webp", ".avif", ".tif", ".tiff")
"""The formats in which a result can hold its recipe."""

SHOW_RESULT = """() => {
    const shown = [...document.querySelectorAll('.result')].find(element => element.offsetParent);
    if (window.innerWidth < 700) shown?.scrollIntoView({behavior: 'smooth'});
}"""
"""On a phone the result lies below the controls: go there when a painting begins."""

_PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


class TaskTab:
    """Draws itself in the current Gradio context and connects its events, all of them private to the page.

    start: a finished picture; the tab opens with what it was made of, and with it, if it was made with this task.
    finished: a gallery of such pictures to start from.  jobs: the page's count of what its visitors have painted.
    estimates: what is known of the speed here.  arrival: what a visitor comes with; without it, a painting ends with
    the connection.  history: what is told of each picture that is made.
    """

    def __init__(
        self,
        worker: Worker,
        task: TaskName,
        start: Path,
        intro: str = "",
        finished: Sequence[Path] = (),
        jobs: VisitorJobs | None = None,
        arrival: Arrival | None = None,
        estimates: Estimates | None = None,
        history: gr.HTML | None = None,
    ) -> None:
        self._history = history
        self._worker = worker
        self._jobs = jobs or VisitorJobs()
        self._arrival = arrival
        self._estimates = estimates or Estimates(worker)
        self._returns = arrival.returns if arrival else Returns(worker, self._jobs)
        self._task = TASKS[task]
        self._visits = Visits()
        made_of = inputs_of(start)
        self.images = TaskImages(self._task, {role: made_of[role] for role in self._task.inputs})
        self.controls = Controls(task, comfortable_recipe(worker, task, self.images.opening))
        if intro:
            gr.Markdown(intro)
        with gr.Row():
            with gr.Column(scale=5, min_width=320):
                self._draw_inputs()
            with gr.Column(scale=6, min_width=320, elem_classes="result"):
                shown = opening(start, self.controls.start) if task == "stylize" else (None, nothing_yet)
                self.panel = ResultPanel(worker, *shown)
                if finished:
                    self._draw_finished(list(finished))
        self._connect()

    def _draw_inputs(self) -> None:
        """The left side: what the picture is made of, and how."""
        self.images.draw_needed()
        self.controls.draw_main()
        self.estimate = EstimateLine(self._estimates, self._task.name, self.controls)
        with gr.Row():
            self.start = gr.Button(said(f"task.{self._task.name}.verb"), variant="primary", scale=2, min_width=100)
            self.stop = gr.Button(said("tab.stop"), variant="stop", interactive=False, min_width=60)
            self.reset = gr.Button(said("tab.reset"), min_width=60)
        with gr.Accordion(said("tab.settings"), open=False):
            self.controls.draw_others()
        self.images.draw_optional(self.controls["init"])
        with gr.Accordion(said("tab.recipe"), open=False):
            self.load = gr.File(label=said("tab.drop"), file_types=list(WITH_RECIPE), type="filepath", height=120)

    def _draw_finished(self, finished: list[Path]) -> None:
        gr.Markdown(said("examples.finished"))
        examples = gallery(finished, 320, css_class="finished", columns=4)

        def pick(event: gr.SelectData, request: gr.Request) -> Updates:
            return self._show_finished(finished[event.index], request)

        examples.select(pick, None, self.components, **_PRIVATE)

    @property
    def _inputs(self) -> list[Any]:
        return [*self.images.all.values(), *self.controls.components]

    @property
    def components(self) -> list[Any]:
        """All that is filled in, and the result."""
        return [*self._inputs, self.images.offer, *self.panel.components]

    def is_painting(self, request: gr.Request) -> bool:
        """Whether a visitor's painting is under way, so that what the slider holds is of other pictures."""
        return self._visits.is_under_way(request)

    def _connect(self) -> None:
        buttons = self.buttons
        given = [*self._inputs, self._arrival.secret] if self._arrival else self._inputs
        shown = [*self.panel.components, *([self._history] if self._history else [])]
        begun = self.start.click(
            busy, None, buttons, queue=False, js=begun_js(self._task.name, SHOW_RESULT), **_PRIVATE
        )
        painted = begun.then(self._paint, given, shown, concurrency_limit=None, **_PRIVATE)
        for end in (painted.success, painted.failure):  # which `then` alone does not reach after an error at the start
            end(idle, None, buttons, queue=False, **_PRIVATE)
        self.stop.click(self._stop, None, None, queue=False, **_PRIVATE)
        self.reset.click(self._reset, None, [self.load, *self.components], queue=False, **_PRIVATE)
        self.estimate.connect(self.images.all)
        if self._arrival:
            outputs = [*self._inputs, *shown, *buttons]
            self._arrival.connect(self._task.name, self._arrive, outputs)
        self.images.offer.click(in_turn(self._load), self.images.first, self.controls.components, **_PRIVATE)
        self.load.upload(in_turn(self._load), self.load, self.controls.components, **_PRIVATE)

    async def _paint(self, request: gr.Request, *values: Any) -> AsyncGenerator[Updates]:
        """values: of all inputs, then the secret of the visitor's tab of a browser."""
        values, secret = values[: len(self._inputs)], next(iter(values[len(self._inputs) :]), None)
        with self._visits.begin(request) as visit, friendly(), ExitStack() as count:
            count.enter_context(self._jobs.one_more(request))
            job = self._worker.submit(await self._prepared(values))
            visit.submitted(job)
            run = Run(visit, job, values, count.pop_all())
            async with aclosing(self._shown(run, request, secret)) as shown:
                async for updates in shown:
                    yield updates

    async def _arrive(self, request: gr.Request, secret: object, query: str) -> AsyncGenerator[Updates]:
        """Everything as it was, and the painting as it goes on or ended, if this tab of a browser has one; or what a
        link says.
        """
        with friendly():
            if (run := await self._returns.claimed(self._task.name, secret, request)) is None:
                yield self._show_linked(query, words_of(request))
                return
            with self._visits.begin(request, run.visit):
                begun = dict(zip([*self._inputs, *self.buttons], [*run.values, *busy()], strict=True))
                ended = dict(zip(self.buttons, idle(), strict=True))
                try:
                    async with aclosing(self._shown(run, request, secret, begun)) as shown:
                        async for updates in shown:
                            yield updates
                except Exception:
                    yield ended
                    raise
                yield ended

    async def _shown(
        self, run: Run, request: gr.Request, secret: object, first: Updates | None = None
    ) -> AsyncGenerator[Updates]:
        """first: of the tab, once no other page can claim the run."""
        with (
            self._returns.watched(run, self._task.name, secret, request),
            tempfile.TemporaryDirectory(prefix="gramarye-") as folder,
        ):
            if first is not None:
                yield first
            async with aclosing(self._show_painting(run, request, Path(folder))) as shown:
                async for updates in shown:
                    yield updates

    async def _show_painting(self, run: Run, request: gr.Request, folder: Path) -> AsyncGenerator[Updates]:
        """The panel from the first word to the last, unless the visitor turns to something else."""
        job, visit, painting, words = run.job, run.visit, run.job.painting, words_of(request)
        yield self.panel.show_start(job, words)
        try:
            async with aclosing(watch(self._worker, job, request, may_outlive=True)) as watched:
                async for has_snapshot in watched:
                    if visit.instead is not None:
                        yield visit.instead
                    elif has_snapshot and not job.finished:
                        yield await asyncio.to_thread(self.panel.show_snapshot, job, words, folder)
                    else:
                        yield self.panel.show_status(job, words)
        except Exception:
            yield self.panel.show_status(job, words)
            raise
        is_closing = job.state == "stopped" and not visit.stop_requested
        if visit.instead is not None:
            yield visit.instead
        elif not job.finished:
            return  # nobody is there any more
        elif job.picture is None:
            yield self.panel.show_opening(words) | self.panel.show_status(job, words)
        else:
            self._estimates.learn(job)
            names = {role: picture.name for role, picture in painting.inputs.items()}
            call = client_call(
                server_of(request), self._task.name, painting.recipe, names,
                asks_for_password=request.username is not None,
            )  # fmt: skip
            yield await asyncio.to_thread(self.panel.show_result, job, words, job.picture, call, folder)
            if self._history:
                yield {self._history: self._record(run, folder)}
            if not is_closing:  # when there is time for the picture alone
                yield await asyncio.to_thread(self.panel.show_time_lapse, job, folder)
        if is_closing:
            raise ClosedError("The studio is closing: the painting ends here. Paint again when it is open.")

    async def _prepared(self, values: tuple[Any, ...]) -> Painting:
        roles = self._task.roles
        paths: dict[Role, str | None] = dict(zip(roles, values[: len(roles)], strict=True))
        recipe = self.controls.recipe(values[len(roles) :])
        if recipe.init != "image":
            paths["init_image"] = None
        return await prepared(self._worker, self._task.name, recipe, paths)

    def _record(self, run: Run, folder: Path) -> dict[str, Any]:
        """What the history is told.  folder: where the result lies."""
        painting = run.job.painting
        result = folder / download_name(painting.inputs, painting.task)
        preset = self.controls.values(painting.recipe)[0]
        return record_of(run.job, run.identity, result, dict(zip(self._task.roles, run.values, strict=False)), preset)

    @property
    def buttons(self) -> list[gr.Button]:
        """Those of which one can be pressed while a painting is under way."""
        return [self.start, self.stop]

    def _show_linked(self, query: str, words: Words) -> Updates:
        """Filled in as a link says, whose pictures are examples or are to be brought."""
        if (linked := read_link(query, self._task.name)) is None:
            return {self.start: gr.skip()}  # of a generator that yields nothing, Gradio empties all outputs
        images = self.images.all
        shown = {images[role]: path for role, path in linked.images.items()} | self._settings(linked.recipe)
        empty = {images[role]: None for role in linked.wanted if role in self.images.needed}
        return shown | empty | self.panel.show_example(None, linked.caption(self._task.name, words))

    async def estimate_opening(self, words: Words) -> str:
        """What the line says of what the tab opens with."""
        return await self.estimate.text(self.controls.values(self.controls.start), self.images.opening, words)

    def _stop(self, request: gr.Request) -> None:
        self._visits.stop(request)

    def _reset(self, request: gr.Request) -> Updates:
        opening = self.panel.show_opening(words_of(request))
        self._visits.leave(request, opening)
        self._returns.forget(self._task.name, request)
        filled = self.images.filled_with(self.images.opening) | self._settings(self.controls.start)
        return {self.load: None} | filled | opening

    def show_made(self, made: Made, request: gr.Request) -> Updates:
        """Everything filled in as it was for a picture that was made here, which is shown and can be taken along."""
        names: dict[str, str] = {role: Path(path).name for role, path in made.inputs.items()}
        call = client_call(
            server_of(request), made.task, made.recipe, names, asks_for_password=request.username is not None
        )
        panel = self.panel.show_made(made, call, words_of(request))
        return self._filled(made.inputs, made.recipe, panel, request)

    def _load(self, path: str) -> list[Any]:
        with friendly():
            return self.controls.values(recipe_of(require_uploaded(path), self._task.name))

    def _show_finished(self, path: Path, request: gr.Request) -> Updates:
        """Everything filled in as it was for a finished picture."""
        with friendly():
            made_of = inputs_of(path)
            images = {role: made_of[role] for role in self.images.needed}
            before_after, caption = finished_picture(path)
            return self.fill(
                images, recipe_of(path, self._task.name), before_after, caption(words_of(request)), request
            )

    def fill(
        self,
        made_of: Mapping[Role, str],
        recipe: Recipe,
        before_after: tuple[Any, str],
        caption: str,
        request: gr.Request,
    ) -> Updates:
        """A visitor's tab with these images and no others, and a picture that was made of them before.

        made_of: role -> file of the images that the task needs.  before_after, caption: as `ResultPanel` takes them.
        """
        return self._filled(made_of, recipe, self.panel.show_example(before_after, caption), request)

    def _filled(self, made_of: Mapping[Role, str], recipe: Recipe, panel: Updates, request: gr.Request) -> Updates:
        """A visitor turns to other images and another recipe, and to a panel that belongs to these."""
        self._visits.leave(request, panel)
        self._returns.forget(self._task.name, request)
        return self.images.filled_with(made_of) | self._settings(recipe) | panel

    def _settings(self, recipe: Recipe) -> Updates:
        return dict(zip(self.controls.components, self.controls.values(recipe), strict=True))
