"""A short time-lapse of a run: frames gathered on the way, written as an animated WebP."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image
from torch import Tensor

from ..errors import OutputError
from .picture import Picture, Size, fit
from .reading import reason
from .writing import write_whole

FRAMES = 48
LONG_SIDE = 480
FRAME_MS, LAST_FRAME_MS = 90, 1800


class TimeLapse:
    """Frames at even steps of a run, all of the same size.

    size: (width, height) of the run's result in pixels; frames are at most `LONG_SIDE` of it long.  before: how many
    frames somebody else has of the same run, up to where it is resumed.
    """

    def __init__(self, size: Size, before: int = 0) -> None:
        self.size = fit(size, LONG_SIDE)
        self.frames: list[Image.Image] = []
        self._missed = 0
        self._before = before

    def is_due(self, iteration: int, iterations: int) -> bool:
        """Whether a run has come far enough for the next frame, after so many of its iterations.

        One that is first looked at later than after its first iteration has no frames of those before.
        """
        so_far = self._before + len(self.frames)
        if not so_far:
            self._missed = (iteration - 1) * FRAMES // iterations
            return True
        return iteration * FRAMES >= (self._missed + so_far + 1) * iterations

    def add(self, image: Tensor) -> None:
        """Keep a frame; image: 1x3xHxW in [0, 1] on the CPU."""
        self.frames.append(Picture(image).to_pil().resize(self.size, Image.Resampling.BICUBIC))

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

    def save(self, path: Path) -> None:
        """Write it as `encode` gives it, whole or not at all.  Raises OutputError."""
        try:
            write_whole(path, self.encode())
        except OSError as error:
            raise OutputError(f"{str(path)!r} can't be written: {reason(error)}.") from None
