"""How long a painting will take, said before it is begun: beside each preset, and for the settings as they are."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import Any

import gradio as gr
import torch
from PIL import Image

from ..errors import NstError
from ..painting.painting import Painting, painting_of
from ..pictures.picture import Picture
from ..recipe import PRESETS, Recipe, settings_of
from ..serving.cost import Cost
from ..serving.job import Job
from ..serving.pace import Pace
from ..serving.speed import Speed
from ..serving.worker import Worker
from ..task import STYLE_ROLES, TASKS, Role, TaskName
from .controls import SHARED_BY_PRESETS, Controls
from .languages import Words, words_of

COSTLY = (
    "size", "upscale", "style_blend", "style_scale", "start_size", "scale_step", "first_steps", "last_steps",
    "content_taps", "style_taps",
)  # fmt: skip
"""Settings that decide how long it takes."""

TIMED_STEPS = 3
"""At each size, when the speed is measured: as few as a visitor who waits for it likes."""

SHORT_RUN = 2.0
"""Seconds under which a painting says little of how long another will take."""


class Estimates:
    """What is known of the speed of a page's device.  A question to the worker measures it where nobody has."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._pace = Pace(worker.limits.speed if worker.limits else None)
        self._measuring: Future[Speed] | None = None

    def learn(self, job: Job) -> None:
        """From a painting that is done."""
        if job.state == "done" and job.snapshot is not None and job.snapshot.progress.seconds > SHORT_RUN:
            self._pace.learn(self._cost(job.painting), job.snapshot.progress.seconds)

    async def speed(self, *, waits: bool = False) -> Speed | None:
        """By which the next painting is reckoned, measured now where nobody has; None where that can't be had.

        waits: measured also between two steps of somebody's painting.  A worker that paints elsewhere can't be asked:
        of that, the first painting tells.
        """
        is_due = self._pace.measured is None and self._measuring is None and self._worker.paints_here
        if is_due and (waits or not any(self._worker.load().values())):
            backbone = self._worker.backbone
            self._measuring = self._worker.ask(lambda: Speed.measured(backbone, steps=TIMED_STEPS))
        if self._pace.measured is None and self._measuring is not None:
            try:
                self._pace.measured = await asyncio.shield(asyncio.wrap_future(self._measuring))
            except (NstError, RuntimeError):  # the latter is PyTorch's
                self._measuring = None  # somebody may ask again
        return self._pace.speed

    def seconds(self, task: TaskName, recipe: Recipe, paths: Mapping[Role, str | None]) -> float | None:
        """What a painting will take.  paths: of its pictures, of which only the sizes are read.  None where something
        is missing or wrong, or nothing is known of the speed.
        """
        try:
            roles = (*TASKS[task].inputs, *STYLE_ROLES[1:])
            pictures: dict[str, Picture] = {role: _blank(path) for role in roles if (path := paths.get(role))}
            painting = painting_of(task, pictures, recipe.changed(init="random"), self._worker.backbone)
            return self._pace.seconds(self._cost(painting))
        except (NstError, OSError, Image.DecompressionBombError):
            return None

    def _cost(self, painting: Painting) -> Cost:
        return Cost.of(painting, None, self._worker.limits.bytes if self._worker.limits else None)


class EstimateLine:
    """A tab's line.  Draws itself in the current Gradio context."""

    def __init__(self, estimates: Estimates, task: TaskName, controls: Controls) -> None:
        self._estimates = estimates
        self._task = task
        self._controls = controls
        self.component = gr.HTML("")

    def connect(self, images: Mapping[Role, gr.Image]) -> None:
        """Have it follow the settings and the pictures.  images: by role, all that the task takes."""
        shaping = [role for role in images if role in (*TASKS[self._task].inputs, *STYLE_ROLES)]
        changing: list[Any] = [images[role] for role in shaping]
        changing += [self._controls[name] for name in COSTLY if name in settings_of(self._task)]

        async def tell(request: gr.Request, *values: Any) -> str:
            paths = dict(zip(shaping, values, strict=False))
            return await self.text(values[len(shaping) :], paths, words_of(request))

        gr.on(
            [part.change for part in changing], tell, [*(images[role] for role in shaping), *self._controls.components],
            self.component, queue=False, trigger_mode="always_last", show_progress="hidden", api_visibility="private",
        )  # fmt: skip

    async def text(self, values: Sequence[Any], paths: Mapping[Role, str | None], words: Words) -> str:
        """For the settings that the controls show, and pictures.  Empty where nothing can be said."""
        try:
            recipe = self._controls.recipe(values)
            await self._estimates.speed()
        except NstError:
            return ""
        return await asyncio.to_thread(self._html, recipe, paths, words)

    def _html(self, recipe: Recipe, paths: Mapping[Role, str | None], words: Words) -> str:
        seconds = self._estimates.seconds(self._task, recipe, paths)
        if seconds is None:
            return ""
        kept = {name: getattr(recipe, name) for name in SHARED_BY_PRESETS}
        rules = []
        for place, name in enumerate(PRESETS, 1):
            took = self._estimates.seconds(self._task, Recipe.preset(name, self._task, **kept), paths)
            if took is not None:
                label = f"#{self._task} .presets label:nth-of-type({place}) span::after"
                text = words("estimate.of_preset", time=in_words(took, words))
                rules.append(f"{label} {{ content: '{text}'; }}")
        verb, time = words(f"task.{self._task}.verb"), f"<b>{in_words(seconds, words)}</b>"
        sentence = words("estimate.takes", verb=verb, time=time)
        return f'<p class="estimate">{sentence}</p><style>{" ".join(rules)}</style>'


def in_words(seconds: float, words: Words) -> str:
    """As exact as an estimate is: "8 s", "25 s", "3 min"."""
    if seconds < 90:
        step = 1 if seconds < 20 else 5
        return words("estimate.seconds", count=max(1, step * round(seconds / step)))
    if seconds < 5400:
        return words("estimate.minutes", count=round(seconds / 60))
    return words("estimate.hours", count=round(seconds / 3600))


def _blank(path: str) -> Picture:
    """A picture of the same size that takes no memory."""
    with Image.open(path) as image:
        width, height = image.size
    return Picture(torch.zeros(1, 1, 1, 1).expand(1, 3, height, width))
