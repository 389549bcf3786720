"""The loss as a sum: what each tap adds to it over the steps, as bands that fill the plot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..painting.objective import Losses
from ..taps import TAPS
from .heat_map import heat_map
from .languages import Words
from .loss_plot import MOST_POINTS

WIDTH, HEIGHT = 600, 120


def loss_shares_html(losses: Sequence[tuple[int, Losses]], words: Words) -> str:
    """Two plots, of the content loss and of the style loss, as far as there are two values of either.

    losses: (iteration, losses) in order.
    """
    by_kind = {
        "content": [(step, terms.content_taps) for step, terms in losses if terms.content > 0],
        "style": [(step, terms.style_taps) for step, terms in losses if terms.style > 0],
    }
    plots = "".join(_plot_html(kind, values, words) for kind, values in by_kind.items() if len(values) > 1)
    return f'<div class="shares">{plots}</div>' if plots else ""


def _plot_html(kind: str, values: Sequence[tuple[int, Mapping[str, float]]], words: Words) -> str:
    taps = [tap for tap in TAPS if tap in values[0][1]]
    first, last = values[0][0], values[-1][0]
    kept = sorted({round(at) for at in np.linspace(0, len(values) - 1, MOST_POINTS)})
    shares = [
        (step, [by_tap[tap] / sum(by_tap.values()) for tap in taps]) for step, by_tap in map(values.__getitem__, kept)
    ]
    bands, legend = "", ""
    for k, tap in enumerate(taps):
        below = [(step, sum(parts[:k])) for step, parts in shares]
        above = [(step, sum(parts[: k + 1])) for step, parts in shares]
        points = " ".join(
            f"{WIDTH * (step - first) / max(last - first, 1):.1f},{HEIGHT * (1 - share):.1f}"
            for step, share in [*below, *reversed(above)]
        )
        color = _color(TAPS.index(tap))
        bands += f'<polygon points="{points}" fill="{color}"/>'
        latest = shares[-1][1][k]
        legend += f'<span><i style="background:{color}"></i>{tap} {100 * latest:.0f} %</span>'
    latest_of = [f"{tap} {100 * share:.0f} %" for tap, share in zip(taps, shares[-1][1], strict=True)]
    spoken = words(f"shares.spoken_{kind}", shares=words("page.comma").join(latest_of))
    steps = words("shares.steps", first=first, last=last)
    return (
        f"<figure><figcaption><b>{words(f'shares.{kind}')}</b>{steps}</figcaption>"
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" role="img" '
        f'aria-label="{spoken}">{bands}</svg>'
        f'<figcaption class="keys">{legend}</figcaption></figure>'
    )


def _color(index: int) -> str:
    """From the shallowest tap, dark violet, to the deepest, yellow; the same in every plot."""
    red, green, blue = heat_map(np.array([[index]]), 0, len(TAPS) - 1)[0, 0]
    return f"rgb({red} {green} {blue})"
