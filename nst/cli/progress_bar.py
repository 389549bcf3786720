"""A painting's progress on stderr: a bar on a terminal, a line for each scale elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from .terminal import say

if TYPE_CHECKING:
    from ..painting.optimize import LiveProgress

REFRESH_SECONDS = 0.2
"""Between two looks at the losses for the bar: each look waits for the device."""

SHARE_SECONDS = 1.0
"""Between two looks at how far a long step is."""

BAR_FORMAT = "{percentage:3.0f}%|{bar}| {desc}"


def watched(
    painting: Iterable[LiveProgress],
    *,
    quiet: bool = False,
    one_of_many: bool = False,
    step_share: Callable[[], float] | None = None,
) -> Iterator[LiveProgress]:
    """The steps of a painting as they come, shown on the way.

    quiet: not shown.  one_of_many: of a bar that goes when it is full, and without lines, as each painting gets one.
    step_share: how much of the step that is being made is made, 0 to 1; a bar says so where it is more than 0.
    """
    on_terminal = sys.stderr.isatty()
    if quiet or (one_of_many and not on_terminal):
        return iter(painting)
    return _with_bar(painting, step_share, stays=not one_of_many) if on_terminal else _with_lines(painting)


def _with_lines(painting: Iterable[LiveProgress]) -> Iterator[LiveProgress]:
    for progress in painting:
        if progress.step == progress.steps:
            say(_scale_line(progress))
        yield progress


def _with_bar(
    painting: Iterable[LiveProgress], step_share: Callable[[], float] | None, *, stays: bool
) -> Iterator[LiveProgress]:
    from tqdm import tqdm

    text = ""
    with tqdm(total=1.0, bar_format=BAR_FORMAT, dynamic_ncols=True, leave=stays) as bar:

        def show_share() -> None:
            if step_share and (share := step_share()):
                bar.set_description_str(f"{text}, next step {share:.0%}" if text else f"first step {share:.0%}")

        shown_at, shown_iteration = time.perf_counter(), 0
        for progress in _between(painting, show_share) if step_share else painting:
            now = time.perf_counter()
            if now - shown_at >= REFRESH_SECONDS or progress.step == progress.steps:
                rate = (progress.iteration - shown_iteration) / max(now - shown_at, 1e-9)
                shown_at, shown_iteration = now, progress.iteration
                bar.n = progress.done
                text = _bar_text(progress, rate)
                bar.set_description_str(text)
            yield progress


def _between(painting: Iterable[LiveProgress], show: Callable[[], None]) -> Iterator[LiveProgress]:
    """The steps as they come, with `show` called every second from another thread."""
    is_over = threading.Event()

    def keep_showing() -> None:
        while not is_over.wait(SHARE_SECONDS):
            show()

    thread = threading.Thread(target=keep_showing, name="progress", daemon=True)
    thread.start()
    try:
        yield from painting
    finally:
        is_over.set()
        thread.join()


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
