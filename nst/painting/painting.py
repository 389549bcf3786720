"""The article's three tasks as short stories: reconstruct a content, synthesize a style, stylize.

Each returns a `Run`: iterate it to watch, or call `result()` to wait for the picture.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from ..errors import ImageError, OutOfMemoryError, RecipeError
from ..pictures.picture import Picture, Size
from ..pictures.reading import as_picture
from ..recipe import INPUTS, STYLE_ROLES, Recipe
from ..version import VERSION
from .backbone import Backbone, shared_backbone
from .initial import style_noise, uniform_noise
from .objective import Objective
from .optimize import Progress, optimize, scale_sizes
from .scene import Scene

Source = Picture | Tensor | Image.Image | str | os.PathLike[str]


def stylize(
    content: Source,
    style: Source | Sequence[Source],
    recipe: Recipe | None = None,
    *,
    mask: Source | None = None,
    init_image: Source | None = None,
    backbone: Backbone | None = None,
) -> Run:
    """Paint the content in the style: content loss plus style loss.

    content, style: a path, a `Picture`, a Pillow image, or a 3xHxW float tensor in [0, 1].  Up to four styles are
    mixed as the recipe's style_blend says.
    mask: white where the (first) style goes; where it is black, the other styles go, and the content stays as it
    is if there are none.  Gray is in between; of a picture with transparent parts the opaque ones count as white.
    recipe: default `Recipe()`.  init_image: the start, for a recipe with init "image".
    backbone: default the shared one on the best device.
    The result has the content's aspect ratio and alpha.  Raises ImageError, RecipeError, ModelError.
    """
    recipe = recipe or Recipe()
    cover = None if mask is None else as_picture(mask, "mask")
    return _start("stylize", Scene(recipe, as_picture(content, "content"), _styles(style), cover), init_image, backbone)


def reconstruct(
    content: Source,
    recipe: Recipe | None = None,
    *,
    init_image: Source | None = None,
    backbone: Backbone | None = None,
) -> Run:
    """Recover a picture from its feature maps: content loss alone, from noise.

    Shows what a layer keeps: shallow taps keep nearly all, deep ones forget colors and exact places.
    recipe: default ``Recipe.preset(task="reconstruct")``; the rest as in `stylize`.
    """
    recipe = recipe or Recipe.preset(task="reconstruct")
    return _start("reconstruct", Scene(recipe, as_picture(content, "content"), ()), init_image, backbone)


def synthesize(
    style: Source | Sequence[Source],
    recipe: Recipe | None = None,
    *,
    init_image: Source | None = None,
    backbone: Backbone | None = None,
) -> Run:
    """Make a texture in the style: style loss alone, from noise.

    Shows what the Gram matrices hold: colors, strokes and motifs, but not where they were.
    recipe: default ``Recipe.preset(task="synthesize")``; the rest as in `stylize`.
    """
    recipe = recipe or Recipe.preset(task="synthesize")
    return _start("synthesize", Scene(recipe, None, _styles(style)), init_image, backbone)


def from_inputs(task: str, inputs: Mapping[str, Source], recipe: Recipe, backbone: Backbone | None = None) -> Run:
    """A run of any task from its images by role, as `Run.inputs` names them: the inverse of that."""
    given: dict[str, Any] = {role: source for role, source in inputs.items() if role not in STYLE_ROLES}
    if styles := [inputs[role] for role in STYLE_ROLES if role in inputs]:
        given["style"] = styles
    make: dict[str, Callable[..., Run]] = {"stylize": stylize, "reconstruct": reconstruct, "synthesize": synthesize}
    return make[task](**given, recipe=recipe, backbone=backbone)


def _styles(style: Source | Sequence[Source]) -> tuple[Picture, ...]:
    given = style if isinstance(style, (list, tuple)) else [style]
    if not given:
        raise ImageError("There is no style image: give one to four.")
    return tuple(as_picture(source, role) for source, role in zip_longest(given, STYLE_ROLES[: len(given)]))


class _StoppedError(Exception):
    """Raised inside a run that has been asked to stop."""


class Run:
    """A run of the optimization: an iterator of `Progress` that does one step per item.

    Nothing is computed before the first item.  It can be left at any time: `snapshot` is the picture as it
    is, with its provenance.  task, recipe, inputs (role -> picture) and size (width, height in pixels, of the
    result) say what is made.  last: the iteration to end after, None for all of them.
    """

    def __init__(
        self,
        task: str,
        recipe: Recipe,
        inputs: dict[str, Picture],
        size: Size,
        steps: Callable[[Callable[[], None]], Generator[Progress]],
        finish: Callable[[Progress], Picture],
    ) -> None:
        """steps: makes the iterator, given a check to be called often; finish: progress -> result."""
        self.task = task
        self.recipe = recipe
        self.inputs = inputs
        self.size = size
        self.latest: Progress | None = None
        self.last: int | None = None
        self._stopped = False
        self._steps = steps(self._check)
        self._finish = finish

    def stop(self) -> None:
        """Ask it to end soon, from any thread: after the half of a step, or the target, that is being computed."""
        self._stopped = True

    def _check(self) -> None:
        if self._stopped:
            raise _StoppedError

    def __iter__(self) -> Run:
        return self

    def __next__(self) -> Progress:
        if self.latest and self.latest.iteration == self.last:
            raise StopIteration
        try:
            self._check()
            self.latest = next(self._steps)
        except _StoppedError:
            self._steps.close()
            raise StopIteration from None
        except (MemoryError, RuntimeError) as error:
            if not _is_out_of_memory(error):
                raise
            raise OutOfMemoryError(
                "There is not enough memory for this picture: use a smaller size, fewer or shallower taps, or bf16."
            ) from error
        return self.latest

    def snapshot(self) -> Picture | None:
        """The picture as it is after the latest step, None before the first."""
        return None if self.latest is None else self._finish(self.latest)

    def result(self) -> Picture:
        """Run to the end and return the picture."""
        for _ in self:
            pass
        picture = self.snapshot()
        assert picture is not None
        return picture


def _is_out_of_memory(error: Exception) -> bool:
    """PyTorch has a class for a full GPU, but for a full CPU only words."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return "can't allocate memory" in str(error) or "not enough memory" in str(error)


