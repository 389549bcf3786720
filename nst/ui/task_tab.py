"""One task as a tab: its input images and galleries, its controls, its buttons, its result."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from PIL import Image

from ..errors import ImageError, RecipeError
from ..painting.painting import Run, from_inputs
from ..painting.replay import recipe_in
from ..pictures.picture import Picture
from ..pictures.reading import load_image
from ..recipe import INPUTS, OPTIONAL_INPUTS, Recipe
from ..serving.engine import Engine, Job
from .controls import Controls
from .gradio_gaps import uploaded
from .mask_painter import MaskPainter
from .panel import Panel, Updates
from .pictures import ABOUT_OPTIONAL, WITH_RECIPE, check_upload, gallery_files, image_input, thumbnail, title
from .snippet import client_call
from .watch import friendly, watch

_VERBS = {"stylize": "Paint", "reconstruct": "Reconstruct", "synthesize": "Synthesize"}

_EXTRAS = {
    "stylize": "More styles, mask, init image",
    "reconstruct": "Init image",
    "synthesize": "More styles, init image",
}

SHOW_RESULT = """() => {
    const shown = [...document.querySelectorAll('.result')].find(element => element.offsetParent);
    if (window.innerWidth < 700) shown?.scrollIntoView({behavior: 'smooth'});
}"""
"""On a phone the result lies below the controls: go there when a run begins."""


@dataclass
class _Visit:
    """A visitor's run, from the click on.  instead: what the panel is to show when the visitor has turned away."""

    job: Job | None = None
    stopped: bool = False
    instead: Updates | None = None

    def stop(self) -> None:
        self.stopped = True
        if self.job:
            self.job.stop()


class TaskTab:
    """Draws itself in the current Gradio context and connects its events, all of them private to the page.

    start: a finished picture; the tab opens with what it was made of, and with it, if it was made with this task.
    finished: a gallery of such pictures to start from.
    """

    def __init__(self, engine: Engine, task: str, start: Path, intro: str = "", finished: Sequence[Path] = ()) -> None:
        self.engine = engine
        self.task = task
        self._visits: dict[str, _Visit] = {}
        self._opening = _inputs_of(start)
        self.controls = Controls(task, _comfortable(engine, task, self._opening))
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
                self.extras = self._extras()
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

    def _extras(self) -> dict[str, gr.Image]:
        """The images that need not be given, two in a row."""
        roles = OPTIONAL_INPUTS[self.task]
        extras = {}
        with gr.Accordion(_EXTRAS[self.task], open=False):
            for pair in (roles[i : i + 2] for i in range(0, len(roles), 2)):
                with gr.Row():
                    for role in pair:
                        with gr.Column(min_width=150):
                            label = role.capitalize().replace("_", " ")
                            extras[role] = image_input(label, height=160)
                            gr.Markdown(ABOUT_OPTIONAL[role].capitalize() + ".")
            if "mask" in extras:
                MaskPainter(self.images["content"], extras["mask"])
        return extras

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

        gallery.select(pick, None, image, api_visibility="private", show_progress="hidden")
        image.upload(_check, image, image, api_visibility="private", show_progress="hidden")
        return image

    def _draw_finished(self, finished: Sequence[Path]) -> None:
        gr.Markdown("**Made here.** Click one to start from it:")
        gallery = gr.Gallery(
            [(thumbnail(path, 320), title(path)) for path in finished], show_label=False, columns=4, height="auto",
            allow_preview=False, object_fit="cover", interactive=False, buttons=[], elem_classes="finished",
            format="jpeg",
        )  # fmt: skip

        def pick(event: gr.SelectData, request: gr.Request) -> Updates:
            return self._example(finished[event.index], request)

        outputs = [*self._inputs, *self.panel.components]
        gallery.select(pick, None, outputs, api_visibility="private", show_progress="hidden")

    @property
    def _inputs(self) -> list[Any]:
        return [*self.images.values(), *self.extras.values(), *self.controls.components]

    def _connect(self) -> None:
        private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        buttons = [self.start, self.stop]
        begun = self.start.click(self._busy, None, buttons, queue=False, js=SHOW_RESULT, **private)
        run = begun.then(self._run, self._inputs, self.panel.components, concurrency_limit=None, **private)
        for end in (run.success, run.failure):  # which `then` alone does not reach after an error at the start
            end(self._idle, None, buttons, queue=False, **private)
        self.stop.click(self._stop, None, None, queue=False, **private)
        self.reset.click(self._reset, None, [*self._inputs, self.load, *self.panel.components], queue=False, **private)
        for role, image in self.extras.items():
            if role == "init_image":
                image.upload(_check_start, image, [image, self.controls["init"]], **private)
            else:
                image.upload(_check, image, image, **private)
        self.load.upload(self._load, self.load, self.controls.components, **private)

    @staticmethod
    def _busy() -> tuple[Any, Any]:
        return gr.update(interactive=False), gr.update(interactive=True)

    @staticmethod
    def _idle() -> tuple[Any, Any]:
        return gr.update(interactive=True), gr.update(interactive=False)

    async def _run(self, request: gr.Request, *values: Any) -> AsyncGenerator[Updates]:
        session, visit = str(request.session_hash), _Visit()
        self._visits[session] = visit
        try:
            with friendly(), tempfile.TemporaryDirectory(prefix="pastiche-") as name:
                async with aclosing(self._show(visit, request, values, Path(name))) as shown:
                    async for updates in shown:
                        yield updates
        finally:
            if self._visits.get(session) is visit:
                del self._visits[session]

    async def _show(
        self, visit: _Visit, request: gr.Request, values: tuple[Any, ...], folder: Path
    ) -> AsyncGenerator[Updates]:
        """The panel from the first word to the last, unless the visitor turns to something else."""
        run = await asyncio.to_thread(self._prepare, values)
        job = visit.job = self.engine.submit(run)
        if visit.stopped:
            job.stop()
        yield self.panel.begun(self.engine, job)
        try:
            async with aclosing(watch(self.engine, job, request)) as watched:
                async for news in watched:
                    if visit.instead is not None:
                        yield visit.instead
                    elif news and not job.finished:
                        yield await asyncio.to_thread(self.panel.running, self.engine, job, folder)
                    else:
                        yield self.panel.said(self.engine, job)
        except Exception:
            yield self.panel.said(self.engine, job)
            raise
        if visit.instead is not None:
            yield visit.instead
        elif not job.finished:
            return  # nobody is there any more
        elif job.picture is None:
            yield self.panel.opened() | self.panel.said(self.engine, job)
        else:
            call = client_call(_server(request), self.task, run.recipe, _names(run.inputs))
            yield await asyncio.to_thread(self.panel.finished, self.engine, job, job.picture, call, folder)
            yield await asyncio.to_thread(self.panel.with_film, job, folder)

    def _prepare(self, values: tuple[Any, ...]) -> Run:
        roles = [*self.images, *self.extras]
        paths = dict(zip(roles, values[: len(roles)], strict=True))
        recipe = self.controls.recipe(values[len(roles) :])
        if recipe.init != "image":
            paths["init_image"] = None
        return prepare(self.engine, self.task, recipe, paths)

    def _stop(self, request: gr.Request) -> None:
        if visit := self._visits.get(str(request.session_hash)):
            visit.stop()

    def _leave(self, request: gr.Request, instead: Updates) -> None:
        """Stop this visitor's run, if there is one, and have the panel show something else."""
        if visit := self._visits.get(str(request.session_hash)):
            visit.instead = instead
            visit.stop()

    def _reset(self, request: gr.Request) -> Updates:
        self._leave(request, self.panel.opened())
        shown = zip(self.controls.components, self.controls.values(self.controls.start), strict=True)
        images: Updates = {image: self._opening[role] for role, image in self.images.items()}
        return {**images, **dict.fromkeys(self.extras.values()), self.load: None, **dict(shown)} | self.panel.opened()

    def _load(self, path: str) -> list[Any]:
        with friendly():
            return self.controls.values(recipe_of(uploaded(path), self.task))

    def _example(self, path: Path, request: gr.Request) -> Updates:
        """Everything filled in as it was for a finished picture."""
        with friendly():
            shown = zip(self.controls.components, self.controls.values(recipe_of(path, self.task)), strict=True)
            made_of = _inputs_of(path)
            inputs: Updates = {image: made_of[role] for role, image in self.images.items()}
            inputs |= dict.fromkeys(self.extras.values())
            panel = self.panel.finished_example(*self._finished(path))
            self._leave(request, panel)
            return {**inputs, **dict(shown)} | panel

    def _finished(self, path: Path) -> tuple[tuple[Any, str], str]:
        picture = load_image(path)
        with Image.open(_inputs_of(path)["content"]) as content:
            original = content.convert("RGB").resize((picture.width, picture.height), Image.Resampling.LANCZOS)
        return (original, str(path)), f"{title(path)}. Press Paint to make it anew, or bring your own."


