"""A picture in the making, and the article's three tasks: reconstruct a content, synthesize a style, stylize.

Each task returns a `Painting`: iterate it to watch, or call `result()` to wait for the picture.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Generator, Mapping, Sequence
from dataclasses import asdict, replace
from itertools import zip_longest
from typing import Any

import torch

from ..errors import ImageError, RecipeError
from ..pictures.picture import Picture, Size
from ..pictures.reading import Source, as_picture
from ..recipe import Recipe
from ..task import STYLE_MASK_ROLES, STYLE_ROLES, TASKS, TaskName, role_name
from ..version import VERSION
from . import checkpoint
from .backbone import Backbone, shared_backbone
from .bookmark import Bookmark
from .optimize import LiveProgress, optimize
from .room import EVERYTHING, Room
from .scene import Scene, side_to_read
from .schedule import Schedule, scale_sizes
from .shortage import plainly_short_of_memory
from .state import Saved
from .stopping import Stopped, StopSignal
from .subject import Subject


def stylize(
    content: Source,
    style: Source | Sequence[Source],
    recipe: Recipe | None = None,
    *,
    mask: Source | None = None,
    style_mask: Source | Sequence[Source | None] | None = None,
    importance: Source | None = None,
    init_image: Source | None = None,
    backbone: Backbone | None = None,
) -> Painting:
    """Paint the content in the style: content loss plus style loss.

    content, style: a path, a `Picture`, a Pillow image, or a 3xHxW float tensor in [0, 1].  Up to four styles are
    mixed as the recipe's style_blend says.  A file of more than 4096 px a side is reduced to that, or to the size of a
    larger result.
    mask: white where the (first) style goes; where it is black, the other styles go, and the content stays as it
    is if there are none.  Gray is in between; of a picture with transparent parts the opaque ones count as white.
    style_mask: white where the style is meant, so that only that part of it is taken on; for several styles a list in
    their order, with None for one that is meant as a whole.
    importance: white where the content is to be kept more, `content_focus` times as much as where it is black.
    recipe: default `Recipe()`.  init_image: the start, for a recipe with init "image".
    backbone: default the shared one on the best device.
    The result has the content's aspect ratio and alpha.  Raises ImageError, RecipeError, ModelError.
    """
    recipe = recipe or Recipe()
    most = side_to_read(recipe)
    cover = None if mask is None else as_picture(mask, "mask", most)
    emphasis = None if importance is None else as_picture(importance, "importance", most)
    styles, style_masks = _style_pictures(style, most), _style_mask_pictures(style_mask, most)
    scene = Scene(recipe, as_picture(content, "content", most), styles, cover, style_masks, emphasis)
    return Painting("stylize", scene, init_image, backbone)


def reconstruct(
    content: Source,
    recipe: Recipe | None = None,
    *,
    init_image: Source | None = None,
    backbone: Backbone | None = None,
) -> Painting:
    """Recover a picture from its feature maps: content loss alone, from noise.

    Shows what a layer keeps: shallow taps keep nearly all, deep ones forget colors and exact places.
    recipe: default ``Recipe.preset(task="reconstruct")``; the rest as in `stylize`.
    """
    recipe = recipe or Recipe.preset(task="reconstruct")
    picture = as_picture(content, "content", side_to_read(recipe))
    return Painting("reconstruct", Scene(recipe, picture, ()), init_image, backbone)


def synthesize(
    style: Source | Sequence[Source],
    recipe: Recipe | None = None,
    *,
    style_mask: Source | Sequence[Source | None] | None = None,
    init_image: Source | None = None,
    backbone: Backbone | None = None,
) -> Painting:
    """Make a texture in the style: style loss alone, from noise.

    Shows what the Gram matrices hold: colors, strokes and motifs, but not where they were.
    recipe: default ``Recipe.preset(task="synthesize")``; the rest as in `stylize`.
    """
    recipe = recipe or Recipe.preset(task="synthesize")
    most = side_to_read(recipe)
    scene = Scene(recipe, None, _style_pictures(style, most), style_masks=_style_mask_pictures(style_mask, most))
    return Painting("synthesize", scene, init_image, backbone)


def painting_of(
    task: TaskName, inputs: Mapping[str, Source], recipe: Recipe, backbone: Backbone | None = None
) -> Painting:
    """A painting of any task from its images by role, as `Painting.inputs` names them: the inverse of that.

    Raises ImageError for images that the task doesn't take or lacks, for the mask of a style that is not there, and
    what the tasks raise.
    """
    _check_roles(task, inputs)
    most = side_to_read(recipe)
    pictures = {role: as_picture(source, role.replace("_", " "), most) for role, source in inputs.items()}
    for mask, style in zip(STYLE_MASK_ROLES, STYLE_ROLES, strict=True):
        if mask in pictures and style not in pictures:
            raise ImageError(
                f"There is a {role_name(mask)}, but no {role_name(style)}: give that image too, or leave out its mask."
            )
    given = [pair for pair in zip(STYLE_ROLES, STYLE_MASK_ROLES, strict=True) if pair[0] in pictures]
    styles = tuple(pictures[style] for style, _ in given)
    style_masks = tuple(pictures.get(mask) for _, mask in given)
    content, cover, emphasis = (pictures.get(role) for role in ("content", "mask", "importance"))
    scene = Scene(recipe, content, styles, cover, style_masks, emphasis)
    return Painting(task, scene, pictures.get("init_image"), backbone)


def _check_roles(task: TaskName, given: Collection[str]) -> None:
    needed, taken = TASKS[task].inputs, TASKS[task].roles
    if others := [role for role in given if role not in taken]:
        raise ImageError(f"{task} was given {', '.join(others)}, but takes {', '.join(taken)}: leave out the rest.")
    if missing := [role for role in needed if role not in given]:
        raise ImageError(
            f"{task} was given no {' and no '.join(missing)}, but needs {' and '.join(needed)}: add what is missing."
        )


def _style_pictures(style: Source | Sequence[Source], most: int) -> tuple[Picture, ...]:
    given = style if isinstance(style, (list, tuple)) else [style]
    if not given:
        raise ImageError("There is no style image: give one to four.")
    return tuple(as_picture(source, role, most) for source, role in zip_longest(given, STYLE_ROLES[: len(given)]))


def _style_mask_pictures(style_mask: Source | Sequence[Source | None] | None, most: int) -> tuple[Picture | None, ...]:
    given = style_mask if isinstance(style_mask, (list, tuple)) else [style_mask]
    roles = STYLE_MASK_ROLES[: len(given)]
    return tuple(
        None if source is None else as_picture(source, role, most)
        for source, role in zip_longest(given, roles, fillvalue="style_mask")
    )


class Painting:
    """A picture in the making: an iterator of `LiveProgress` that does one step per item.

    Nothing is computed before the first item.  It can be left at any time: `snapshot` is the picture as it
    is, with its provenance.  task, recipe, inputs (role -> picture) and size (width, height in pixels, of the
    result) say what is made, backbone by which network.  latest: the progress after the latest step, None before the
    first.  room_is_settled: no other room is taken, as in that one it is the picture that it was.
    """

    def __init__(
        self,
        task: TaskName,
        scene: Scene,
        init_image: Source | None = None,
        backbone: Backbone | None = None,
        *,
        last_iteration: int | None = None,
    ) -> None:
        """Check all that can be checked.  last_iteration: the step to end after, None for all of them.

        Raises RecipeError and ImageError for what can't be painted, ModelError when there is no network.
        """
        _check_weights(task, scene.recipe)
        shape = scene.content or scene.styles[0]
        sizes = tuple(scale_sizes(shape.width, shape.height, scene.recipe))
        init = None if init_image is None else as_picture(init_image, "init image", side_to_read(scene.recipe))
        self._stop = StopSignal()
        self.backbone = backbone or shared_backbone()
        self._subject = Subject(scene, self.backbone, init, sizes, self._stop)
        self.task = task
        self.recipe = scene.recipe
        self.inputs = self._subject.inputs
        self.size: Size = sizes[-1]
        self.last_iteration = last_iteration
        self.latest: LiveProgress | None = None
        self._bookmark = Bookmark()
        self._is_to_be_resumed = False
        self._saved: Saved | None = None
        self.room_is_settled = False
        self._begin(EVERYTHING)

    @property
    def room(self) -> Room:
        """What it does without."""
        return self._subject.room

    def make_do_with(self, room: Room) -> None:
        """Have it do without what there is no memory for; before its first step.

        The picture is the same but for single strokes, as sums are rounded in another order.  Where that is settled, as
        of a painting that is resumed, it stays as it is.
        """
        assert self.latest is None
        if not self.room_is_settled:
            self._begin(room)

    def settle(self, room: Room) -> None:
        """Have it do without just that, so that it is the same picture as one that did before."""
        assert self.latest is None
        self.room_is_settled = True
        self._begin(room)

    @property
    def planned_iterations(self) -> int:
        """Steps over all scales, of which scales that no longer improve leave some out."""
        return sum(self.recipe.scale_steps(len(self._subject.sizes)))

    @property
    def step_share(self) -> float:
        """How much of the step that is being made is made, 0 to 1, from any thread; 0 where it is made in one piece."""
        return self._subject.share.made

    def stop(self, *, to_resume: bool = False) -> None:
        """Ask it to end soon, from any thread: after the half of a step, or the target, that is being computed.

        to_resume: its checkpoint can be had also after that, so it holds on to all the memory of the loop.
        """
        self._is_to_be_resumed = to_resume
        self._stop.set()

    def __iter__(self) -> Painting:
        return self

    def __next__(self) -> LiveProgress:
        if self.latest and self.latest.iteration == self.last_iteration:
            self._bookmark.remove()
            raise StopIteration
        try:
            self._stop.check()
            with plainly_short_of_memory():
                self.latest = next(self._steps)
        except Stopped:
            self._steps.close()
            if not self._is_to_be_resumed:
                self._bookmark.remove()
            raise StopIteration from None
        except BaseException:  # also at the end of the loop; after half a step there is no place to go on from
            self._bookmark.remove()
            raise
        return self.latest

    def snapshot(self) -> Picture | None:
        """The picture as it is after the latest step, None before the first.  Raises OutOfMemoryError."""
        if self.latest is None:
            return None
        with plainly_short_of_memory():
            image, content = self.latest.image(), self._subject.scene.content
            alpha = None if content is None or content.alpha is None else content.resized(_size_of(image)).alpha
        return Picture(image, alpha, f"{self.task} result", self._provenance(self.latest))

    def let_go(self) -> None:
        """Keep nothing of its steps: of one that has ended, and is kept for what it was made of."""
        self._steps.close()
        self.latest = None

    def result(self) -> Picture:
        """Run to the end and return the picture."""
        for _ in self:
            pass
        picture = self.snapshot()
        assert picture is not None
        return picture

    def checkpoint(self) -> bytes | None:
        """All that another process needs to go on from the latest step, beside the images: see `resume`.

        Between two steps, by whoever makes them.  None when there is nothing to go on from: before the first step,
        after the last one, and for the few steps after which it is to go back, as its numbers are not finite.
        """
        state = self._bookmark.state()
        return None if state is None else checkpoint.pack(self._origin() | {"room": asdict(self.room)}, state)

    def save_checkpoint(self, path: str | os.PathLike[str], *, lasting: bool = True) -> bool:
        """Write the checkpoint into a file, whole or not at all, in place of the one before.

        As `checkpoint`, but without its memory; False where that gives None, and then nothing is written.
        lasting: wait until the disk has it, so that it outlives a loss of power.
        Raises OutputError.
        """
        state = self._bookmark.state()
        if state is not None:
            checkpoint.save(path, self._origin() | {"room": asdict(self.room)}, state, lasting=lasting)
        return state is not None

    def resume(self, source: bytes | str | os.PathLike[str]) -> list[str]:
        """Begin where a checkpoint of the same run was made, with the step after that.

        On the same machine the picture is the one of a run that was never interrupted, bit for bit.
        source: what `checkpoint` gave, or the path of a file.  Call it before the first step.
        Returns what is not as it was, in words: each can make single strokes go elsewhere.
        Raises CheckpointError when it can't be read, is damaged, or is of another task, recipe, network, precision or
        version, or of other images.
        """
        assert self.latest is None, "a painting is resumed before its first step"
        origin = self._origin()
        read = checkpoint.read(source, origin, self.size)
        self._saved = Saved(read.name, read.values, self.backbone.compute.device)
        self.settle(read.room)
        return read.differences(origin)

    def _begin(self, room: Room) -> None:
        self._subject = replace(self._subject, room=room)
        self._steps = _steps(self._subject, self._bookmark, self._saved)

    def _provenance(self, progress: LiveProgress) -> dict[str, Any]:
        """What is needed to make the picture again, in plain values; written into the file's metadata."""
        room = {} if self.room == EVERYTHING else {"room": asdict(self.room)}
        return {**self._origin(), **room, "iterations": [progress.iteration, progress.iterations]}

    def _origin(self) -> dict[str, Any]:
        """What it is made of, how and where."""
        model, compute = self.backbone.model, self.backbone.compute
        return {
            "program": f"gramarye {VERSION}",
            "task": self.task,
            "recipe": self.recipe.to_json(),
            "backbone": {"name": model.backbone, "source": model.source, "digest": model.digest},
            "inputs": {
                role: {"name": picture.name, "size": [picture.width, picture.height], "digest": picture.digest}
                for role, picture in self.inputs.items()
            },
            "device": str(compute.device),
            "precision": compute.precision,
            "torch": str(torch.__version__),
        }


def _steps(subject: Subject, bookmark: Bookmark, saved: Saved | None = None) -> Generator[LiveProgress]:
    """The loop over a subject; nothing is computed before its first item."""
    schedule = Schedule(subject.sizes, subject.recipe)
    yield from optimize(subject, subject.start() if saved is None else saved, schedule, subject.stop, bookmark)


def _check_weights(task: TaskName, recipe: Recipe) -> None:
    """RecipeError for a task of one loss whose weight is 0."""
    inputs = TASKS[task].inputs
    for role in inputs:
        if len(inputs) == 1 and getattr(recipe, f"{role}_weight") == 0:
            raise RecipeError(f"{role}_weight is 0, but {task} has the {role} loss alone: it must be more.")


def _size_of(image: torch.Tensor) -> Size:
    return image.shape[3], image.shape[2]
