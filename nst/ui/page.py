"""The page as a whole: `build(engine)` gives it, `LAUNCH` is how it is served."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ..locations import EXAMPLES
from ..serving.engine import Engine
from ..version import VERSION
from .api import draw_api
from .gradio_gaps import CheckedBlocks
from .intuition_css import CSS as INTUITION_CSS
from .intuition_tab import IntuitionTab
from .pictures import gallery_files
from .task_tab import TaskTab
from .upload_folder import KEEP_HOURS

OPENING = EXAMPLES / "finished" / "colosseum-starry_night.jpg"
"""What the page opens with: made with the default recipe, so that "Paint" makes the same again."""

MAX_EVENTS = 200
"""Gradio's own line is for clicks; that of jobs is the engine's."""

QUEUE_POLL = 0.02
"""Seconds; Gradio's own 0.001 outside Windows costs a run on two cores a fifth of its speed."""

_HEAD = """
# Pastiche
Your photograph, in the manner of a painting.
"""
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


def build(engine: Engine) -> gr.Blocks:
    """The page for an engine.  Nothing is computed before a visitor asks for it."""
    page: gr.Blocks
    with CheckedBlocks(title="Pastiche", analytics_enabled=False, fill_width=False) as page:
        gr.Markdown(_HEAD, elem_id="head")
        with gr.Tabs():
            with gr.Tab("Stylize", elem_id="stylize"):
                stylize = TaskTab(engine, "stylize", OPENING, finished=gallery_files("finished"))
            with gr.Tab("Reconstruct and synthesize"):
                gr.Markdown(_SUBPROBLEMS)
                with gr.Tabs():
                    with gr.Tab("Reconstruct the content", elem_id="reconstruct"):
                        TaskTab(engine, "reconstruct", OPENING, _RECONSTRUCT)
                    with gr.Tab("Synthesize the style", elem_id="synthesize"):
                        TaskTab(engine, "synthesize", OPENING, _SYNTHESIZE)
            with gr.Tab("Intuition", elem_id="intuition") as tab:
                IntuitionTab(engine, tab, stylize, OPENING)
        gr.Markdown(
            f"Pastiche {VERSION} · {engine.backbone.model.backbone} on {engine.where} · after Gatys, Ecker and Bethge "
            "(2015) and “Neural Networks Intuitions: 2”. Images are computed here, shown to nobody else, and deleted "
            f"after {KEEP_HOURS} hours.",
            elem_id="foot",
        )
        draw_api(engine)
        page.load(None, None, None, js=_NAME_BUTTONS, api_visibility="private")
    page.queue(default_concurrency_limit=None, max_size=MAX_EVENTS)
    page._queue.sleep_when_free = page._queue.progress_update_sleep_when_free = QUEUE_POLL
    return page


_NAME_BUTTONS = """() => {
    const name = () => {
        for (const button of document.querySelectorAll('button:has(img)')) {
            const label = button.closest('.block')?.querySelector('label');
            const words = button.querySelector('img').alt || label?.innerText;
            if (words && button.getAttribute('aria-label') !== words) {
                button.setAttribute('aria-label', words);
                button.title = words;
            }
        }
    };
    new MutationObserver(name).observe(document.body, {childList: true, subtree: true});
    name();
}"""
"""Gradio calls a thumbnail "Thumbnail 1 of 7" and a large image nothing: say what they show, to screen readers and
under the mouse."""

_THEME = gr.themes.Base(
    primary_hue="indigo",
    neutral_hue="stone",
    font=["system-ui", "sans-serif"],
    font_mono=["ui-monospace", "monospace"],
).set(
    color_accent="*primary_600",
    button_primary_background_fill="*primary_600",
    button_primary_background_fill_hover="*primary_700",
    button_primary_background_fill_dark="*primary_600",
    button_primary_background_fill_hover_dark="*primary_500",
    block_info_text_color="*neutral_600",
    block_info_text_color_dark="*neutral_300",
    block_label_text_color="*neutral_700",
    block_label_text_color_dark="*neutral_200",
    block_title_text_color="*neutral_700",
    block_title_text_color_dark="*neutral_200",
    body_text_color_subdued="*neutral_600",
    body_text_color_subdued_dark="*neutral_300",
)
"""Text keeps a contrast of 4.5 to its ground, in light and dark; fonts are the system's own."""

_CSS = """
#head h1 { font-family: Georgia, 'Times New Roman', serif; font-size: 2.4rem; margin-bottom: 0; }
#head p { font-size: 1.1rem; margin-top: 0.2rem; }
#foot { font-size: 0.85rem; }
.picks .grid-container { grid-template-columns: repeat(auto-fill, minmax(52px, 1fr)) !important; gap: 6px; }
.picks .grid-container, .finished .grid-container { grid-auto-rows: auto; }
.picks .gallery-item, .finished .gallery-item { height: auto; }
.picks button.thumbnail-item { aspect-ratio: 1; height: auto; }
@media (max-width: 700px) {
    .picks .grid-container { display: flex !important; overflow-x: auto; }
    .picks button.thumbnail-item { width: 64px; }
    .picture { height: auto !important; }
}
.picks .grid-wrap, .finished .grid-wrap { min-height: 0; height: auto; max-height: none; }
.finished .grid-container { grid-template-columns: repeat(auto-fill, minmax(120px, 1fr)) !important; }
.picks .caption-label, .finished .caption-label { display: none; }
.status.empty { border: 1px dashed var(--border-color-primary); border-radius: 8px; }
.status.empty { padding: 6rem 1rem; text-align: center; }
.dark button[role=tab].selected { color: var(--primary-300); }
.result { overflow-anchor: none; }
.status .track { height: 10px; border-radius: 5px; background: var(--border-color-primary); overflow: hidden; }
.status .done { height: 100%; background: var(--primary-500); }
.status p { margin: 0.4rem 0; font-variant-numeric: tabular-nums; }
.losses svg { width: 100%; height: 120px; background: var(--background-fill-secondary); border-radius: 6px; }
.losses polyline { fill: none; stroke-width: 2; vector-effect: non-scaling-stroke; }
.losses polyline.content { stroke: var(--content-line); }
.losses polyline.style { stroke: var(--style-line); }
.losses figcaption { display: flex; flex-wrap: wrap; gap: 0.3rem 1.2rem; font-size: 0.85rem; }
.losses figcaption .content::before, .losses figcaption .style::before { content: '— '; font-weight: bold; }
.losses figcaption .content { color: var(--content-line); }
.losses figcaption .style { color: var(--style-line); }
:root { --content-line: #1d4ed8; --style-line: #b45309; }
.dark { --content-line: #93c5fd; --style-line: #fbbf24; }
"""

LAUNCH: dict[str, Any] = {
    "theme": _THEME,
    "css": _CSS + INTUITION_CSS,
    "enable_monitoring": False,
    "run_history": False,
    "footer_links": ["api", "settings"],
    "allowed_paths": [str(EXAMPLES)],
    "max_file_size": "50mb",
    "ssr_mode": False,
}
"""Keyword arguments of `gr.Blocks.launch`: nothing is asked from other hosts, nothing of a visitor is kept."""
