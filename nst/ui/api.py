"""The endpoints for programs: /stylize, /reconstruct, /synthesize and /presets.

Their parameters are made from the fields of `Recipe`.  A setting on which all presets agree shows its default;
the others are None by default, which means: as in the preset.
"""

from __future__ import annotations

import asyncio
import inspect
import tempfile
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.components.api_component import Api
from gradio.events import api

from ..errors import ClosedError
from ..pictures.writing import save_image
from ..recipe import DEFAULT_PRESET, PRESETS, Recipe, setting, settings_of
from ..serving.job import Job
from ..serving.worker import Worker
from ..setting import require_known
from ..task import ROLE_HELP, TASKS, Task
from .controls import SHARED_BY_PRESETS
from .friendly import friendly
from .image_input import image_input
from .preparation import prepared
from .result_files import download_name, save_preview
from .signature import sign
from .visitor_jobs import VisitorJobs
from .watch import ABANDONED, watch

Answer = tuple[str | None, dict[str, Any]]
"""The path of an image, None before the first preview, and how far the painting is."""

UNFINISHED = ("waiting", "running")
"""States of a job whose result is still to come."""

_STREAM = (
    " Streams (image, progress): previews as JPEG while it runs, the result as PNG with its recipe embedded at last. "
    'progress has state ("waiting", "running", "done"), place in the line, scale, scales, width, height, step, steps, '
    "iteration, iterations, done (0 to 1), rate (steps per second), seconds, seconds_left, content_loss, style_loss, "
    "at the end the whole recipe, and a note if there is something to say. A setting of null is taken from the preset."
)
PRESET_HELP = "the recipe to start from"


def draw_api(worker: Worker, jobs: VisitorJobs) -> None:
    """Add the endpoints in the current Gradio context; nothing of them is seen on the page.

    jobs: the page's count of what its visitors have painted.
    """
    for task in TASKS.values():
        _draw_endpoint(worker, jobs, task)
    api(presets, api_name="presets")


def presets(task: str = "stylize") -> dict[str, dict[str, Any]]:
    """Every preset with all of its settings, for the task "stylize", "reconstruct" or "synthesize"."""
    with friendly(on_page=False):
        known = require_known(task, tuple(TASKS), "task")
        return {name: Recipe.preset(name, known).to_json() for name in PRESETS}


def _draw_endpoint(worker: Worker, jobs: VisitorJobs, task: Task) -> None:
    with gr.Column(visible=False):
        images = [image_input(ROLE_HELP[role], visible=False) for role in task.inputs]
        optional_images = [image_input(ROLE_HELP[role], visible=False) for role in task.optional_inputs]
        preset = Api(DEFAULT_PRESET, described({"type": "string", "enum": list(PRESETS)}, PRESET_HELP), "preset")
        settings = [setting_input(name, task) for name in settings_of(task.name)]
        image = gr.Image(visible=False, label="image")
        progress = gr.JSON(visible=False, label="progress")
        trigger = gr.Button(visible=False)
    handler = _handler(worker, jobs, task)
    handler.__name__, handler.__doc__ = task.name, _docstring(task)
    trigger.click(
        handler, [*images, preset, *settings, *optional_images], [image, progress],
        api_name=task.name, api_description=task.summary + _STREAM, concurrency_limit=None,
    )  # fmt: skip


def _handler(worker: Worker, jobs: VisitorJobs, task: Task) -> Callable[..., AsyncGenerator[Answer]]:
    """The function behind an endpoint."""
    names = [*task.inputs, "preset", *settings_of(task.name), *task.optional_inputs]

    async def handler(request: gr.Request, *values: Any) -> AsyncGenerator[Answer]:
        given = dict(zip(names, values, strict=True))
        with (
            friendly(on_page=False),
            jobs.one_more(request),
            tempfile.TemporaryDirectory(prefix="gramarye-") as folder,
        ):
            recipe = _recipe(given, task)
            paths = {role: given[role] for role in task.roles}
            painting = await prepared(worker, task.name, recipe, paths)
            job = worker.submit(painting, filmed=False)
            async with aclosing(_answers(worker, job, request, Path(folder))) as answers:
                async for answer in answers:
                    yield answer

    sign(handler, {name: _default(name, task) for name in names})
    return handler


