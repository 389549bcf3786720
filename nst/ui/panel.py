"""What the visitor sees of a run: the image as it grows, and everything that one may take along at its end."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from PIL import Image

from ..pictures.picture import Picture
from ..pictures.writing import save_image
from ..serving.engine import Engine, Job
from .loss_shares import shares_html
from .pictures import download_name, save_preview
from .snippet import recipe_text
from .status import plot_html, status_html

HEIGHT = 480
"""Pixels of the picture on the page."""

COPY = """async (code) => {
    if (navigator.clipboard) { await navigator.clipboard.writeText(code); return; }
    const area = document.body.appendChild(document.createElement('textarea'));
    area.value = code;
    area.select();
    document.execCommand('copy');
    area.remove();
}"""
"""Browsers lend their clipboard to https and localhost alone; elsewhere the old way still works."""

Updates = dict[Any, Any]


class Panel:
    """The right side of a tab.  Draws itself in the current Gradio context; its methods give updates of it.

    before_after: the pictures of the slider when the page opens, None for no slider; caption: the words below.
    """

    def __init__(self, before_after: tuple[str, str] | None, caption: str) -> None:
        self._start = before_after, caption
        self.preview = gr.Image(
            label="The picture as it grows", visible=False, interactive=False, height=HEIGHT, buttons=["fullscreen"],
            elem_classes="picture",
        )  # fmt: skip
        self.slider = gr.ImageSlider(
            before_after, label="Before and after", interactive=False, max_height=HEIGHT, type="filepath",
            visible=before_after is not None, buttons=["fullscreen"], elem_classes="picture", format="jpeg",
        )  # fmt: skip
        self.status = gr.HTML(self._caption())
        self.plot = gr.HTML("")
        with gr.Row(visible=False) as self.taking:
            self.download = gr.DownloadButton("Download PNG", variant="primary")
            self.copy = gr.Button("Copy Python call")
        with gr.Accordion("Time-lapse", open=False, visible=False) as self.film_box:
            self.film = gr.Image(
                label="Time-lapse of the run", interactive=False, height=320, buttons=["download", "fullscreen"]
            )
        with gr.Accordion("What each layer adds to the loss", open=False, visible=False) as self.shares_box:
            self.shares = gr.HTML("")
        with gr.Accordion("Recipe and Python call", open=False, visible=False) as self.texts:
            self.recipe = gr.Code(label="Recipe", interactive=False)
            self.call = gr.Code(label="The same through the API", interactive=False)
        copied = self.copy.click(None, self.call, None, js=COPY, api_visibility="private")
        copied.then(lambda: gr.Info("The Python call is on the clipboard."), queue=False, api_visibility="private")

    @property
    def components(self) -> list[Any]:
        """All that the updates may name."""
        return [
            self.preview, self.slider, self.status, self.plot, self.taking, self.download, self.film_box, self.film,
            self.shares_box, self.shares, self.texts, self.recipe, self.call,
        ]  # fmt: skip

    def opened(self) -> Updates:
        """As it was when the page opened."""
        before_after, caption = self._start
        return self.finished_example(before_after, caption) | {self.status: self._caption()}

    def _caption(self) -> str:
        before_after, caption = self._start
        return _caption(caption, "status" if before_after else "status empty")

    def finished_example(self, before_after: Sequence[str] | None, caption: str) -> Updates:
        """A picture that was made before, and nothing to take along."""
        return self._hidden() | {
            self.preview: gr.update(visible=False, value=None),
            self.slider: gr.update(visible=before_after is not None, value=before_after),
            self.status: _caption(caption),
            self.plot: "",
        }

    def begun(self, engine: Engine, job: Job) -> Updates:
        """What another run left is put away, but for the picture, which stays until there is a new one."""
        return self._hidden() | self.said(engine, job) | {self.plot: ""}

    def said(self, engine: Engine, job: Job) -> Updates:
        """Where the job is, in words alone."""
        return {self.status: status_html(engine, job)}

    def running(self, engine: Engine, job: Job, folder: Path) -> Updates:
        """The job as it is now.  folder: where the preview is written."""
        assert job.snapshot is not None
        at = job.snapshot.progress
        preview = save_preview(job.snapshot.image, job.run.size, folder / f"preview-{at.iteration}.jpg")
        return self.said(engine, job) | {
            self.slider: gr.update(visible=False),
            self.preview: gr.update(visible=True, value=preview),
            self.plot: plot_html(job.losses, at.iterations),
        }

    def finished(self, engine: Engine, job: Job, picture: Picture, call: str, folder: Path) -> Updates:
        """The result, whole or stopped, beside the picture that it was made of."""
        assert job.snapshot is not None
        size = picture.width, picture.height
        original = next(iter(job.run.inputs.values())).to_pil().convert("RGB")
        before = save_image(original.resize(size, Image.Resampling.LANCZOS), folder / "before.jpg")
        path = save_image(picture, folder / download_name(job.run.inputs, job.run.task))
        return {
            self.preview: gr.update(visible=False, value=None),
            self.slider: gr.update(visible=True, value=(str(before), str(path))),
            self.status: status_html(engine, job),
            self.plot: plot_html(job.losses, job.snapshot.progress.iterations),
            self.taking: gr.update(visible=True),
            self.download: gr.update(value=str(path)),
            self.shares_box: gr.update(visible=True),
            self.shares: shares_html(job.losses),
            self.texts: gr.update(visible=True),
            self.recipe: recipe_text(job.run.recipe),
            self.call: call,
        }

    def with_film(self, job: Job, folder: Path) -> Updates:
        """The time-lapse, made when the device is free again."""
        assert job.film is not None
        path = folder / "time-lapse.webp"
        path.write_bytes(job.film.encode())
        return {self.film_box: gr.update(visible=True), self.film: str(path)}

    def _hidden(self) -> Updates:
        return {box: gr.update(visible=False) for box in (self.taking, self.film_box, self.shares_box, self.texts)}


def _caption(words: str, kind: str = "status") -> str:
    return f'<div class="{kind}"><p>{html.escape(words)}</p></div>'
