"""How the page looks, in light and dark, on a desk and on a phone; `intuition_css` and `series_css` add their tabs."""

from __future__ import annotations

import gradio as gr

from .drop import CSS as DROP_CSS
from .gradio_gaps import CSS as GAPS_CSS
from .history_css import CSS as HISTORY_CSS
from .intuition_css import CSS as INTUITION_CSS
from .series_css import CSS as SERIES_CSS

THEME = gr.themes.Base(
    primary_hue="indigo",
    neutral_hue="stone",
    font=["system-ui", "sans-serif"],
    font_mono=["ui-monospace", "monospace"],
).set(
    color_accent="*primary_600",
    button_primary_background_fill="*primary_600",
    button_primary_background_fill_hover="*primary_700",
    button_primary_background_fill_dark="*primary_600",
    button_primary_background_fill_hover_dark="*primary_700",
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

_PAGE_CSS = """
#head h1 { font-family: Georgia, 'Times New Roman', serif; font-size: 2.4rem; margin-bottom: 0; }
#head p { font-size: 1.1rem; margin-top: 0.2rem; }
#foot { font-size: 0.85rem; }
#head { position: relative; }
#languages { position: absolute; top: 0; right: 0; width: auto; min-width: 0; white-space: nowrap; }
#languages button { text-decoration: underline; background: none; font: inherit; }
#languages :is(button, span) { padding: 0.25rem; }
.status.empty { border: 1px dashed var(--border-color-primary); border-radius: 8px; }
.status.empty { padding: 6rem 1rem; text-align: center; }
.result { overflow-anchor: none; }
.status .track { height: 10px; border-radius: 5px; background: var(--border-color-primary); overflow: hidden; }
.status .done { height: 100%; background: var(--primary-500); }
.spoken { position: absolute !important; width: 1px; height: 1px; overflow: hidden !important; clip-path: inset(50%); }
.status p { margin: 0.4rem 0; font-variant-numeric: tabular-nums; }
.estimate { margin: 0; color: var(--body-text-color-subdued); }
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
@media (max-width: 700px) { .picture { height: auto !important; } }
"""

CSS = _PAGE_CSS + GAPS_CSS + INTUITION_CSS + SERIES_CSS + HISTORY_CSS + DROP_CSS
