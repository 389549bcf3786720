"""The page as a whole: `build(worker)` gives it, `LAUNCH` is how it is served."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ..locations import EXAMPLES
from ..serving.worker import Worker
from ..version import VERSION
from .api import draw_api
from .checked_blocks import CheckedBlocks
from .examples import example_files
from .gradio_gaps import NAME_BUTTONS, SESSIONS, poll_queue_gently, without_an_app
from .guard import UPLOAD_BYTES
from .intuition_tab import IntuitionTab
from .languages import TRANSLATIONS, said
from .page_language import switch_html
from .task_tab import TaskTab
from .theme import CSS, THEME
from .upload_folder import KEEP_HOURS
from .visitor_jobs import VisitorJobs
from .web_address import Fetcher

OPENING = EXAMPLES / "finished" / "colosseum-starry_night.jpg"
"""What the page opens with: made with the default recipe, so that "Paint" makes the same again."""

MAX_EVENTS = 200
"""Gradio's own line is for clicks; that of jobs is the worker's."""


def build(worker: Worker, fetcher: Fetcher | None = None) -> gr.Blocks:
    """The page for a worker.  Nothing is computed before a visitor asks for it.

    fetcher: for images that are given by their address, None to refuse those.
    """
    page: CheckedBlocks
    jobs = VisitorJobs()
    with without_an_app(), CheckedBlocks(title="Gramarye", analytics_enabled=False, fill_width=False) as page:
        with gr.Row(elem_id="head"):
            gr.Markdown(said("page.head"))
            gr.HTML(said(lambda words: switch_html(words.language)), elem_id="languages")
        with gr.Tabs():
            with gr.Tab(said("page.stylize"), elem_id="stylize"):
                stylize = TaskTab(worker, "stylize", OPENING, finished=example_files("finished"), jobs=jobs)
            with gr.Tab(said("page.subproblems")):
                gr.Markdown(said("page.about_subproblems"))
                with gr.Tabs():
                    with gr.Tab(said("page.reconstruct"), elem_id="reconstruct"):
                        TaskTab(worker, "reconstruct", OPENING, said("page.about_reconstruct"), jobs=jobs)
                    with gr.Tab(said("page.synthesize"), elem_id="synthesize"):
                        TaskTab(worker, "synthesize", OPENING, said("page.about_synthesize"), jobs=jobs)
            with gr.Tab(said("page.intuition"), elem_id="intuition") as tab:
                IntuitionTab(worker, tab, stylize, OPENING, jobs)
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
        page.load(None, None, None, js=NAME_BUTTONS, api_visibility="private")
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
    "footer_links": ["api"],
    "i18n": TRANSLATIONS,
    "allowed_paths": [str(EXAMPLES)],
    "max_file_size": UPLOAD_BYTES,
    "state_session_capacity": SESSIONS,
    "ssr_mode": False,
}
"""Keyword arguments of `gr.Blocks.launch`: nothing is asked from other hosts, nothing of a visitor is kept.

Gradio's page of settings is left out: it is English for the most part, and its choice of a language is not the page's.
"""
