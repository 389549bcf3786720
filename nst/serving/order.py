"""A job that is computed in another process: the order that goes there, and the reports that come back.

All of it is made of numpy arrays and plain values, so that it can be pickled and that whoever unpickles it touches no
device.  Pictures go there as they are and come back in 8 bits, as files hold them.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from ..errors import NstError
from ..painting.backbone import Backbone
from ..painting.objective import Losses
from ..painting.painting import Painting, painting_of
from ..painting.room import Room
from ..painting.schedule import Progress
from ..pictures.picture import Picture
from ..recipe import Recipe
from ..task import TaskName
from .execution import End, EndState, Report, Snapshot, execute
from .job import Job

Pixels = NDArray[np.uint8]
"""HxWx3, or HxWx4 with alpha."""


@dataclass(frozen=True, eq=False)
class PackedInput:
    """A picture on its way there.  rgb: 1x3xHxW and alpha: 1x1xHxW, float32 from 0 to 1."""

    rgb: NDArray[np.float32]
    alpha: NDArray[np.float32] | None
    name: str

    @classmethod
    def of(cls, picture: Picture) -> PackedInput:
        """As it is, so that its digest stays the same."""
        return cls(picture.rgb.numpy(), None if picture.alpha is None else picture.alpha.numpy(), picture.name)

    def unpack(self) -> Picture:
        """The same picture, but for how it was made itself."""
        alpha = None if self.alpha is None else _tensor(self.alpha)
        return Picture(_tensor(self.rgb), alpha, self.name)


@dataclass(frozen=True, eq=False)
class PackedResult:
    """A picture on its way back."""

    pixels: Pixels
    name: str
    provenance: dict[str, Any] | None

    @classmethod
    def of(cls, picture: Picture) -> PackedResult:
        """In the 256 steps in which files hold it."""
        return cls(np.asarray(picture.to_pil()), picture.name, picture.provenance)

    def unpack(self) -> Picture:
        """The picture whose file is the same as that of what was packed."""
        bands = torch.from_numpy(self.pixels.astype(np.float32) / 255).permute(2, 0, 1)[None]
        alpha = bands[:, 3:].contiguous() if bands.shape[1] == 4 else None
        return Picture(bands[:, :3].contiguous(), alpha, self.name, self.provenance)


@dataclass(frozen=True, eq=False)
class PackedSnapshot:
    """A `Snapshot` on its way back."""

    progress: Progress
    losses: Losses
    picture: PackedResult
    rate: float
    frames: tuple[Pixels, ...]

    def unpack(self) -> Snapshot:
        """What was packed, with its picture in 8 bits."""
        return Snapshot(self.progress, self.losses, self.picture.unpack(), self.rate, _images(self.frames))


@dataclass(frozen=True, eq=False)
class PackedEnd:
    """An `End` on its way back."""

    state: EndState
    picture: PackedResult | None
    error: Exception | None
    frames: tuple[Pixels, ...]

    def unpack(self) -> End:
        """What was packed, with its picture in 8 bits."""
        picture = None if self.picture is None else self.picture.unpack()
        return End(self.state, picture, self.error, _images(self.frames))


PackedReport = PackedSnapshot | PackedEnd


@dataclass(frozen=True, eq=False)
class Order:
    """A painting to be computed elsewhere.  last_iteration, room: as in `Painting`; interval, filmed: as in `Job`."""

    task: TaskName
    recipe: dict[str, Any]
    inputs: Mapping[str, PackedInput]
    last_iteration: int | None
    room: Room
    interval: float
    filmed: bool

    @classmethod
    def of(cls, job: Job) -> Order:
        """What is needed to compute a job where nothing is known of it."""
        painting = job.painting
        return cls(
            task=painting.task,
            recipe=painting.recipe.to_json(),
            inputs={role: PackedInput.of(picture) for role, picture in painting.inputs.items()},
            last_iteration=painting.last_iteration,
            room=painting.room,
            interval=job.interval,
            filmed=job.time_lapse is not None,
        )

    def execute(self, backbone: Backbone) -> Iterator[PackedReport | None]:
        """Compute it here: as `nst.serving.execution.execute`, with its reports packed."""
        yield from self.reports(self.painting(backbone))

    def painting(self, backbone: Backbone) -> Painting:
        """The painting that was ordered, before its first step.  Raises what `Painting` does."""
        inputs = {role: packed.unpack() for role, packed in self.inputs.items()}
        painting = painting_of(self.task, inputs, Recipe.from_json(self.recipe), backbone)
        painting.last_iteration = self.last_iteration
        painting.make_do_with(self.room)
        return painting

    def reports(self, painting: Painting, frames_before: int = 0) -> Iterator[PackedReport | None]:
        """Compute what `painting` gave, or go on with it where it is resumed; the rest: as `execute` has it."""
        for report in execute(painting, interval=self.interval, filmed=self.filmed, frames_before=frames_before):
            yield None if report is None else pack(report)


def pack(report: Report) -> PackedReport:
    """A report as it can cross to another process."""
    frames = tuple(np.asarray(frame) for frame in report.frames)
    if isinstance(report, Snapshot):
        return PackedSnapshot(report.progress, report.losses, PackedResult.of(report.picture), report.rate, frames)
    picture = None if report.picture is None else PackedResult.of(report.picture)
    return PackedEnd(report.state, picture, report.error and _portable(report.error), frames)


def _tensor(array: NDArray[np.float32]) -> torch.Tensor:
    """A copy of what can't be written, such as what several processes see in shared memory."""
    return torch.from_numpy(array if array.flags.writeable else array.copy())


def _portable(error: Exception) -> Exception:
    """One of ours goes as it is; of another, whose class may not be pickled, its words and its traceback do."""
    if isinstance(error, NstError):
        return error
    portable = RuntimeError(f"{type(error).__name__}: {error}")
    portable.add_note("".join(traceback.format_exception(error)))
    return portable


def _images(frames: tuple[Pixels, ...]) -> tuple[Image.Image, ...]:
    return tuple(map(Image.fromarray, frames))
