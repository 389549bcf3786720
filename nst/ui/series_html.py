"""A series on the page: a table of small pictures that fills, each of them a button."""

from __future__ import annotations

import html

from ..errors import printable
from ..pictures.picture import fit
from ..serving.axes import Cell
from .inline_image import image_html
from .languages import Words
from .series_run import SeriesRun
from .series_words import axis_labels, cell_label, in_all

SHOWN = 256
"""Pixels of the long side of a cell at most."""

CLICK = """
element.addEventListener('click', event => {
    const button = event.target.closest('button[data-cell]');
    if (button) trigger('click', {cell: +button.dataset.cell});
});
"""
"""Of the HTML component: tells which cell was clicked."""


def series_html(run: SeriesRun, words: Words, painting: Cell | None = None) -> str:
    """The whole series as it is now.  painting: the cell whose turn it is, None when it has ended."""
    plan = run.plan
    width, height = fit(run.series.size, SHOWN)
    cells = [_cell_html(run, cell, painting, words) for cell in plan.cells]
    if plan.down is None:
        labels = map(_text, axis_labels(plan.across, words))
        items = "".join(f"<li>{cell}<span>{label}</span></li>" for cell, label in zip(cells, labels, strict=True))
        body = f"<ul>{items}</ul>"
    else:
        heads = "".join(f'<th scope="col">{_text(label)}</th>' for label in axis_labels(plan.across, words))
        rows = ""
        for row, label in enumerate(axis_labels(plan.down, words)):
            inside = "".join(f"<td>{cell}</td>" for cell in cells[row * plan.columns : (row + 1) * plan.columns])
            rows += f'<tr><th scope="row">{_text(label)}</th>{inside}</tr>'
        body = f"<table><thead><tr><td></td>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    style = f"--columns: {plan.columns}; --shape: {width} / {height}"
    return (
        f'<div class="series" style="{style}" role="region" aria-label="{words("series.region")}" tabindex="0">{body}'
        f"<p>{_text(in_all(plan, run.content.name, words))}</p></div>"
    )


def _cell_html(run: SeriesRun, cell: Cell, painting: Cell | None, words: Words) -> str:
    if (picture := run.series.thumbnail(cell)) is not None:
        if cell.number not in run.images:
            alt = html.escape(words("series.larger", label=cell_label(run.plan, cell, words)))
            run.images[cell.number] = image_html(picture, alt)
        return f'<button type="button" data-cell="{cell.number}">{run.images[cell.number]}</button>'
    if (reason := run.series.failures.get(cell.number)) is not None:
        return f'<div class="empty failed">{_text(words("series.failed", reason=words.sentence(reason)))}</div>'
    if painting is not None and cell.number == painting.number:
        return f'<div class="empty painting">{words("series.painting")}</div>'
    return f'<div class="empty">{words("series.not_painted" if painting is None else "series.waits")}</div>'


def _text(strangers: str) -> str:
    return html.escape(printable(strangers))
