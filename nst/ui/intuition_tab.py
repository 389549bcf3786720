"""The tab that shows why it works: three pictures to look into, and a panel for each idea of the article."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from ..locations import EXAMPLES
from ..pictures.reading import load_image
from ..serving.engine import Engine
from .dot_panel import DotPanel
from .feature_cache import Looks
from .filmstrips_panel import LayersPanel
from .gram_panel import GramPanel
from .pictures import check_upload, gallery_files, image_input, thumbnail, title
from .task_tab import TaskTab
from .watch import friendly

ROLES = ("content", "style", "result")

_INTRO = """
The page's algorithm stands on one idea, the dot product, used twice: between places it is *content*, between channels
it is *style*. Here you can take it in your hand. The idea is that of the article “Neural Networks Intuitions: 2. Dot
product, Gram matrix and Neural Style Transfer” and of Gatys, Ecker and Bethge,
[*A Neural Algorithm of Artistic Style*](https://arxiv.org/abs/1508.06576) (2015).
"""
_SUM = """
**The loss is a weighted sum over layers**, and no layer weighs the same all the time: the bands are what each adds to
the content and to the style loss, from the first step to the last. Where one band takes over, the other layers are
already matched, or count for little.

$$ \\begin{aligned} L = {} & \\alpha \\sum_l w_l\\, \\text{MSE}(F^l, \\hat F^l) \\\\
+ {} & \\beta \\sum_l v_l\\, \\text{MSE}(G^l, \\hat G^l) \\end{aligned} $$
"""
_CITED = """
The article: *Neural Networks Intuitions: 2. Dot product, Gram matrix and Neural Style Transfer*; the method: Gatys,
Ecker, Bethge 2015, [arXiv 1508.06576](https://arxiv.org/abs/1508.06576), %s.
"""
_NO_RUN = "<p>Paint a picture in the Stylize tab first: its latest run is shown here.</p>"
_EQUATIONS = {
    "dot": "equation 1 (features compared place by place)",
    "gram": "equations 3 to 5 (the Gram matrix and its distance)",
    "layers": "figure 1; SSIM: Wang et al. 2004, equation 13",
    "sum": "equations 4 to 7",
}


class IntuitionTab:
    """Draws itself in the current Gradio context.  stylize: the tab whose pictures can be taken over.

    start: a finished picture, which is looked into at first, with what it was made of.
    """

    def __init__(self, engine: Engine, tab: gr.Tab, stylize: TaskTab, start: Path) -> None:
        private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        looks = Looks(engine)
        gr.Markdown(_INTRO)
        opening = _made_of(start)
        with gr.Row():
            images = {role: self._image(role, opening[role]) for role in ROLES}
        take = gr.Button("Take the pictures of the Stylize tab", size="sm")
        gr.Markdown("Or look into one that was made here:")
        self._finished = gallery_files("finished")
        gallery = gr.Gallery(
            [(thumbnail(path), title(path)) for path in self._finished], show_label=False, columns=8, height="auto",
            allow_preview=False, object_fit="cover", interactive=False, buttons=[], elem_classes="picks",
            format="jpeg",
        )  # fmt: skip
        with gr.Tabs():
            with gr.Tab("1 Dot product", elem_id="dot") as dot_tab:
                dot = DotPanel(looks, images)
                gr.Markdown(_CITED % _EQUATIONS["dot"])
            with gr.Tab("2 Gram", elem_id="gram") as gram_tab:
                matrix = GramPanel(looks, images)
                gr.Markdown(_CITED % _EQUATIONS["gram"])
            with gr.Tab("3 Layers", elem_id="layers") as layers_tab:
                layers = LayersPanel(engine, {role: images[role] for role in ("content", "style")})
                gr.Markdown(_CITED % _EQUATIONS["layers"])
            with gr.Tab("4 Loss", elem_id="sum") as sum_tab:
                gr.Markdown(_SUM)
                shares = gr.HTML(_NO_RUN)
                gr.Markdown(_CITED % _EQUATIONS["sum"])
        sum_tab.select(_latest, stylize.panel.shares, shares, queue=False, **private)
        for image in images.values():
            image.upload(_check, image, image, **private)
        panels: tuple[tuple[gr.Tab, DotPanel | GramPanel | LayersPanel], ...] = (
            (dot_tab, dot), (gram_tab, matrix), (layers_tab, layers),
        )  # fmt: skip
        for opened, panel in panels:
            opened.select(panel.show, panel.inputs, panel.outputs, trigger_mode="always_last", **private)
        tab.select(dot.show, dot.inputs, dot.outputs, trigger_mode="always_last", **private)
        stylized = [*stylize.images.values(), stylize.panel.slider]
        chosen = (gallery.select(self._pick, None, list(images.values()), **private),
                  take.click(_taken, stylized, list(images.values()), **private))  # fmt: skip
        for event in chosen:
            for _, panel in panels:
                event.then(panel.show, panel.inputs, panel.outputs, **private)
        for image in images.values():
            for _, panel in panels:
                image.upload(panel.show, panel.inputs, panel.outputs, **private)

    @staticmethod
    def _image(role: str, path: str) -> gr.Image:
        return image_input(role.capitalize(), value=path, height=200, buttons=["fullscreen"], min_width=100)

    def _pick(self, event: gr.SelectData) -> list[str]:
        made_of = _made_of(self._finished[event.index])
        return [made_of[role] for role in ROLES]


def _made_of(path: Path) -> dict[str, str]:
    """Role -> file, of a finished example."""
    made = load_image(path).provenance
    assert made is not None
    files = {role: str(EXAMPLES / role / facts["name"]) for role, facts in made["inputs"].items()}
    return {**files, "result": str(path)}


def _taken(
    content: str | None, style: str | None, before_after: tuple[str | None, str | None] | None
) -> list[str | None]:
    return [content, style, before_after[1] if before_after else None]


def _check(path: str | None) -> str | None:
    with friendly():
        return check_upload(path)


def _latest(shares: str) -> str:
    return shares or _NO_RUN
