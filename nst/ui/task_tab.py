"""One task as a tab: its input images and galleries, its controls, its buttons, its result."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
from PIL import Image

from ..errors import ClosedError
from ..painting.painting import Painting
from ..pictures.reading import load_image
from ..serving.worker import Worker
from ..task import MASKED_ROLES, STYLE_MASK_ROLES, STYLE_ROLES, TASKS, Role, TaskName
from .controls import Controls
from .examples import example_files, gallery, inputs_of, title
from .friendly import friendly
from .image_input import check_upload, image_input
from .languages import Words, said, words_of
from .mask_painter import MaskPainter
from .page_address import server_of
from .preparation import comfortable_recipe, prepared, recipe_of
from .readers import in_turn
from .result_panel import Caption, ResultPanel
from .sent_image import require_uploaded
from .snippet import client_call
from .visitor_jobs import VisitorJobs
from .visits import Updates, Visit, Visits
from .watch import watch

OPTIONAL_ROWS: tuple[tuple[Role, ...], ...] = (
    ("mask", "style_mask"),
    ("style_2", "style_2_mask"),
    ("style_3", "style_3_mask"),
    ("style_4", "style_4_mask"),
    ("importance", "init_image"),
)
"""How the images that need not be given lie beside one another: a style beside its mask."""

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
    """

    def __init__(
        self,
        worker: Worker,
        task: TaskName,
        start: Path,
        intro: str = "",
        finished: Sequence[Path] = (),
        jobs: VisitorJobs | None = None,
    ) -> None:
        self._worker = worker
        self._jobs = jobs or VisitorJobs()
        self._task = TASKS[task]
        self._visits = Visits()
        made_of = inputs_of(start)
        self._opening = {role: made_of[role] for role in self._task.inputs}
        self.controls = Controls(task, comfortable_recipe(worker, task, self._opening))
        if intro:
            gr.Markdown(intro)
        with gr.Row():
            with gr.Column(scale=5, min_width=320):
                self._draw_inputs()
            with gr.Column(scale=6, min_width=320, elem_classes="result"):
                opening = _finished(start) if task == "stylize" else (None, _nothing_yet)
                self.panel = ResultPanel(worker, *opening)
                if finished:
                    self._draw_finished(list(finished))
        self._connect()

    def _draw_inputs(self) -> None:
        """The left side: what the picture is made of, and how."""
        with gr.Row():
            self.images = {role: self._image(role) for role in self._task.inputs}
        self.controls.draw_main()
        with gr.Row():
            self.start = gr.Button(said(f"task.{self._task.name}.verb"), variant="primary", scale=2, min_width=100)
            self.stop = gr.Button(said("tab.stop"), variant="stop", interactive=False, min_width=60)
            self.reset = gr.Button(said("tab.reset"), min_width=60)
        with gr.Accordion(said("tab.settings"), open=False):
            self.controls.draw_others()
        self.optional_images = self._optional_images()
        with gr.Accordion(said("tab.recipe"), open=False):
            self.load = gr.File(label=said("tab.drop"), file_types=list(WITH_RECIPE), type="filepath", height=120)

    def _image(self, role: Role) -> gr.Image:
        with gr.Column(min_width=150):
            label = said(f"role.{role}.label")
            image = image_input(label, value=self._opening[role], height=240, buttons=["fullscreen"])
            files = example_files(role)
            examples = gallery(files, columns=4, label=said(partial(_name_of_examples, role)))

        def pick(event: gr.SelectData) -> str:
            return str(files[event.index])

        examples.select(pick, None, image, **_PRIVATE)
        image.upload(in_turn(check_upload), image, image, **_PRIVATE)
        return image

    def _optional_images(self) -> dict[Role, gr.Image]:
        """The images that need not be given, in the order of the task's table."""
        roles, images = self._task.optional_inputs, {}
        with gr.Accordion(said(partial(optional_title, roles)), open=False):
            for row in OPTIONAL_ROWS:
                if not (shown := [role for role in row if role in roles]):
                    continue
                with gr.Row():
                    for role in shown:
                        with gr.Column(min_width=150):
                            images[role] = image_input(said(f"role.{role}.label"), height=160)
                            gr.Markdown(said(f"role.{role}.help"))
                for role in shown:
                    if role in MASKED_ROLES:
                        self._draw_painter(role, images)
        return {role: images[role] for role in roles}

    def _draw_painter(self, painted: Role, optional_images: dict[Role, gr.Image]) -> None:
        role = MASKED_ROLES[painted]
        MaskPainter({**self.images, **optional_images}[role], role, optional_images[painted], painted)

    def _draw_finished(self, finished: list[Path]) -> None:
        gr.Markdown(said("examples.finished"))
        examples = gallery(finished, 320, css_class="finished", columns=4)

        def pick(event: gr.SelectData, request: gr.Request) -> Updates:
            return self._show_finished(finished[event.index], request)

        examples.select(pick, None, [*self._inputs, *self.panel.components], **_PRIVATE)

    @property
    def _inputs(self) -> list[Any]:
        return [*self.images.values(), *self.optional_images.values(), *self.controls.components]

    def is_painting(self, request: gr.Request) -> bool:
        """Whether a visitor's painting is under way, so that what the slider holds is of other pictures."""
        return self._visits.is_under_way(request)

    def _connect(self) -> None:
        buttons = [self.start, self.stop]
        begun = self.start.click(_busy, None, buttons, queue=False, js=SHOW_RESULT, **_PRIVATE)
        painted = begun.then(self._paint, self._inputs, self.panel.components, concurrency_limit=None, **_PRIVATE)
        for end in (painted.success, painted.failure):  # which `then` alone does not reach after an error at the start
            end(_idle, None, buttons, queue=False, **_PRIVATE)
        self.stop.click(self._stop, None, None, queue=False, **_PRIVATE)
        self.reset.click(self._reset, None, [*self._inputs, self.load, *self.panel.components], queue=False, **_PRIVATE)
        for role, image in self.optional_images.items():
            if role == "init_image":
                image.upload(in_turn(_check_init_image), image, [image, self.controls["init"]], **_PRIVATE)
            else:
                image.upload(in_turn(check_upload), image, image, **_PRIVATE)
        self.load.upload(in_turn(self._load), self.load, self.controls.components, **_PRIVATE)

    async def _paint(self, request: gr.Request, *values: Any) -> AsyncGenerator[Updates]:
        with (
            self._visits.begin(request) as visit,
            friendly(),
            self._jobs.one_more(request),
            tempfile.TemporaryDirectory(prefix="gramarye-") as folder,
        ):
            async with aclosing(self._show_painting(visit, request, values, Path(folder))) as shown:
                async for updates in shown:
                    yield updates

    async def _show_painting(
        self, visit: Visit, request: gr.Request, values: tuple[Any, ...], folder: Path
    ) -> AsyncGenerator[Updates]:
        """The panel from the first word to the last, unless the visitor turns to something else."""
        words = words_of(request)
        painting = await self._prepared(values)
        job = self._worker.submit(painting)
        visit.submitted(job)
        yield self.panel.show_start(job, words)
        try:
            async with aclosing(watch(self._worker, job, request)) as watched:
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
            names = {role: picture.name for role, picture in painting.inputs.items()}
            call = client_call(
                server_of(request), self._task.name, painting.recipe, names,
                asks_for_password=request.username is not None,
            )  # fmt: skip
            yield await asyncio.to_thread(self.panel.show_result, job, words, job.picture, call, folder)
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

    def _stop(self, request: gr.Request) -> None:
        self._visits.stop(request)

    def _reset(self, request: gr.Request) -> Updates:
        opening = self.panel.show_opening(words_of(request))
        self._visits.leave(request, opening)
        settings = zip(self.controls.components, self.controls.values(self.controls.start), strict=True)
        images: Updates = {image: self._opening[role] for role, image in self.images.items()}
        images |= dict.fromkeys(self.optional_images.values())
        return {**images, self.load: None, **dict(settings)} | opening

    def _load(self, path: str) -> list[Any]:
        with friendly():
            return self.controls.values(recipe_of(require_uploaded(path), self._task.name))

    def _show_finished(self, path: Path, request: gr.Request) -> Updates:
        """Everything filled in as it was for a finished picture."""
        with friendly():
            recipe, made_of = recipe_of(path, self._task.name), inputs_of(path)
            settings = zip(self.controls.components, self.controls.values(recipe), strict=True)
            images: Updates = {image: made_of[role] for role, image in self.images.items()}
            images |= dict.fromkeys(self.optional_images.values())
            before_after, caption = _finished(path)
            panel = self.panel.show_example(before_after, caption(words_of(request)))
            self._visits.leave(request, panel)
            return {**images, **dict(settings)} | panel