async def _answers(worker: Worker, job: Job, request: gr.Request, folder: Path) -> AsyncGenerator[Answer]:
    """What a client is sent of a job: previews and progress, then the result.  folder: for the files."""
    painting, preview = job.painting, None
    async with aclosing(watch(worker, job, request)) as watched:
        async for has_snapshot in watched:
            if has_snapshot and not job.finished:
                preview = await asyncio.to_thread(_save_preview, job, folder)
            if (progress := _progress(worker, job))["state"] in UNFINISHED:  # which it may have been until just now
                yield preview, progress
    if job.picture is None or job.state != "done":
        raise ClosedError(
            f"The painting was given up: nobody listened for {ABANDONED:g} s, or the server is closing. Call again."
        )
    path = folder / download_name(painting.inputs, painting.task)
    await asyncio.to_thread(save_image, job.picture, path)
    yield str(path), _progress(worker, job) | {"recipe": painting.recipe.to_json()}


def _recipe(given: dict[str, Any], task: Task) -> Recipe:
    """The recipe that a client asks for.  given: the values of all parameters by name."""
    changes = {name: given[name] for name in settings_of(task.name) if given[name] is not None}
    if given["init_image"]:
        changes["init"] = changes.get("init") or "image"
    return Recipe.preset(given["preset"], task.name, **changes)


def _docstring(task: Task) -> str:
    """What the parameters mean, where Gradio looks for what it tells agents."""
    settings = {name: setting_help(name, task) for name in settings_of(task.name)}
    images: dict[str, str] = {role: ROLE_HELP[role] for role in task.inputs}
    optional_images: dict[str, str] = {role: ROLE_HELP[role] for role in task.optional_inputs}
    arguments = images | {"preset": PRESET_HELP} | settings | optional_images
    return "\n".join([task.summary, "", "Args:", *(f"    {name}: {help}" for name, help in arguments.items())])


def _default(name: str, task: Task) -> Any:
    """None, or no default at all for the images that must be given."""
    return inspect.Parameter.empty if name in task.inputs else None


def setting_input(name: str, task: Task) -> Api:
    """The parameter of a setting, with its type, its meaning and its default."""
    about, value = setting(name), Recipe.preset(task=task.name).to_json()[name]
    types = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    schema: dict[str, Any] = {"type": types[type(value)]}
    if about.many and not about.choices:
        schema["items"] = {"type": "number"}
    elif about.many:
        schema["items"] = {"type": "string", "enum": list(about.choices or ())}
    elif about.choices:
        schema["enum"] = list(about.choices)
    default = value if name in SHARED_BY_PRESETS else None
    return Api(default, described(schema, setting_help(name, task)), name)


def setting_help(name: str, task: Task) -> str:
    """What a setting means, what it may be, and what it is if nothing is said."""
    about, value = setting(name), Recipe.preset(task=task.name).to_json()[name]
    default = "" if name in SHARED_BY_PRESETS else f"; null: as in the preset ({value!r} in {DEFAULT_PRESET})"
    return f"{about.help}; {about.allowed}{default}"


def described(schema: dict[str, Any], help: str) -> dict[str, Any]:
    """The type of a parameter with what it means, where each client looks for it."""
    return {**schema, "description": help, "additional_description": help}


def _save_preview(job: Job, folder: Path) -> str:
    assert job.snapshot is not None
    path = folder / f"{job.snapshot.progress.iteration}.jpg"
    return save_preview(job.snapshot.picture, job.painting.size, path)


def _progress(worker: Worker, job: Job) -> dict[str, Any]:
    """How far a job is, in JSON."""
    where = {"state": job.state, "place": worker.place(job)}
    if job.snapshot is None:
        return where
    progress, losses = job.snapshot.progress, job.snapshot.losses
    return where | ({"note": progress.note} if progress.note else {}) | {
        "scale": progress.scale, "scales": progress.scales,
        "width": progress.size[0], "height": progress.size[1],
        "step": progress.step, "steps": progress.steps,
        "iteration": progress.iteration, "iterations": progress.iterations,
        "done": progress.done, "rate": job.snapshot.rate,
        "seconds": progress.seconds, "seconds_left": progress.seconds_left,
        "content_loss": losses.content, "style_loss": losses.style,
    }  # fmt: skip
