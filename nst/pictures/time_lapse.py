"""A short time-lapse of a run: frames gathered on the way, written as an animated WebP."""

from __future__ import annotations

import io

from PIL import Image

from ..painting.optimize import Progress, Size
from .reading import Picture, fit

FRAMES = 48
LONG_SIDE = 480
FRAME_MS, LAST_FRAME_MS = 90, 1800


class Film:
    """Frames at even steps of a run, all of the same size.

    size: (width, height) of the run's result in pixels; frames are at most `LONG_SIDE` of it long.
    """

    def __init__(self, size: Size) -> None:
        self.size = fit(size, LONG_SIDE)
        self.frames: list[Image.Image] = []

    def look(self, progress: Progress) -> None:
        """Keep a frame when the run has come far enough for the next one."""
        if progress.iteration * FRAMES >= (len(self.frames) + 1) * progress.iterations or not self.frames:
            self.frames.append(Picture(progress.image()).to_pil().resize(self.size, Image.Resampling.BICUBIC))

    def encode(self) -> bytes:
        """An animated WebP that loops and rests on its last frame.  At least one frame must have been seen."""
        durations = [FRAME_MS] * (len(self.frames) - 1) + [LAST_FRAME_MS]
        encoded = io.BytesIO()
        self.frames[0].save(
            encoded,
            "WEBP",
            save_all=True,
            append_images=self.frames[1:],
            duration=durations,
            loop=0,
            quality=80,
            method=0,
        )
        return encoded.getvalue()
