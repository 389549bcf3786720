"""A running job in HTML: a progress bar in words and the losses as a small plot."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..painting.objective import Losses
from ..serving.engine import Engine, Job

WIDTH, HEIGHT = 600, 150
_MARGIN = 4


class Curve(NamedTuple):
    """A loss over the steps, scaled into the plot."""

    name: str
    points: str
    latest: float


def status_html(engine: Engine, job: Job) -> str:
    """Where a job is: its place in the line, or its step, speed and time left; the end in one sentence."""
    if job.state == "waiting":
        place = engine.place(job)
        before = {0: "It is your turn", 1: "One job is before yours"}.get(place, f"{place} jobs are before yours")
        return _bar(0, f"{before}. It starts by itself.")
    if job.state == "failed":
        return _bar(0, "The run has failed.")
    if job.snapshot is None:
        return _bar(0, "Looking at the pictures …" if job.state == "running" else "Stopped before the first step.")
    at = job.snapshot.progress
    if job.state == "running":
        (width, height), left = at.size, clock(at.seconds_left)
        words = (
            f"Scale {at.scale} of {at.scales} ({width}x{height}), step {at.step} of {at.steps}, "
            f"{job.snapshot.rate:.1f} it/s, {left} left"
        )
        return _bar(at.done, words)
    how = "Done" if job.state == "done" else f"Stopped at step {at.iteration} of {at.iterations}"
    return _bar(at.done, f"{how} in {at.seconds:.1f} s.")


def _bar(done: float, words: str) -> str:
    percent = round(100 * done)
    return (
        f'<div class="status"><div class="track" role="progressbar" aria-label="Progress" aria-valuemin="0" '
        f'aria-valuemax="100" aria-valuenow="{percent}" aria-valuetext="{words}">'
        f'<div class="done" style="width:{percent}%"></div></div><p>{words}</p></div>'
    )


def clock(seconds: float) -> str:
    """Minutes and seconds: 75 -> "1:15"."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"


def plot_html(losses: Sequence[tuple[int, Losses]], iterations: int) -> str:
    """Content and style loss over the steps, each on a log scale of its own range.

    losses: (iteration, losses) in order; iterations: how many steps the whole run has.
    """
    curves = list(_curves(losses, iterations))
    if not curves:
        return ""
    lines = "".join(f'<polyline class="{c.name}" points="{c.points}"/>' for c in curves)
    legend = "".join(f'<span class="{c.name}">{c.name} loss {c.latest:.3g}</span>' for c in curves)
    words = ", ".join(f"{c.name} loss {c.latest:.3g}" for c in curves)
    return (
        f'<figure class="losses"><svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" role="img" '
        f'aria-label="Losses over the steps on log scales, now {words}">{lines}</svg>'
        f"<figcaption>{legend}<span>log scales, step 1 to {iterations}</span></figcaption></figure>"
    )


def _curves(losses: Sequence[tuple[int, Losses]], iterations: int) -> Iterator[Curve]:
    for name in ("content", "style"):
        values = [(step, getattr(terms, name)) for step, terms in losses if getattr(terms, name) > 0]
        if len(values) < 2:
            continue
        logs = [math.log(value) for _, value in values]
        low, spread = min(logs), max(max(logs) - min(logs), 1e-9)
        points = " ".join(
            f"{_MARGIN + (WIDTH - 2 * _MARGIN) * step / iterations:.1f},"
            f"{HEIGHT - _MARGIN - (HEIGHT - 2 * _MARGIN) * (log - low) / spread:.1f}"
            for (step, _), log in zip(values, logs, strict=True)
        )
        yield Curve(name, points, values[-1][1])
