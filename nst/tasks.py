"""The article's three tasks as short stories: reconstruct a content, synthesize a style, stylize.

Each returns a `Run`: iterate it to watch, or call `result()` to wait for the picture.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from .backbone import Backbone, shared_backbone
from .errors import OutOfMemoryError, RecipeError
from .image import Picture, as_picture, fit
from .objective import Objective
from .optimize import COARSE_MIN_SIDE, Progress, Size, optimize, scale_sizes
from .recipe import Recipe
from .start import style_noise, uniform_noise
from .version import VERSION

Source = Picture | Tensor | Image.Image | str | os.PathLike[str]


def stylize(
    content: Source,
    style: Source,
    recipe: Recipe | None = None,
    *,
    init_image: Source | None = None,
    backbone: Backbone | None = None,
) -> Run:
    """Paint the content in the style: content loss plus style loss.

    content, style: a path, a `Picture`, a Pillow image, or a 3xHxW float tensor in [0, 1].
    recipe: default `Recipe()`.  init_image: the start, for a recipe with init "image".
    backbone: default the shared one on the best device.
    The result has the content's aspect ratio and alpha.  Raises ImageError, RecipeError, ModelError.
    """
    return _start("stylize", recipe, as_picture(content, "content"), as_picture(style, "style"), init_image, backbone)


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
    return _start("reconstruct", recipe, as_picture(content, "content"), None, init_image, backbone)


def synthesize(
    style: Source,
    recipe: Recipe | None = None,
    *,
    init_image: Source | None = None,
    backbone: Backbone | None = None,
) -> Run:
    """Make a texture in the style: style loss alone, from noise.

    Shows what the Gram matrices hold: colors, strokes and motifs, but not where they were.
    recipe: default ``Recipe.preset(task="synthesize")``; the rest as in `stylize`.
    """
    return _start("synthesize", recipe, None, as_picture(style, "style"), init_image, backbone)


class _StoppedError(Exception):
    """Raised inside a run that has been asked to stop."""


class Run:
    """A run of the optimization: an iterator of `Progress` that does one step per item.

    Nothing is computed before the first item.  It can be left at any time: `snapshot` is the picture as it
    is, with its provenance.  task, recipe, inputs (role -> picture) and size (width, height in pixels, of the
    result) say what is made.
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


def _start(
    task: str,
    recipe: Recipe | None,
    content: Picture | None,
    style: Picture | None,
    init_image: Source | None,
    backbone: Backbone | None,
) -> Run:
    """Check all that can be checked, then describe the run; the work begins with its first step."""
    recipe = recipe or Recipe.preset(task=task)
    for role, picture, weight in (("content", content, "content_weight"), ("style", style, "style_weight")):
        if task != "stylize" and picture and getattr(recipe, weight) == 0:
            raise RecipeError(f"{weight} is 0, but {task} has the {role} loss alone: it must be more.")
    shape = content or style
    assert shape is not None
    init = _init_picture(recipe, init_image, content, style)
    sizes = scale_sizes(shape.width, shape.height, recipe)
    backbone = backbone or shared_backbone()
    inputs = {"content": content, "style": style, "init_image": init if recipe.init == "image" else None}

    def objective_at(size: Size, check: Callable[[], None]) -> Objective:
        compute, targets = backbone.compute, backbone.targets
        kept = targets.content(content, size, recipe.content_taps, recipe.border) if content else {}
        check()
        painted = targets.style(style, _style_size(style, size), recipe.style_taps, recipe.border) if style else {}
        check()
        return Objective(
            backbone.extractor,
            {tap: t.to(compute.device, compute.dtype) for tap, t in kept.items()},
            {tap: t.to(compute.device) for tap, t in painted.items()},
            recipe,
            check,
        )

    def steps(check: Callable[[], None]) -> Generator[Progress]:
        first = _first_image(recipe, sizes[0], init, style).to(backbone.compute.device)
        yield from optimize(first, sizes, lambda size: objective_at(size, check), recipe)

    def finish(progress: Progress) -> Picture:
        image = progress.image()
        size = (image.shape[3], image.shape[2])
        alpha = content.resized(size).alpha if content and content.alpha is not None else None
        return Picture(image, alpha, f"{task} result", _provenance(task, recipe, backbone, given, progress))

    given = {role: picture for role, picture in inputs.items() if picture is not None}
    return Run(task, recipe, given, sizes[-1], steps, finish)


def _init_picture(
    recipe: Recipe, init_image: Source | None, content: Picture | None, style: Picture | None
) -> Picture | None:
    """The picture that the recipe's init asks for, None for noise."""
    if (init_image is not None) != (recipe.init == "image"):
        raise RecipeError('init "image" and an init image go together: give both or neither.')
    if init_image is not None:
        return as_picture(init_image, "init image")
    if recipe.init == "content" and content is None:
        raise RecipeError('init is "content", but this task has no content image: use random, style-noise or image.')
    if recipe.init == "style-noise" and style is None:
        raise RecipeError('init is "style-noise", but this task has no style image: use random, content or image.')
    return content if recipe.init == "content" else None


def _first_image(recipe: Recipe, size: Size, init: Picture | None, style: Picture | None) -> Tensor:
    if init is not None:
        return init.resized(size).rgb
    if recipe.init == "style-noise":
        assert style is not None
        return style_noise(style.rgb, size, recipe.seed)
    return uniform_noise(size, recipe.seed)


def _style_size(style: Picture, size: Size) -> Size:
    """The style at the same long side as the image, so that strokes keep their share of it at every scale.

    A style smaller than that is enlarged, and a long thin one kept wide enough for the network.
    """
    shown = (style.width, style.height)
    long_side = max(*size, round(COARSE_MIN_SIDE * max(shown) / min(shown)))
    return fit(shown, long_side, upscale=True)


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