def optional_title(roles: Sequence[Role], words: Words) -> str:
    """What optional inputs a task has: "More styles, masks, importance, init image"."""
    masks = ("mask", *STYLE_MASK_ROLES)
    kinds = {"more_styles": STYLE_ROLES, "masks": masks, "importance": ("importance",), "init_image": ("init_image",)}
    names = words("page.comma").join(words(f"tab.{name}") for name, kind in kinds.items() if set(roles) & set(kind))
    return names[0].upper() + names[1:]


def _name_of_examples(role: Role, words: Words) -> str:
    return words("examples.of_role", role=words(f"role.{role}.label"))


def _nothing_yet(words: Words) -> str:
    return words("tab.empty")


def _caption(path: Path, words: Words) -> str:
    return words("examples.again", title=title(path, words))


def _finished(path: Path) -> tuple[tuple[Any, str], Caption]:
    """A finished picture beside its content, and the words below."""
    picture = load_image(path)
    with Image.open(inputs_of(path)["content"]) as content:
        original = content.convert("RGB").resize((picture.width, picture.height), Image.Resampling.LANCZOS)
    return (original, str(path)), partial(_caption, path)


def _busy() -> tuple[Any, Any]:
    return gr.update(interactive=False), gr.update(interactive=True)


def _idle() -> tuple[Any, Any]:
    return gr.update(interactive=True), gr.update(interactive=False)


def _check_init_image(path: str | None) -> tuple[str | None, str]:
    """An init image, and the setting that it asks for."""
    return check_upload(path), "image"
