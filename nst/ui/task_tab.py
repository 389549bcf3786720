"""One task as a tab: its input images and galleries, its controls, its buttons, its result."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

import gradio as gr

from .. import tasks
from ..engine import Engine, Job
from ..errors import ImageError, RecipeError
from ..image import Picture, load_image
from ..recipe import INPUTS, Recipe
from ..tasks import Run
from .controls import Controls
from .panel import Panel, Updates
from .pictures import WITH_RECIPE, check_upload, gallery_files, image_input, thumbnail, title
from .snippet import client_call
from .watch import friendly, watch

_VERBS = {"stylize": "Paint", "reconstruct": "Reconstruct", "synthesize": "Synthesize"}

SHOW_RESULT = """() => {
    const shown = [...document.querySelectorAll('.result')].find(element => element.offsetParent);
    if (window.innerWidth < 700) shown?.scrollIntoView({behavior: 'smooth'});
}"""
"""On a phone the result lies below the controls: go there when a run begins."""


class TaskTab:
    """Draws itself in the current Gradio context and connects its events, all of them private to the page.

    start: a finished picture; the tab opens with what it was made of, and with it, if it was made with this task.
    finished: a gallery of such pictures to start from.
    """

    def __init__(self, engine: Engine, task: str, start: Path, intro: str = "", finished: Sequence[Path] = ()) -> None:
        self.engine = engine
        self.task = task
        self._running: dict[str, Job] = {}
        self._opening = _inputs_of(start)
        self.controls = Controls(task)
        if intro:
            gr.Markdown(intro)
        with gr.Row():
            with gr.Column(scale=5, min_width=320):
                with gr.Row():
                    self.images = {role: self._image(role) for role in INPUTS[task]}
                self.controls.main()
                with gr.Row():
                    self.start = gr.Button(_VERBS[task], variant="primary", scale=2, min_width=100)
                    self.stop = gr.Button("Stop", variant="stop", interactive=False, min_width=60)
                    self.reset = gr.Button("Reset", min_width=60)
                with gr.Accordion("All settings", open=False):
                    self.controls.others()
                    self.init_image = image_input("Init image (for init: image)", height=160)
                with gr.Accordion("Load recipe", open=False):
                    self.load = gr.File(
                        label="Drop a picture that was made here",
                        file_types=list(WITH_RECIPE),
                        type="filepath",
                        height=120,
                    )
            with gr.Column(scale=6, min_width=320, elem_classes="result"):
                before_after, caption = (
                    self._finished(start) if task == "stylize" else (None, "The result appears here.")
                )
                self.panel = Panel(before_after, caption)
                if finished:
                    self._draw_finished(finished)
        self._connect()

    def _image(self, role: str) -> gr.Image:
        with gr.Column(min_width=150):
            image = image_input(role.capitalize(), value=self._opening[role], height=240, buttons=["fullscreen"])
            files = gallery_files(role)
            gallery = gr.Gallery(
                [(thumbnail(path), title(path)) for path in files], label=f"{role.capitalize()} examples", columns=4,
                height="auto", allow_preview=False, object_fit="cover", interactive=False, buttons=[], format="jpeg",
                elem_classes="picks", show_label=False,
            )  # fmt: skip

        def pick(event: gr.SelectData) -> str:
            return str(files[event.index])

        def check(path: str | None) -> str | None:
            with friendly():
                return check_upload(path)

        gallery.select(pick, None, image, api_visibility="private", show_progress="hidden")
        image.upload(check, image, image, api_visibility="private", show_progress="hidden")
        return image

    def _draw_finished(self, finished: Sequence[Path]) -> None:
        gr.Markdown("**Made here.** Click one to start from it:")
        gallery = gr.Gallery(
            [(thumbnail(path, 320), title(path)) for path in finished], show_label=False, columns=4, height="auto",
            allow_preview=False, object_fit="cover", interactive=False, buttons=[], elem_classes="finished",
            format="jpeg",
        )  # fmt: skip

        def pick(event: gr.SelectData) -> Updates:
            return self._example(finished[event.index])

        outputs = [*self.images.values(), *self.controls.components, *self.panel.components]
        gallery.select(pick, None, outputs, api_visibility="private", show_progress="hidden")

    @property
    def _inputs(self) -> list[Any]:
        return [*self.images.values(), self.init_image, *self.controls.components]

    def _connect(self) -> None:
        private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        buttons = [self.start, self.stop]
        begun = self.start.click(self._busy, None, buttons, queue=False, js=SHOW_RESULT, **private)
        run = begun.then(self._run, self._inputs, self.panel.components, concurrency_limit=None, **private)
        run.then(self._idle, None, buttons, queue=False, **private)
        self.stop.click(self._stop, None, None, queue=False, **private)
        self.reset.click(self._reset, None, [*self._inputs, self.load, *self.panel.components], queue=False, **private)
        self.load.upload(self._load, self.load, self.controls.components, **private)

    @staticmethod
    def _busy() -> tuple[Any, Any]:
        return gr.update(interactive=False), gr.update(interactive=True)

    @staticmethod
    def _idle() -> tuple[Any, Any]:
        return gr.update(interactive=True), gr.update(interactive=False)

    async def _run(self, request: gr.Request, *values: Any) -> AsyncGenerator[Updates]:
        with friendly(), tempfile.TemporaryDirectory(prefix="pastiche-") as name:
            folder = Path(name)
            run = await asyncio.to_thread(self._prepare, values)
            job = self.engine.submit(run)
            session = str(request.session_hash)
            self._running[session] = job
            try:
                async with aclosing(watch(self.engine, job, request)) as watched:
                    async for news in watched:
                        if not job.finished:
                            yield await asyncio.to_thread(self.panel.running, self.engine, job, folder, news)
            finally:
                self._running.pop(session, None)
            if not job.finished:
                return  # the visitor has left
            if job.picture is None:
                yield self.panel.opened() | self.panel.ended_early(self.engine, job)
                return
            call = client_call(_server(request), self.task, run.recipe, _names(run.inputs))
            yield await asyncio.to_thread(self.panel.finished, self.engine, job, job.picture, call, folder)
            yield await asyncio.to_thread(self.panel.with_film, job, folder)

    def _prepare(self, values: tuple[Any, ...]) -> Run:
        count = len(self.images)
        paths = dict(zip(self.images, values[:count], strict=True))
        recipe = self.controls.recipe(values[count + 1 :])
        return prepare(self.engine, self.task, recipe, paths, values[count])

    def _stop(self, request: gr.Request) -> None:
        job = self._running.get(str(request.session_hash))
        if job:
            job.stop()

    def _reset(self, request: gr.Request) -> Updates:
        self._stop(request)
        shown = zip(self.controls.components, self.controls.values(self.controls.start), strict=True)
        images: Updates = {image: self._opening[role] for role, image in self.images.items()}
        return {**images, self.init_image: None, self.load: None, **dict(shown)} | self.panel.opened()

    def _load(self, path: str) -> list[Any]:
        with friendly():
            return self.controls.values(recipe_in(path, self.task))

    def _example(self, path: Path) -> Updates:
        """Everything filled in as it was for a finished picture."""
        with friendly():
            shown = zip(self.controls.components, self.controls.values(recipe_in(path, self.task)), strict=True)
            inputs: Updates = {image: _inputs_of(path)[role] for role, image in self.images.items()}
            return {**inputs, **dict(shown)} | self.panel.finished_example(*self._finished(path))

    def _finished(self, path: Path) -> tuple[tuple[Any, str], str]:
        picture = load_image(path)
        original = load_image(_inputs_of(path)["content"]).resized((picture.width, picture.height))
        return (original.to_pil(), str(path)), f"{title(path)}. Press Paint to make it anew, or bring your own."


def prepare(engine: Engine, task: str, recipe: Recipe, paths: dict[str, str | None], init_image: str | None) -> Run:
    """A run for an engine from paths of uploads; says which image is missing."""
    missing = [role for role, path in paths.items() if not path]
    if missing:
        raise ImageError(f"There is no {' and no '.join(missing)} image yet: choose one, or drop one in.")
    pictures = [load_image(path) for path in paths.values() if path]
    start = load_image(init_image) if init_image and recipe.init == "image" else None
    make = getattr(tasks, task)
    run: Run = make(*pictures, recipe, init_image=start, backbone=engine.backbone)
    return run


def recipe_in(path: str | Path, task: str) -> Recipe:
    """The recipe that a picture made by this project holds; RecipeError when there is none, or for another task."""
    made = load_image(path).provenance
    name = Path(path).name
    if made is None:
        raise RecipeError(f"{name} holds no recipe: only pictures that were made here do, and only as first saved.")
    if made["task"] != task:
        raise RecipeError(f"{name} was made with {made['task']!r}: load it in that tab.")
    return Recipe.from_json(made["recipe"])


def _inputs_of(path: Path) -> dict[str, str]:
    """Role -> example file that a finished picture was made of."""
    made = load_image(path).provenance
    assert made is not None
    return {role: str(path.parent.parent / role / facts["name"]) for role, facts in made["inputs"].items()}


def _names(inputs: dict[str, Picture]) -> dict[str, str]:
    return {role: picture.name for role, picture in inputs.items()}


def _server(request: gr.Request) -> str:
    """What a client gives to reach this page: the Space's name, or the address that the visitor uses."""
    if space := os.environ.get("SPACE_ID"):
        return space
    assert request.request is not None
    return str(request.request.base_url)
