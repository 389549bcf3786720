"""A painting's progress on stderr: a bar on a terminal, a line for each scale elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from .terminal import say

if TYPE_CHECKING:
    from ..painting.optimize import LiveProgress

REFRESH_SECONDS = 0.2
"""Between two looks at the losses for the bar: each look waits for the device."""

BAR_FORMAT = "{percentage:3.0f}%|{bar}| {desc}"


def watched(
    painting: Iterable[LiveProgress], *, quiet: bool = False, one_of_many: bool = False
) -> Iterator[LiveProgress]:
    """The steps of a painting as they come, shown on the way.

    quiet: not shown.  one_of_many: of a bar that goes when it is full, and without lines, as each painting gets one.
    """
    on_terminal = sys.stderr.isatty()
    if quiet or (one_of_many and not on_terminal):
        return iter(painting)
    return _with_bar(painting, stays=not one_of_many) if on_terminal else _with_lines(painting)


def _with_lines(painting: Iterable[LiveProgress]) -> Iterator[LiveProgress]:
    for progress in painting:
        if progress.step == progress.steps:
            say(_scale_line(progress))
        yield progress


def _with_bar(painting: Iterable[LiveProgress], *, stays: bool) -> Iterator[LiveProgress]:
    from tqdm import tqdm

    with tqdm(total=1.0, bar_format=BAR_FORMAT, dynamic_ncols=True, leave=stays) as bar:
        shown_at, shown_iteration = time.perf_counter(), 0
        for progress in painting:
            now = time.perf_counter()
            if now - shown_at >= REFRESH_SECONDS or progress.step == progress.steps:
                rate = (progress.iteration - shown_iteration) / max(now - shown_at, 1e-9)
                shown_at, shown_iteration = now, progress.iteration
                bar.n = progress.done
                bar.set_description_str(_bar_text(progress, rate))
            yield progress


def _scale_line(progress: LiveProgress) -> str:
    losses, (width, height) = progress.losses(), progress.size
    return (
        f"scale {progress.scale}/{progress.scales} {width}x{height} step {progress.step}/{progress.steps}: "
        f"content {losses.content:.4g}, style {losses.style:.4g}, {progress.seconds:.1f} s"
    )


def _bar_text(progress: LiveProgress, rate: float) -> str:
    losses, (width, height) = progress.losses(), progress.size
    return (
        f"{width}x{height} ({progress.scale}/{progress.scales}), {rate:.1f} it/s, "
        f"{progress.time_left} left, content {losses.content:.3g}, style {losses.style:.3g}"
    )
