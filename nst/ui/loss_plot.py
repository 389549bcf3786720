"""Content and style loss over the steps of a painting, as a small plot in HTML.

An SVG of our own: it is redrawn with every snapshot, twice a second, takes a few kilobytes at most, follows the page's
colors in light and dark, and can be read aloud.  Gradio's plots would load a plotting library in the browser.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from ..painting.objective import Losses
from .languages import Words

WIDTH, HEIGHT = 600, 150
_MARGIN = 4

MOST_POINTS = 300
"""Of a curve: half as many as it has pixels, however many steps there are."""


class Curve(NamedTuple):
    """A loss over the steps.  points: scaled into the plot, as SVG wants them; latest: its last value."""

    name: str
    points: str
    latest: float


def loss_plot_html(losses: Sequence[tuple[int, Losses]], iterations: int, words: Words) -> str:
    """Content and style loss over the steps, each on a log scale of its own range.

    losses: (iteration, losses) in order; iterations: how many steps the whole painting has.
    Empty while there are fewer than two values of either.
    """
    curves = list(_curves(losses, iterations))
    if not curves:
        return ""
    lines = "".join(f'<polyline class="{curve.name}" points="{curve.points}"/>' for curve in curves)
    named = {curve.name: words(f"loss.{curve.name}", value=f"{curve.latest:.3g}") for curve in curves}
    legend = "".join(f'<span class="{name}">{text}</span>' for name, text in named.items())
    spoken = words("loss.spoken", losses=words("page.comma").join(named.values()))
    scales = words("loss.scales", iterations=iterations)
    return (
        f'<figure class="losses"><svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" role="img" '
        f'aria-label="{spoken}">{lines}</svg>'
        f"<figcaption>{legend}<span>{scales}</span></figcaption></figure>"
    )


def _curves(losses: Sequence[tuple[int, Losses]], iterations: int) -> Iterator[Curve]:
    for name in ("content", "style"):
        values = [(step, getattr(terms, name)) for step, terms in losses if getattr(terms, name) > 0]
        if len(values) < 2:
            continue
        logs = [math.log(value) for _, value in values]
        low, spread = min(logs), max(max(logs) - min(logs), 1e-9)
        kept = _kept(logs)
        points = " ".join(
            f"{_MARGIN + (WIDTH - 2 * _MARGIN) * step / iterations:.1f},"
            f"{HEIGHT - _MARGIN - (HEIGHT - 2 * _MARGIN) * (log - low) / spread:.1f}"
            for step, log in ((values[i][0], logs[i]) for i in kept)
        )
        yield Curve(name, points, values[-1][1])


def _kept(values: Sequence[float]) -> list[int]:
    """The places of values that draw the curve of all: of each stretch the lowest and the highest, and both ends."""
    last = len(values) - 1
    if last < MOST_POINTS:
        return list(range(len(values)))
    stretches = MOST_POINTS // 2 - 1
    bounds = [1 + (last - 1) * i // stretches for i in range(stretches + 1)]
    within = [range(a, b) for a, b in pairwise(bounds)]
    lowest, highest = ({extreme(places, key=values.__getitem__) for places in within} for extreme in (min, max))
    return sorted({0, last} | lowest | highest)