def _check(path: str | None) -> str | None:
    with friendly():
        return check_upload(path)


def _check_start(path: str | None) -> tuple[str | None, str]:
    """An init image, and the setting that it asks for."""
    return _check(path), "image"


def prepare(engine: Engine, task: str, recipe: Recipe, paths: Mapping[str, str | None]) -> Run:
    """A run for an engine from paths of uploads by role; says which image is missing."""
    missing = [role for role in INPUTS[task] if not paths[role]]
    if missing:
        raise ImageError(f"There is no {' and no '.join(missing)} image yet: choose one, or drop one in.")
    given = {role: path for role, path in paths.items() if path}
    if gone := [Path(path).name for path in given.values() if not Path(path).exists()]:
        raise ImageError(f"{gone[0]} is no longer here, as uploads are deleted after some hours: choose it again.")
    return from_inputs(task, {role: load_image(path) for role, path in given.items()}, recipe, engine.backbone)


def _comfortable(engine: Engine, task: str, opening: dict[str, str]) -> Recipe:
    """The default recipe, smaller where the engine would take long for the pictures that a tab opens with."""
    recipe = Recipe.preset(task=task)
    if engine.limits is None:
        return recipe
    return engine.limits.comfortable(prepare(engine, task, recipe, {role: opening[role] for role in INPUTS[task]}))


def recipe_of(path: str | Path, task: str) -> Recipe:
    """The recipe that a picture made by this project holds; RecipeError when there is none, or for another task."""
    picture = load_image(path)
    made_with, recipe = recipe_in(picture)
    if made_with != task:
        raise RecipeError(f"{picture.name} was made with {made_with!r}: load it in that tab.")
    return recipe


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
