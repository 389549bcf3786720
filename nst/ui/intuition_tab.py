"""The tab that shows why it works: three pictures to look into, and a panel for each idea of the article."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from ..serving.worker import Worker
from .dot_panel import DotPanel
from .examples import example_files, gallery, inputs_of
from .feature_cache import FeatureCache
from .filmstrips_panel import FilmstripsPanel
from .gram_panel import GramPanel
from .image_input import check_upload, image_input
from .languages import Words, said
from .readers import in_turn
from .task_tab import TaskTab
from .visitor_jobs import VisitorJobs

ROLES = ("content", "style", "result")

Pair = tuple[str | None, str | None] | None
"""What the slider of a result holds: the files of before and after."""

_SUM = r"""

$$ \begin{aligned} L = {} & \alpha \sum_l w_l\, \text{MSE}(F^l, \hat F^l) \\
+ {} & \beta \sum_l v_l\, \text{MSE}(G^l, \hat G^l) \end{aligned} $$
"""
NO_SHARES = f"<p>{said('intuition.no_shares')}</p>"
_PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


class IntuitionTab:
    """Draws itself in the current Gradio context.  stylize: the tab whose pictures can be taken over.

    start: a finished picture, which is looked into at first, with what it was made of.
    jobs: the page's count of what its visitors have painted.
    """

    def __init__(self, worker: Worker, tab: gr.Tab, stylize: TaskTab, start: Path, jobs: VisitorJobs) -> None:
        gr.Markdown(said("intuition.intro"))
        opening = _pictures_of(start)
        with gr.Row():
            self._images = {role: _image(role, opening[role]) for role in ROLES}
        use = gr.Button(said("intuition.use"), size="sm")
        gr.Markdown(said("intuition.examples"))
        finished = example_files("finished")
        examples = gallery(finished, columns=8)
        self._draw_panels(worker, tab, stylize, jobs)

        def pick(event: gr.SelectData) -> list[str]:
            pictures = _pictures_of(finished[event.index])
            return [pictures[role] for role in ROLES]

        def take_over(content: str | None, style: str | None, result: Pair, request: gr.Request) -> list[str | None]:
            after = None if result is None or stylize.is_painting(request) else result[1]
            return [content, style, after]

        images = list(self._images.values())
        stylized = [*stylize.images.needed.values(), stylize.panel.slider]
        for chosen in (
            examples.select(pick, None, images, **_PRIVATE),
            use.click(take_over, stylized, images, **_PRIVATE),
        ):
            for panel in self._panels:
                chosen.then(panel.show, panel.inputs, panel.outputs, **_PRIVATE)

    def _draw_panels(self, worker: Worker, tab: gr.Tab, stylize: TaskTab, jobs: VisitorJobs) -> None:
        """Each in a tab of its own, drawn when that is opened or a picture comes."""
        cache = FeatureCache(worker)
        with gr.Tabs():
            with gr.Tab(said("intuition.dot"), elem_id="dot") as dot_tab:
                dot = DotPanel(cache, self._images)
                gr.Markdown(said(partial(_citation, "dot")))
            with gr.Tab(said("intuition.gram"), elem_id="gram") as gram_tab:
                gram = GramPanel(cache, self._images)
                gr.Markdown(said(partial(_citation, "gram")))
            with gr.Tab(said("intuition.layers"), elem_id="layers") as layers_tab:
                filmstrips = FilmstripsPanel(worker, {role: self._images[role] for role in ("content", "style")}, jobs)
                gr.Markdown(said(partial(_citation, "layers")))
            with gr.Tab(said("intuition.loss"), elem_id="sum") as sum_tab:
                gr.Markdown(said(_about_sum))
                shares = gr.HTML(NO_SHARES)
                gr.Markdown(said(partial(_citation, "loss")))
        self._panels: tuple[DotPanel | GramPanel | FilmstripsPanel, ...] = (dot, gram, filmstrips)
        for i, opened in enumerate((dot_tab, gram_tab, layers_tab)):
            panel = self._panels[i]
            opened.select(panel.show, panel.inputs, panel.outputs, trigger_mode="always_last", **_PRIVATE)
        tab.select(dot.show, dot.inputs, dot.outputs, trigger_mode="always_last", **_PRIVATE)
        gr.on([tab.select, sum_tab.select], _latest_shares, stylize.panel.shares, shares, queue=False, **_PRIVATE)
        for image in self._images.values():
            checked = image.upload(in_turn(check_upload), image, image, **_PRIVATE)
            for panel in self._panels:
                checked.success(panel.show, panel.inputs, panel.outputs, **_PRIVATE)


def _about_sum(words: Words) -> str:
    return words("intuition.sum") + _SUM


def _citation(panel: str, words: Words) -> str:
    return words("intuition.cited", place=words(f"intuition.cited_{panel}"))


def _image(role: str, path: str) -> gr.Image:
    return image_input(said(f"role.{role}.label"), value=path, height=200, buttons=["fullscreen"], min_width=100)


def _pictures_of(finished: Path) -> dict[str, str]:
    """Role -> file, of a finished example."""
    return {**inputs_of(finished), "result": str(finished)}


def _latest_shares(shares: str) -> str:
    return shares or NO_SHARES
