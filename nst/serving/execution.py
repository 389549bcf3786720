"""A painting computed for somebody who waits elsewhere: reports on the way, and how it ended."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from PIL import Image

from ..painting.objective import Losses
from ..painting.painting import Painting
from ..painting.schedule import Progress
from ..painting.shortage import release
from ..pictures.picture import Picture
from ..pictures.time_lapse import TimeLapse

INTERVAL = 0.6
"""Seconds between two snapshots."""

EndState = Literal["done", "stopped", "failed"]


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A painting as it was after one step, read from the device.

    rate: steps per second since the snapshot before.  frames: of the time-lapse, those that came since then.
    """

    progress: Progress
    losses: Losses
    picture: Picture
    rate: float
    frames: tuple[Image.Image, ...] = ()


@dataclass(frozen=True, eq=False)
class End:
    """How a painting ended.  picture: the result, or what was reached, None before the first step.

    error: why it failed.  frames: as in `Snapshot`.
    """

    state: EndState
    picture: Picture | None = None
    error: Exception | None = None
    frames: tuple[Image.Image, ...] = ()


Report = Snapshot | End


def execute(
    painting: Painting,
    *,
    interval: float = INTERVAL,
    filmed: bool = True,
    frames_before: int = 0,
    clock: Callable[[], float] = time.perf_counter,
) -> Iterator[Report | None]:
    """Compute a painting; gives a report or None after each step, and at last an `End`.

    interval: seconds between two snapshots; the first and the last step have one in any case.  filmed: whether frames
    of a time-lapse are gathered.  frames_before: how many there are already, of a painting that is resumed.
    An error is reported, not raised.  A step whose numbers are not finite has no
    snapshot, as the painting is about to go back to a good one.
    """
    time_lapse = TimeLapse(painting.size, frames_before)
    shown_at, shown_iteration, sent = clock(), -1, 0

    def new_frames() -> tuple[Image.Image, ...]:
        nonlocal sent
        frames, sent = tuple(time_lapse.frames[sent:]), len(time_lapse.frames)
        return frames

    try:
        for progress in painting:
            if shown_iteration < 0:
                shown_iteration = progress.iteration - 1
            if filmed and time_lapse.is_due(progress.iteration, progress.iterations):
                time_lapse.add(progress.image())
            now = clock()
            if now - shown_at < interval and progress.iteration not in (1, progress.iterations):
                yield None
                continue
            losses = progress.losses()
            if not math.isfinite(losses.total):
                yield None
                continue
            rate = (progress.iteration - shown_iteration) / max(now - shown_at, 1e-9)
            shown_at, shown_iteration = now, progress.iteration
            picture = painting.snapshot()
            assert picture is not None
            yield Snapshot(progress.plain(), losses, picture, rate, new_frames())
        latest = painting.latest
        complete = latest is not None and latest.iteration == latest.iterations
        yield End("done" if complete else "stopped", painting.snapshot(), frames=new_frames())
    except Exception as error:
        release(error)
        yield End("failed", error=error)
