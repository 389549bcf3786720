"""What each layer keeps, as filmstrips: ready for some examples, computed on demand for everything else."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from functools import cache
from typing import Any

import gradio as gr
import numpy as np
from PIL import Image

from ..errors import ImageError
from ..learn.filmstrips import KINDS, Frame, Kind, filmstrip_paintings, original_at
from ..learn.metrics import Metrics
from ..locations import EXAMPLES
from ..serving.job import Job
from ..serving.worker import Worker
from ..taps import ARTICLE_STYLE_TAPS
from .friendly import friendly
from .inline_image import figure_html
from .languages import Words, said, words_of
from .readers import read_for
from .status import status_html
from .uploads import load_upload
from .visitor_jobs import VisitorJobs
from .watch import watch

SIZE, STEPS = 128, 60
"""Pixels of the long side, and steps, for a visitor's own picture: a layer in a few seconds."""

_FORMULAS = r"""
$$ \text{MSE} = \frac{1}{N} \sum_n (x_n - y_n)^2 $$
$$ \text{PSNR} = 10 \log_{10} \frac{1}{\text{MSE}} $$
$$ \text{SSIM} = \frac{(2 \mu_x \mu_y + c_1)(2 \sigma_{xy} + c_2)}
{(\mu_x^2 + \mu_y^2 + c_1)(\sigma_x^2 + \sigma_y^2 + c_2)} $$
"""


class FilmstripsPanel:
    """Draws itself in the current Gradio context.  images: "content" and "style" -> the pictures.

    jobs: the page's count of what its visitors have painted.
    """

    def __init__(self, worker: Worker, images: dict[str, gr.Image], jobs: VisitorJobs) -> None:
        self._worker = worker
        self._jobs = jobs
        private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        gr.Markdown(said(_intro))
        self.inputs = [images[kind] for kind in KINDS]
        self.outputs: list[Any] = []
        for kind in KINDS:
            gr.Markdown(f"#### {said(f'strips.{kind}')}")
            strip = gr.HTML("")
            with gr.Row():
                begin = gr.Button(said(f"strips.compute_{kind}"), size="sm", min_width=150)
                stop = gr.Button(said("tab.stop"), variant="stop", size="sm", min_width=60)
            self.outputs.append(strip)
            computed = begin.click(self._computing(kind), images[kind], strip, concurrency_limit=None, **private)
            stop.click(None, None, None, cancels=computed, queue=False, **private)

    async def show(self, request: gr.Request, *paths: str | None) -> tuple[str, ...]:
        """The strips that are ready; what to do for one that is not."""
        words = words_of(request)
        with friendly():
            return tuple(
                [
                    await read_for(request, _ready_html, kind, path, words)
                    for kind, path in zip(KINDS, paths, strict=True)
                ]
            )

    def _computing(self, kind: Kind) -> Any:
        async def compute(path: str | None, request: gr.Request) -> AsyncGenerator[str]:
            with friendly(), self._jobs.one_more(request):
                if not path:
                    raise ImageError(f"There is no {kind} image yet: choose one above, or drop one in.")
                async with aclosing(self._compute(kind, path, request)) as shown:
                    async for html in shown:
                        yield html

        return compute

    async def _compute(self, kind: Kind, path: str, request: gr.Request) -> AsyncGenerator[str]:
        """The strip as it grows, frame by frame, with the status of the frame that is being painted."""
        picture = await read_for(request, load_upload, path)
        original = await asyncio.wrap_future(self._worker.ask(lambda: original_at(picture, SIZE)))
        frames: list[Frame] = []
        words = words_of(request)
        for part in filmstrip_paintings(kind, picture, SIZE, STEPS, self._worker.backbone):
            job = self._worker.submit(part.painting, filmed=False)
            async with aclosing(watch(self._worker, job, request)) as watched:
                async for _ in watched:
                    yield _strip_html(frames, words) + self._status_html(job, len(frames) + 1, part.label, words)
            if job.state != "done" or job.picture is None:
                return  # the studio closes, or nobody is there any more: the picture is not what the layer keeps
            frames.append(part.frame_of(job.picture, original))
            yield _strip_html(frames, words)

    def _status_html(self, job: Job, number: int, label: str, words: Words) -> str:
        layer = words("strips.layer", number=number, count=len(ARTICLE_STYLE_TAPS), label=words.sentence(label))
        return f"<p>{layer}</p>" + status_html(self._worker, job, words)


def _intro(words: Words) -> str:
    return f"{words('strips.intro')}\n{_FORMULAS}\n{words('strips.figures')}"


def _ready_html(kind: Kind, path: str | None, words: Words) -> str:
    """A strip made beforehand, if there is one for this very picture."""
    if not path:
        return f"<p>{words('intuition.choose')}</p>"
    name = _names_by_digest().get((kind, load_upload(path).digest))
    if name is None:
        return f"<p>{words('strips.not_ready', size=SIZE)}</p>"
    return _strip_html(list(frames_of(name)), words)


@cache
def ready_strips() -> dict[str, dict[str, Any]]:
    """Name -> kind, digest and frames of each strip in examples/layers, as its layers.json says."""
    path = EXAMPLES / "layers" / "layers.json"
    strips: dict[str, dict[str, Any]] = json.loads(path.read_text()) if path.exists() else {}
    return strips


@cache
def _names_by_digest() -> dict[tuple[str, str], str]:
    """(kind, digest of the picture) -> name of the strip."""
    return {(strip["kind"], strip["digest"]): name for name, strip in ready_strips().items()}


def frames_of(name: str) -> Iterator[Frame]:
    """The frames of a strip in examples/layers."""
    described = ready_strips()[name]["frames"]
    with Image.open(EXAMPLES / "layers" / f"{name}.webp") as image:
        pictures = np.split(np.asarray(image.convert("RGB")), len(described), axis=1)
    for frame, rgb in zip(described, pictures, strict=True):
        yield Frame(frame["label"], rgb, Metrics(frame["mse"], frame["psnr"], frame["ssim"]))


def _strip_html(frames: Sequence[Frame], words: Words) -> str:
    labels = [words.sentence(frame.label) for frame in frames]
    figures = "".join(
        figure_html(frame.rgb, words("strips.made_from", label=label), f"<b>{label}</b>{_metrics_html(frame.metrics)}")
        for label, frame in zip(labels, frames, strict=True)
    )
    return f'<div class="filmstrip" tabindex="0" role="group" aria-label="{words("strips.strip")}">{figures}</div>'


def _metrics_html(metrics: Metrics) -> str:
    decibels = "∞" if math.isinf(metrics.psnr) else f"{metrics.psnr:.1f}"
    return f"<span>MSE {metrics.mse:.4f}</span><span>PSNR {decibels} dB</span><span>SSIM {metrics.ssim:.3f}</span>"
