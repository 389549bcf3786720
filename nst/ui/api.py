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

from ..pictures.writing import save_image
from ..recipe import INPUTS, OPTIONAL_INPUTS, PRESETS, TASKS, Recipe, setting, settings_of
from ..serving.engine import Engine, Job
from .controls import KEPT
from .pictures import ABOUT_OPTIONAL, download_name, image_input, save_preview
from .task_tab import prepare
from .watch import ABANDONED, friendly, watch

_ABOUT = {
    "stylize": "Paint the content in the style of the style image: content loss plus style loss.",
    "reconstruct": "Recover a picture from its feature maps, from noise: content loss alone.",
    "synthesize": "Make a texture in the style of an image, from noise: style loss alone.",
}
_STREAM = (
    " Streams (image, progress): previews as JPEG while it runs, the result as PNG with its recipe embedded at last. "
    'progress has state ("waiting", "running", "done"), place in the line, scale, scales, width, height, step, steps, '
    "iteration, iterations, done (0 to 1), rate (steps per second), seconds, seconds_left, content_loss, style_loss, "
    "and at the end the whole recipe. A setting of null is taken from the preset."
)


_PRESET = "the recipe to start from"


def draw_api(engine: Engine) -> None:
    """Add the endpoints in the current Gradio context; nothing of them is seen on the page."""
    for task in TASKS:
        _draw_task(engine, task)
    api(presets, api_name="presets")


def presets(task: str = "stylize") -> dict[str, dict[str, Any]]:
    """Every preset with all of its settings, for the task "stylize", "reconstruct" or "synthesize"."""
    with friendly(on_page=False):
        return {name: Recipe.preset(name, task).to_json() for name in PRESETS}


def _draw_task(engine: Engine, task: str) -> None:
    with gr.Column(visible=False):
        images = [image_input(f"the {role} image", visible=False) for role in INPUTS[task]]
        extras = [image_input(ABOUT_OPTIONAL[role], visible=False) for role in OPTIONAL_INPUTS[task]]
        preset = Api("balanced", _schema({"type": "string", "enum": list(PRESETS)}, _PRESET), "preset")
        settings = [_component(name, task) for name in settings_of(task)]
        image = gr.Image(visible=False, label="image")
        progress = gr.JSON(visible=False, label="progress")
        trigger = gr.Button(visible=False)
    handler = _handler(engine, task)
    handler.__name__, handler.__doc__ = task, _docstring(task)
    trigger.click(
        handler, [*images, preset, *settings, *extras], [image, progress],
        api_name=task, api_description=_ABOUT[task] + _STREAM, concurrency_limit=None,
    )  # fmt: skip


def _handler(engine: Engine, task: str) -> Callable[..., AsyncGenerator[tuple[str | None, dict[str, Any]]]]:
    """The function behind an endpoint; its signature is what the docs and the clients see."""
    names = [*INPUTS[task], "preset", *settings_of(task), *OPTIONAL_INPUTS[task]]

    async def handler(request: gr.Request, *values: Any) -> AsyncGenerator[tuple[str | None, dict[str, Any]]]:
        given = dict(zip(names, values, strict=True))
        with friendly(on_page=False), tempfile.TemporaryDirectory(prefix="pastiche-") as name:
            folder = Path(name)
            changes = {n: v for n in settings_of(task) if (v := given[n]) is not None}
            if given["init_image"]:
                changes["init"] = changes.get("init") or "image"
            recipe = Recipe.preset(given["preset"], task, **changes)
            paths = {role: given[role] for role in (*INPUTS[task], *OPTIONAL_INPUTS[task])}
            run = await asyncio.to_thread(prepare, engine, task, recipe, paths)
            job = engine.submit(run, filmed=False)
            preview = None
            async with aclosing(watch(engine, job, request)) as watched:
                async for news in watched:
                    if news and not job.finished:
                        preview = await asyncio.to_thread(_preview, job, folder)
                    if not job.finished:
                        yield preview, _facts(engine, job)
            if job.picture is None or job.state != "done":
                raise gr.Error(
                    f"The run was given up: nobody listened for {ABANDONED:g} s, or the server is closing.",
                    print_exception=False,
                )
            path = folder / download_name(run.inputs, task)
            await asyncio.to_thread(save_image, job.picture, path)
            yield str(path), _facts(engine, job) | {"recipe": recipe.to_json()}

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = [inspect.Parameter(name, kind, default=_default(name)) for name in names]
    client = inspect.Parameter("request", kind, annotation=gr.Request)
    handler.__signature__ = inspect.Signature([client, *parameters])  # type: ignore[attr-defined]
    return handler


def _docstring(task: str) -> str:
    """What the parameters mean, where Gradio looks for what it tells agents."""
    images = {role: f"the {role} image" for role in INPUTS[task]}
    optional = {role: ABOUT_OPTIONAL[role] for role in OPTIONAL_INPUTS[task]}
    words = images | {"preset": _PRESET} | {name: _words(name, task) for name in settings_of(task)} | optional
    return "\n".join([_ABOUT[task], "", "Args:", *(f"    {name}: {about}" for name, about in words.items())])


def _default(name: str) -> Any:
    """None, or no default at all for the images that must be given."""
    return inspect.Parameter.empty if name in ("content", "style") else None


def _component(name: str, task: str) -> Api:
    facts, value = setting(name), Recipe.preset(task=task).to_json()[name]
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    schema: dict[str, Any] = {"type": kinds[type(value)]}
    if facts.many and not facts.choices:
        schema["items"] = {"type": "number"}
    elif facts.many:
        schema["items"] = {"type": "string", "enum": list(facts.choices or ())}
    elif facts.choices:
        schema["enum"] = list(facts.choices)
    return Api(value if name in KEPT else None, _schema(schema, _words(name, task)), name)


def _words(name: str, task: str) -> str:
    """What a setting means, what it may be, and what it is if nothing is said."""
    facts, value = setting(name), Recipe.preset(task=task).to_json()[name]
    return f"{facts.help}; {facts.allowed}" + (
        "" if name in KEPT else f"; null: as in the preset ({value!r} in balanced)"
    )


def _schema(schema: dict[str, Any], words: str) -> dict[str, Any]:
    return {**schema, "description": words, "additional_description": words}


def _preview(job: Job, folder: Path) -> str:
    assert job.snapshot is not None
    return save_preview(job.snapshot.image, job.run.size, folder / f"{job.snapshot.progress.iteration}.jpg")


def _facts(engine: Engine, job: Job) -> dict[str, Any]:
    facts: dict[str, Any] = {"state": job.state, "place": engine.place(job)}
    if job.snapshot is None:
        return facts
    at, losses = job.snapshot.progress, job.snapshot.losses
    return facts | {
        "scale": at.scale, "scales": at.scales, "width": at.size[0], "height": at.size[1],
        "step": at.step, "steps": at.steps, "iteration": at.iteration, "iterations": at.iterations,
        "done": at.done, "rate": job.snapshot.rate, "seconds": at.seconds, "seconds_left": at.seconds_left,
        "content_loss": losses.content, "style_loss": losses.style,
    }  # fmt: skip
