"""What the tests of this wing share: real paintings that can be watched from within."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Generator, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from nst.network.extractor import Extractor
from nst.painting.backbone import Backbone
from nst.painting.optimize import LiveProgress
from nst.painting.painting import Painting
from nst.painting.scene import Scene
from nst.pictures.picture import Picture
from nst.recipe import Border, Pooling, Recipe
from nst.serving.job import Job
from nst.serving.worker import Worker
from tests.waiting import SLOW

WAIT = SLOW

LONG: dict[str, Any] = {"first_steps": 10_000, "start_size": 0, "tolerance": 0}


class WatchedPainting(Painting):
    """Calls back before and after each step, on the thread that computes it."""

    before: Callable[[], object] | None = None
    after: Callable[[LiveProgress], object] | None = None

    def __next__(self) -> LiveProgress:
        if self.before:
            self.before()
        progress = super().__next__()
        if self.after:
            self.after(progress)
        return progress


def watched(content: Picture, style: Picture, recipe: Recipe, backbone: Backbone) -> WatchedPainting:
    """`nst.stylize`, watched."""
    return WatchedPainting("stylize", Scene(recipe, content, (style,)), backbone=backbone)


def close_after(job: Job, worker: Worker) -> None:
    """Close a worker when a job is over, so that `Worker.work` ends."""

    def close() -> None:
        job.wait(WAIT)
        worker.close()

    threading.Thread(target=close).start()


def noise(width: int, height: int) -> Picture:
    """A picture of a size, of which only that matters."""
    return Picture(torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(0)))


@dataclass(frozen=True, eq=False)
class UnsoundExtractor(Extractor):
    """Sees pixels as they are in so many steps, and then as no numbers."""

    sound: Iterator[bool]

    def walk(
        self, image: Tensor, taps: Collection[str], border: Border = "zeros", pooling: Pooling = "max"
    ) -> Generator[tuple[str, Tensor], Tensor | None]:
        factor = 1.0 if next(self.sound) else torch.nan
        for tap, features in super().walk(image, taps, border, pooling):
            yield tap, features * factor
