"""A painting inside ComfyUI: in the memory that it leaves, with its progress bar and previews, and its interruption."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import comfy.model_management
import comfy.utils
import torch
from torch import Tensor

from nst.network.build import ensure_model
from nst.painting.backbone import shared_backbone
from nst.painting.optimize import LiveProgress
from nst.painting.painting import Painting, painting_of
from nst.pictures.picture import Picture
from nst.recipe import Recipe
from nst.serving.host import usable_memory
from nst.serving.limits import Limits
from nst.task import TaskName

TICKS = 1000
"""Of the progress bar for each picture: its parts take more and more time, so steps are no measure."""

PREVIEW_SECONDS = 1.0
"""How long a preview is shown at least before the next."""

PREVIEW_SIDE = 512
"""Pixels: ComfyUI reduces previews to this long side."""

INTERRUPTION_SECONDS = 0.1
"""How often it is asked whether to stop while a step is being computed."""


def paint(task: TaskName, runs: Sequence[dict[str, Tensor]], recipe: Recipe) -> list[Picture]:
    """A picture of each run, one after the other.

    runs: role -> 3xHxW, as `Painting.inputs` has the roles.  Raises what ComfyUI raises when it is interrupted, and an
    NstError for what can't be painted.
    """
    with torch.inference_mode(False):  # in which ComfyUI runs nodes, and which has no gradients
        ensure_model()
        bar = comfy.utils.ProgressBar(TICKS * len(runs))
        return [_paint_one(painting_of(task, run, recipe, shared_backbone()), bar, i) for i, run in enumerate(runs)]


def make_room(painting: Painting) -> None:
    """Have ComfyUI unload what it keeps on the device, as far as it is in the way, and the painting do with the rest.

    Raises CostError where that is too little.
    """
    device = _numbered(painting.backbone.compute.device)
    if device.type != "cpu":
        comfy.model_management.free_memory(Limits().cost(painting).bytes, device)
    free = comfy.model_management.get_free_memory(device)
    Limits(bytes=min(free, usable_memory(device, command=True))).check(painting)


def _numbered(device: torch.device) -> torch.device:
    """A device of CUDA with its number, without which ComfyUI takes it for another one than its own."""
    is_current = device.type == "cuda" and device.index is None
    return torch.device("cuda", torch.cuda.current_device()) if is_current else device


def _paint_one(painting: Painting, bar: comfy.utils.ProgressBar, index: int) -> Picture:
    """index: of the picture, from 0."""
    make_room(painting)
    shown_at = -PREVIEW_SECONDS
    with _stopped_by_interruption(painting):
        for progress in painting:
            now = time.monotonic()
            is_due = now - shown_at >= PREVIEW_SECONDS
            shown_at = now if is_due else shown_at
            bar.update_absolute(round(TICKS * (index + progress.done)), preview=_preview(progress) if is_due else None)
    comfy.model_management.throw_exception_if_processing_interrupted()
    return painting.result()


def _preview(progress: LiveProgress) -> tuple[str, object, int]:
    """As ComfyUI wants it: format, Pillow image, and the long side that it is reduced to."""
    return "JPEG", Picture(progress.image()).to_pil(), PREVIEW_SIDE


@contextmanager
def _stopped_by_interruption(painting: Painting) -> Iterator[None]:
    """Stop a painting when ComfyUI is told to, in the middle of a step too: the bar asks only between two."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(INTERRUPTION_SECONDS):
            if comfy.model_management.processing_interrupted():
                painting.stop()
                return

    watcher = threading.Thread(target=watch, name="gramarye-interruption", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