def _start(task: str, scene: Scene, init_image: Source | None, backbone: Backbone | None) -> Run:
    """Check all that can be checked, then describe the run; the work begins with its first step."""
    recipe, shape = scene.recipe, scene.content or scene.styles[0]
    for role in INPUTS[task]:
        if len(INPUTS[task]) == 1 and getattr(recipe, f"{role}_weight") == 0:
            raise RecipeError(f"{role}_weight is 0, but {task} has the {role} loss alone: it must be more.")
    given = _init_picture(recipe, init_image, scene)
    sizes = scale_sizes(shape.width, shape.height, recipe)
    backbone = backbone or shared_backbone()
    compute, inputs = backbone.compute, scene.inputs | ({"init_image": given} if given else {})

    def objective_at(size: Size, check: Callable[[], None]) -> Objective:
        content = scene.features(backbone.targets, size, compute)
        check()
        style = scene.regions(backbone.targets, size, compute, check)
        return Objective(backbone.extractor.walk, content, style, recipe.at_size(max(sizes[-1])), check)

    def steps(check: Callable[[], None]) -> Generator[Progress]:
        first = _first_image(scene, sizes[0], given).to(compute.device)
        yield from optimize(first, sizes, lambda size: objective_at(size, check), recipe, scene.develop)

    def finish(progress: Progress) -> Picture:
        image, content = progress.image(), scene.content
        shaped = content.resized((image.shape[3], image.shape[2])) if content and content.alpha is not None else None
        alpha = shaped.alpha if shaped else None
        return Picture(image, alpha, f"{task} result", _provenance(task, recipe, backbone, inputs, progress))

    return Run(task, recipe, inputs, sizes[-1], steps, finish)


def _init_picture(recipe: Recipe, init_image: Source | None, scene: Scene) -> Picture | None:
    """The init image, if the recipe asks for one; RecipeError when it asks for what is not there."""
    if (init_image is not None) != (recipe.init == "image"):
        raise RecipeError('init "image" and an init image go together: give both or neither.')
    if recipe.init == "content" and scene.content is None:
        raise RecipeError('init is "content", but this task has no content image: use random, style-noise or image.')
    if recipe.init == "style-noise" and not scene.styles:
        raise RecipeError('init is "style-noise", but this task has no style image: use random, content or image.')
    return None if init_image is None else as_picture(init_image, "init image")


def _first_image(scene: Scene, size: Size, given: Picture | None) -> Tensor:
    recipe = scene.recipe
    if recipe.init == "style-noise":
        return style_noise(scene.seen_styles[0].rgb, size, recipe.seed)
    picture = scene.seen_content if recipe.init == "content" else given
    return uniform_noise(size, recipe.seed) if picture is None else picture.resized(size).rgb


def _provenance(
    task: str, recipe: Recipe, backbone: Backbone, inputs: dict[str, Picture], progress: Progress
) -> dict[str, Any]:
    """What is needed to make the picture again, in plain values; written into the file's metadata."""
    return {
        "program": f"pastiche {VERSION}",
        "task": task,
        "recipe": recipe.to_json(),
        "backbone": {
            "name": backbone.model.backbone,
            "source": backbone.model.source,
            "digest": backbone.model.digest,
        },
        "inputs": {
            role: {"name": picture.name, "size": [picture.width, picture.height], "digest": picture.digest}
            for role, picture in inputs.items()
        },
        "device": str(backbone.compute.device),
        "precision": backbone.compute.precision,
        "torch": torch.__version__,
        "iterations": [progress.iteration, progress.iterations],
    }
