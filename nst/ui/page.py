"""The page as a whole: `build(worker)` gives it, `LAUNCH` is how it is served."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ..locations import EXAMPLES
from ..serving.worker import Worker
from ..version import VERSION
from .api import draw_api
from .arrival import Arrival
from .checked_blocks import CheckedBlocks
from .drop import drop_js
from .estimate import Estimates
from .examples import example_files
from .gradio_gaps import NAME_BUTTONS, SESSIONS, poll_queue_gently, without_an_app
from .grid_api import draw_grid_api
from .guard import UPLOAD_BYTES
from .history_panel import HistoryPanel
from .intuition_tab import IntuitionTab
from .page_title import title_js
from .returning import Returns
from .series_run import Foresight
from .series_tab import SeriesTab
from .space_parts import draw_duplicate
from .task_tab import TaskTab
from .theme import CSS, THEME
from .upload_folder import KEEP_HOURS
from .visitor_jobs import VisitorJobs
from .web_address import Fetcher

OPENING = EXAMPLES / "finished" / "colosseum-starry_night.jpg"
"""What the page opens with: made with the default recipe.  Where that takes long, the page opens with a quicker one."""

MAX_EVENTS = 200
"""Gradio's own line is for clicks; that of jobs is the worker's."""

_HEAD = """
# Gramarye
Your photograph, in the manner of a painting. The name is an old word for magic, and there is a Gram matrix in it.
"""
STEPS = "**1** Choose a photograph or drop yours. **2** Choose a painting. **3** Press Paint."
_SUBPROBLEMS = """
Style transfer is a sum of two problems, and the article solves each alone first. Both start from noise and move
nothing but the pixels.
"""
_RECONSTRUCT = """
**What does a layer keep of a picture?** The image is moved until its *feature maps* at the chosen layers equal
those of the content, place by place. Shallow layers give back nearly every pixel; deep ones know what is where,
but not its exact color and outline.
"""
_SYNTHESIZE = """
**What does a Gram matrix hold?** The image is moved until its *Gram matrices* at the chosen layers equal those of
the style: which features occur together, wherever that is. Shallow layers give colors and grain, deeper ones
strokes and motifs, none of them the composition.
"""


def build(worker: Worker, fetcher: Fetcher | None = None) -> gr.Blocks:
    """The page for a worker.  Nothing is computed before a visitor asks for it.

    fetcher: for images that are given by their address, None to refuse those.
    """
    page: CheckedBlocks
    jobs, history, foresight = VisitorJobs(), HistoryPanel(), Foresight(worker)
    with without_an_app(), CheckedBlocks(title="Gramarye", analytics_enabled=False, fill_width=False) as page:
        gr.Markdown(_HEAD, elem_id="head")
        arrival, estimates = Arrival(Returns(worker, jobs)), Estimates(worker)
        shared: dict[str, Any] = {
            "jobs": jobs, "arrival": arrival, "estimates": estimates, "history": history.view,
        }  # fmt: skip
        with gr.Tabs() as tabs:
            with gr.Tab("Stylize", elem_id="stylize", id="stylize"):
                stylize = TaskTab(worker, "stylize", OPENING, STEPS, finished=example_files("finished"), **shared)
            with gr.Tab("Series", elem_id="series") as tab:
                SeriesTab(worker, tabs, tab, stylize, OPENING, jobs, foresight)
            with gr.Tab("Reconstruct and synthesize", elem_id="subproblems", id="sub-problems"):
                gr.Markdown(_SUBPROBLEMS)
                with gr.Tabs() as sub_problems:
                    with gr.Tab("Reconstruct the content", elem_id="reconstruct", id="reconstruct"):
                        reconstruct = TaskTab(worker, "reconstruct", OPENING, _RECONSTRUCT, **shared)
                    with gr.Tab("Synthesize the style", elem_id="synthesize", id="synthesize"):
                        synthesize = TaskTab(worker, "synthesize", OPENING, _SYNTHESIZE, **shared)
            with gr.Tab("Intuition", elem_id="intuition") as tab:
                IntuitionTab(worker, tab, stylize, OPENING, jobs)
        history.draw(
            {"stylize": stylize, "reconstruct": reconstruct, "synthesize": synthesize},
            {
                "stylize": {tabs: gr.update(selected="stylize")},
                "reconstruct": {
                    tabs: gr.update(selected="sub-problems"),
                    sub_problems: gr.update(selected="reconstruct"),
                },
                "synthesize": {
                    tabs: gr.update(selected="sub-problems"),
                    sub_problems: gr.update(selected="synthesize"),
                },
            },
        )
        gr.Markdown(
            f"Gramarye {VERSION} · {worker.backbone.model.backbone} on {worker.where} · after Gatys, Ecker and Bethge "
            "(2015) and “Neural Networks Intuitions: 2”. Your pictures are shown to nobody else: the server that "
            f"runs this page deletes its copies after {KEEP_HOURS} hours, and your browser keeps the history until you "
            "delete it there.",
            elem_id="foot",
        )
        draw_api(worker, jobs)
        draw_grid_api(worker, jobs, foresight)
        draw_duplicate()
        task_tabs = (stylize, reconstruct, synthesize)

        async def estimates_at_first() -> list[str]:
            return [await tab.estimate_opening() for tab in task_tabs]

        page.load(
            estimates_at_first, None, [tab.estimate.component for tab in task_tabs], queue=False,
            show_progress="hidden", api_visibility="private",
        )  # fmt: skip
        arrival.draw(page)
        for js in (NAME_BUTTONS, drop_js(), title_js()):
            page.load(None, None, None, js=js, api_visibility="private")
    with without_an_app():
        page.queue(default_concurrency_limit=None, max_size=MAX_EVENTS)
    poll_queue_gently(page)
    page.fetcher = fetcher
    return page


LAUNCH: dict[str, Any] = {
    "theme": THEME,
    "css": CSS,
    "enable_monitoring": False,
    "run_history": False,
    "footer_links": ["api", "settings"],
    "allowed_paths": [str(EXAMPLES)],
    "max_file_size": UPLOAD_BYTES,
    "state_session_capacity": SESSIONS,
    "ssr_mode": False,
    "pwa": True,
}
"""Keyword arguments of `gr.Blocks.launch`: nothing is asked from other hosts, and Gradio keeps nothing of a visitor."""
