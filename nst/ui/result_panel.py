"""What the visitor sees of a painting: the picture as it grows, and everything that one may take along at its end."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from PIL import Image

from ..pictures.picture import Picture
from ..pictures.writing import save_image
from ..serving.job import Job
from ..serving.worker import Worker
from .gradio_gaps import leave_both_to_us
from .history_record import Made
from .languages import Words, said, words_of
from .link import link_query
from .loss_plot import loss_plot_html
from .loss_shares import loss_shares_html
from .result_files import download_name, save_preview, save_tiled
from .snippet import recipe_text
from .space_parts import post_button, post_js
from .status import spoken, status_html
from .visits import Updates

HEIGHT = 480
"""Pixels of the picture on the page."""

SPOKEN = '<p role="status">${value}</p>'
"""What changes in it is read aloud, as the element itself stays; what is in sight changes twice a second."""

COPY = """async (code) => {
    if (navigator.clipboard) { await navigator.clipboard.writeText(code); return; }
    const area = document.body.appendChild(document.createElement('textarea'));
    area.value = code;
    area.select();
    document.execCommand('copy');
    area.remove();
}"""
"""Browsers lend their clipboard to https and localhost alone; elsewhere the old way still works."""


COPY_LINK = f"query => ({COPY})(location.origin + location.pathname + query)"

Caption = Callable[[Words], str]
"""What stands below a picture, in any language."""


class ResultPanel:
    """The right side of a tab.  Draws itself in the current Gradio context; its methods give updates of it.

    before_after: the pictures of the slider when the page opens, None for no slider; caption: gives the words below.
    """

    def __init__(self, worker: Worker, before_after: tuple[Any, str] | None, caption: Caption) -> None:
        self._worker = worker
        self._opening = before_after, caption
        self.preview = gr.Image(
            label=said("result.growing"), visible=False, interactive=False, height=HEIGHT, buttons=["fullscreen"],
            elem_classes="picture",
        )  # fmt: skip
        slider = gr.ImageSlider(
            before_after, label=said("result.before_after"), interactive=False, max_height=HEIGHT, type="filepath",
            visible=before_after is not None, buttons=["fullscreen"], elem_classes="picture", format="jpeg",
        )  # fmt: skip
        self.slider = leave_both_to_us(slider)
        self.status = gr.HTML(said(self._opening_caption))
        self.spoken = gr.HTML("", html_template=SPOKEN, elem_classes="spoken", container=False)
        self.plot = gr.HTML("")
        with gr.Row(visible=False) as self.take_along:
            self.download = gr.DownloadButton(said("result.download"), variant="primary")
            self.copy = gr.Button(said("result.copy"))
            self.copy_link = gr.Button(said("result.copy_link"))
        self.link = gr.Textbox(visible="hidden", show_label=False, container=False)
        self.post = post_button()
        with gr.Accordion(said("result.tiled"), open=False, visible=False) as self.tiled_box:
            self.tiled = gr.Image(
                label=said("result.beside_itself"), interactive=False, height=HEIGHT, buttons=["fullscreen"]
            )
        with gr.Accordion(said("result.time_lapse"), open=False, visible=False) as self.time_lapse_box:
            self.time_lapse = gr.Image(
                label=said("result.time_lapse_of"), interactive=False, height=320, buttons=["download", "fullscreen"]
            )
        with gr.Accordion(said("result.shares"), open=False, visible=False) as self.shares_box:
            self.shares = gr.HTML("")
        with gr.Accordion(said("result.texts"), open=False, visible=False) as self.texts_box:
            self.recipe = gr.Code(label=said("result.recipe"), interactive=False)
            self.call = gr.Code(label=said("result.call"), interactive=False)
        copied = self.copy.click(None, self.call, None, js=COPY, api_visibility="private")
        copied.then(_saying("result.copied"), api_visibility="private")

        linked = self.copy_link.click(None, self.link, None, js=COPY_LINK, api_visibility="private")
        linked.then(_saying("result.link_copied"), api_visibility="private")
        if self.post:
            self.post.click(None, [self.link, self.recipe], None, js=post_js(), api_visibility="private")

    @property
    def components(self) -> list[Any]:
        """All that the updates may name."""
        return [
            self.preview, self.slider, self.status, self.spoken, self.plot, self.take_along, self.download,
            self.tiled_box, self.tiled, self.time_lapse_box, self.time_lapse, self.shares_box, self.shares,
            self.texts_box, self.recipe, self.call, self.link, *([self.post] if self.post else []),
        ]  # fmt: skip

    def show_opening(self, words: Words) -> Updates:
        """As it was when the page opened."""
        before_after, caption = self._opening
        return self.show_example(before_after, caption(words)) | {self.status: self._opening_caption(words)}

    def show_example(self, before_after: Sequence[Any] | None, caption: str) -> Updates:
        """A picture that was made before, and nothing to take along."""
        return self._hide_boxes() | {
            self.preview: gr.update(visible=False, value=None),
            self.slider: gr.update(visible=before_after is not None, value=before_after),
            self.status: _caption_html(caption),
            self.spoken: "",
            self.plot: "",
        }

    def show_made(self, made: Made, call: str, words: Words) -> Updates:
        """A picture that was made here before.  call: code that makes it again."""
        caption = words("result.made_before", verb=words(f"task.{made.task}.verb"))
        return self.show_example((made.before, made.path), caption) | {
            self.take_along: gr.update(visible=True),
            self.download: gr.update(value=made.path),
            self.texts_box: gr.update(visible=True),
            self.recipe: recipe_text(made.recipe),
            self.call: call,
            self.link: made.link,
        }

    def show_start(self, job: Job, words: Words) -> Updates:
        """What another painting left is put away, but for the picture, which stays until there is a new one."""
        return self._hide_boxes() | self.show_status(job, words) | {self.plot: ""}

    def show_status(self, job: Job, words: Words) -> Updates:
        """Where the job is, in words alone."""
        return {self.status: status_html(self._worker, job, words), self.spoken: spoken(job, words)}

    def show_snapshot(self, job: Job, words: Words, folder: Path) -> Updates:
        """The painting as it is now.  folder: where the preview is written."""
        snapshot = job.snapshot
        assert snapshot is not None
        path = folder / f"preview-{snapshot.progress.iteration}.jpg"
        return self.show_status(job, words) | {
            self.slider: gr.update(visible=False, value=None),
            self.preview: gr.update(visible=True, value=save_preview(snapshot.picture, job.painting.size, path)),
            self.plot: loss_plot_html(job.losses, snapshot.progress.iterations, words),
        }

    def show_result(self, job: Job, words: Words, picture: Picture, call: str, folder: Path) -> Updates:
        """The result, whole or stopped, beside the picture that it was made of.  call: code that makes it again."""
        assert job.snapshot is not None
        painting, size = job.painting, (picture.width, picture.height)
        original = next(iter(painting.inputs.values())).to_pil().convert("RGB")
        before = save_image(original.resize(size, Image.Resampling.LANCZOS), folder / "before.jpg")
        after = save_image(picture, folder / download_name(painting.inputs, painting.task))
        return (
            self.show_status(job, words)
            | {
                self.preview: gr.update(visible=False, value=None),
                self.slider: gr.update(visible=True, value=(str(before), str(after))),
                self.plot: loss_plot_html(job.losses, job.snapshot.progress.iterations, words),
                self.take_along: gr.update(visible=True),
                self.download: gr.update(value=str(after)),
                self.tiled_box: gr.update(visible=painting.recipe.wraps),
                self.tiled: save_tiled(picture, folder / "tiled.jpg") if painting.recipe.wraps else None,
                self.shares_box: gr.update(visible=True),
                self.shares: loss_shares_html(job.losses, words),
                self.texts_box: gr.update(visible=True),
                self.recipe: recipe_text(painting.recipe),
                self.call: call,
                self.link: link_query(painting.task, painting.recipe, painting.inputs),
            }
            | self._show_post(True)
        )

    def show_time_lapse(self, job: Job, folder: Path) -> Updates:
        """The time-lapse, which takes a moment to encode: made when the device is free again."""
        assert job.time_lapse is not None
        path = folder / "time-lapse.webp"
        path.write_bytes(job.time_lapse.encode())
        return {self.time_lapse_box: gr.update(visible=True), self.time_lapse: str(path)}

    def _opening_caption(self, words: Words) -> str:
        before_after, caption = self._opening
        return _caption_html(caption(words), "status" if before_after else "status empty")

    def _hide_boxes(self) -> Updates:
        boxes = self.take_along, self.tiled_box, self.time_lapse_box, self.shares_box, self.texts_box
        hidden: Updates = {box: gr.update(visible=False) for box in boxes}
        return hidden | self._show_post(False) | {self.shares: ""}  # which the Intuition tab shows as well

    def _show_post(self, visible: bool) -> Updates:
        return {self.post: gr.update(visible=visible)} if self.post else {}


def _saying(key: str) -> Callable[[gr.Request], None]:
    def say(request: gr.Request) -> None:
        words = words_of(request)
        gr.Info(words(key), title=words("page.info"))

    return say


def _caption_html(caption: str, css_class: str = "status") -> str:
    return f'<div class="{css_class}"><p>{html.escape(caption)}</p></div>'
