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
from ..learn.filmstrips import KINDS, TAPS, Frame, original, runs
from ..learn.metrics import Metrics
from ..locations import EXAMPLES
from ..pictures.reading import load_image
from ..serving.engine import Engine
from .heat_map import img
from .status import status_html
from .watch import friendly, watch

SIZE, STEPS = 128, 60
"""Pixels of the long side and steps for a visitor's own picture: a layer in a few seconds."""

_INTRO = """
**What does a layer keep?** The upper strip is made from noise until the *feature maps* of one layer match: shallow
layers give back the pixels, deep ones only what is where. The lower strip is made from noise until the *Gram matrices*
of the layers up to one match: first colors and grain, then strokes and whole motifs, never the composition.

$$ \\text{MSE} = \\frac{1}{N} \\sum_n (x_n - y_n)^2 $$
$$ \\text{PSNR} = 10 \\log_{10} \\frac{1}{\\text{MSE}} $$
$$ \\text{SSIM} = \\frac{(2 \\mu_x \\mu_y + c_1)(2 \\sigma_{xy} + c_2)}
{(\\mu_x^2 + \\mu_y^2 + c_1)(\\sigma_x^2 + \\sigma_y^2 + c_2)} $$

The figures compare pixels with the original: MSE is 0, PSNR (in dB) infinite and SSIM 1 for the same picture. A texture
is near in style and far in pixels, which is why none of the three can measure style.
"""
_TITLES = {
    "content": "The content, reconstructed from one layer alone",
    "style": "The style, a texture from all layers up to one",
}

Strip = Sequence[Frame]


class LayersPanel:
    """Draws itself in the current Gradio context.  images: "content" and "style" -> the pictures."""

    def __init__(self, engine: Engine, images: dict[str, gr.Image]) -> None:
        self._engine = engine
        private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        gr.Markdown(_INTRO)
        self.inputs = [images[kind] for kind in KINDS]
        self.outputs: list[Any] = []
        for kind in KINDS:
            gr.Markdown(f"#### {_TITLES[kind]}")
            strip = gr.HTML("")
            with gr.Row():
                begin = gr.Button(f"Compute the {kind}'s strip", size="sm", min_width=150)
                stop = gr.Button("Stop", variant="stop", size="sm", min_width=60)
            self.outputs.append(strip)
            computed = begin.click(self._computing(kind), images[kind], strip, concurrency_limit=None, **private)
            stop.click(None, None, None, cancels=computed, queue=False, **private)

    async def show(self, *paths: str | None) -> tuple[str, ...]:
        """The strips that are ready; what to do for one that is not."""
        with friendly():
            return tuple(
                [await asyncio.to_thread(_ready_html, kind, path) for kind, path in zip(KINDS, paths, strict=True)]
            )

    def _computing(self, kind: str) -> Any:
        async def compute(path: str | None, request: gr.Request) -> AsyncGenerator[str]:
            with friendly():
                if not path:
                    raise ImageError(f"There is no {kind} image yet: choose one above, or drop one in.")
                picture = await asyncio.to_thread(load_image, path)
                strip: list[Frame] = []
                target: Any = None
                for step in runs(kind, picture, SIZE, STEPS, self._engine.backbone):
                    job = self._engine.submit(step.run, filmed=False)
                    async with aclosing(watch(self._engine, job, request)) as watched:
                        async for _ in watched:
                            words = f"<p>Layer {len(strip) + 1} of {len(TAPS)}, {step.label}:</p>"
                            yield _strip_html(strip) + words + status_html(self._engine, job)
                    if job.picture is None:
                        return
                    if target is None:
                        target = await asyncio.wrap_future(self._engine.ask(lambda: original(picture, SIZE)))
                    strip.append(step.measured(job.picture, target))
                    yield _strip_html(strip)

        return compute


def _ready_html(kind: str, path: str | None) -> str:
    """A strip made beforehand, if there is one for this very picture."""
    if not path:
        return "<p>Choose a picture above.</p>"
    name = _ready().get((kind, load_image(path).digest))
    if name is None:
        return f"<p>Not computed for this picture yet: about half a minute on two cores, at {SIZE} px.</p>"
    return _strip_html(list(frames(name)))


@cache
def _facts() -> dict[str, Any]:
    path = EXAMPLES / "layers" / "layers.json"
    found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return found


@cache
def _ready() -> dict[tuple[str, str], str]:
    """(kind, digest) -> name of the strip."""
    return {(facts["kind"], facts["digest"]): name for name, facts in _facts().items()}


def frames(name: str) -> Iterator[Frame]:
    """The frames of a strip in examples/layers."""
    facts = _facts()[name]["frames"]
    with Image.open(EXAMPLES / "layers" / f"{name}.webp") as image:
        pictures = np.split(np.asarray(image.convert("RGB")), len(facts), axis=1)
    for fact, rgb in zip(facts, pictures, strict=True):
        yield Frame(fact["label"], rgb, Metrics(fact["mse"], fact["psnr"], fact["ssim"]))


def _strip_html(strip: Strip) -> str:
    figures = "".join(
        f"<figure>{img(frame.rgb, f'Made from {frame.label}')}<figcaption><b>{frame.label}</b>{_figures(frame.metrics)}"
        "</figcaption></figure>"
        for frame in strip
    )
    return f'<div class="filmstrip" tabindex="0" role="group" aria-label="Filmstrip by layers">{figures}</div>'


def _figures(metrics: Metrics) -> str:
    decibels = "∞" if math.isinf(metrics.psnr) else f"{metrics.psnr:.1f}"
    return f"<span>MSE {metrics.mse:.4f}</span><span>PSNR {decibels} dB</span><span>SSIM {metrics.ssim:.3f}</span>"
