"""The page as a whole: `build(worker)` gives it, `LAUNCH` is how it is served."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ..locations import EXAMPLES
from ..serving.worker import Worker
from ..task import TaskName
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
from .languages import TRANSLATIONS, said, words_of
from .page_language import switch_html
from .page_title import title_js
from .returning import Returns
from .series_tab import SeriesTab
from .space_parts import draw_duplicate
from .task_tab import TaskTab
from .theme import CSS, THEME
from .upload_folder import KEEP_HOURS
from .visitor_jobs import VisitorJobs
from .visits import Updates
from .web_address import Fetcher
from .whole_values import send_whole_values

OPENING = EXAMPLES / "finished" / "colosseum-starry_night.jpg"
"""What the page opens with: made with the default recipe.  Where that takes long, the page opens with a quicker one."""

MAX_EVENTS = 200
"""Gradio's own line is for clicks; that of jobs is the worker's."""


def build(worker: Worker, fetcher: Fetcher | None = None) -> gr.Blocks:
    """The page for a worker.  Nothing is computed before a visitor asks for it.

    fetcher: for images that are given by their address, None to refuse those.
    """
    page: CheckedBlocks
    jobs, history, estimates = VisitorJobs(), HistoryPanel(), Estimates(worker)
    with without_an_app(), CheckedBlocks(title="Gramarye", analytics_enabled=False, fill_width=False) as page:
        with gr.Row(elem_id="head"):
            gr.Markdown(said("page.head"))
            gr.HTML(said(lambda words: switch_html(words.language)), elem_id="languages")
        arrival = Arrival(Returns(worker, jobs))
        shared: dict[str, Any] = {
            "jobs": jobs, "arrival": arrival, "estimates": estimates, "history": history.view,
        }  # fmt: skip
        with gr.Tabs() as tabs:
            with gr.Tab(said("page.stylize"), elem_id="stylize", id="stylize"):
                finished = [path for path in example_files("finished") if path != OPENING]
                stylize = TaskTab(worker, "stylize", OPENING, said("page.steps"), finished=finished, **shared)
            with gr.Tab(said("page.series"), elem_id="series") as tab:
                SeriesTab(worker, tabs, tab, stylize, OPENING, jobs, estimates)
            with gr.Tab(said("page.subproblems"), elem_id="subproblems", id="sub-problems"):
                gr.Markdown(said("page.about_subproblems"))
                with gr.Tabs() as sub_problems:
                    with gr.Tab(said("page.reconstruct"), elem_id="reconstruct", id="reconstruct"):
                        about = said("page.about_reconstruct")
                        reconstruct = TaskTab(worker, "reconstruct", OPENING, about, **shared)
                    with gr.Tab(said("page.synthesize"), elem_id="synthesize", id="synthesize"):
                        about = said("page.about_synthesize")
                        synthesize = TaskTab(worker, "synthesize", OPENING, about, **shared)
            with gr.Tab(said("page.intuition"), elem_id="intuition") as tab:
                IntuitionTab(worker, tab, stylize, OPENING, jobs)
        opened: dict[TaskName, Updates] = {
            "stylize": {tabs: gr.update(selected="stylize")},
            "reconstruct": {
                tabs: gr.update(selected="sub-problems"),
                sub_problems: gr.update(selected="reconstruct"),
            },
            "synthesize": {
                tabs: gr.update(selected="sub-problems"),
                sub_problems: gr.update(selected="synthesize"),
            },
        }
        history.draw({"stylize": stylize, "reconstruct": reconstruct, "synthesize": synthesize}, opened)
        gr.Markdown(
            said(
                lambda words: words(
                    "page.foot", version=VERSION, backbone=worker.backbone.model.backbone,
                    where=words.sentence(worker.where), hours=KEEP_HOURS,
                )
            ),
            elem_id="foot",
        )  # fmt: skip
        draw_api(worker, jobs)
        draw_grid_api(worker, jobs, estimates)
        draw_duplicate()
        task_tabs = (stylize, reconstruct, synthesize)

        async def estimates_at_first(request: gr.Request) -> list[str]:
            return [await tab.estimate_opening(words_of(request)) for tab in task_tabs]

        page.load(
            estimates_at_first, None, [tab.estimate.component for tab in task_tabs], queue=False,
            show_progress="hidden", api_visibility="private",
        )  # fmt: skip
        arrival.draw(page, opened)
        for js in (NAME_BUTTONS, drop_js(), title_js()):
            page.load(None, None, None, js=js, api_visibility="private")
    with without_an_app():
        page.queue(default_concurrency_limit=None, max_size=MAX_EVENTS)
    poll_queue_gently(page)
    send_whole_values(page)
    page.fetcher = fetcher
    return page


LAUNCH: dict[str, Any] = {
    "theme": THEME,
    "css": CSS,
    "enable_monitoring": False,
    "run_history": False,
    "footer_links": ["api"],
    "i18n": TRANSLATIONS,
    "allowed_paths": [str(EXAMPLES)],
    "max_file_size": UPLOAD_BYTES,
    "state_session_capacity": SESSIONS,
    "ssr_mode": False,
    "pwa": True,
}
"""Keyword arguments of `gr.Blocks.launch`: nothing is asked from other hosts, and Gradio keeps nothing of a visitor.

Gradio's page of settings is left out: it is English for the most part, and its choice of a language is not the page's.
"""
