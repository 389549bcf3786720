"""What a painting costs, before it is begun: its steps, operations and bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..painting.optimizers import HISTORY
from ..painting.painting import Painting
from ..painting.scene import style_size
from ..painting.schedule import scale_sizes
from ..pictures.picture import Picture, Size
from ..recipe import Recipe
from ..taps import BY_NAME, LAYERS, Layer
from ..task import STYLE_ROLES, TASKS


@dataclass(frozen=True)
class Cost:
    """steps: over all scales.  operations: multiplications and additions of all convolutions.  bytes: at the peak,
    beside the network and the inputs, with 4 bytes a feature.
    """

    steps: int
    operations: float
    bytes: float

    @classmethod
    def of(cls, painting: Painting, recipe: Recipe | None = None) -> Cost:
        """Of a painting; or of one with another recipe and the same pictures.  Raises ImageError as `scale_sizes`."""
        recipe = recipe or painting.recipe
        styles = [painting.inputs[role] for role in STYLE_ROLES if role in painting.inputs]
        taps = {role: getattr(recipe, f"{role}_taps") for role in TASKS[painting.task].inputs}
        deepest = max((tap for chosen in taps.values() for tap in chosen), key=list(BY_NAME).index)
        shape = next(iter(painting.inputs.values()))
        sizes = scale_sizes(shape.width, shape.height, recipe)
        regions = min(len(styles), 2) if "mask" in painting.inputs else 0
        passes = 2 + regions
        operations = 0.0
        for size, steps in zip(sizes, recipe.scale_steps(len(sizes)), strict=True):
            operations += steps * passes * _area(size) * operations_per_pixel(deepest)
            if "content" in taps:
                operations += _area(size) * operations_per_pixel(taps["content"][-1])
            for style in styles:
                shown = style_size(style, size, recipe.style_scale)
                operations += _area(shown) * operations_per_pixel(taps["style"][-1])
        return cls(sum(recipe.scale_steps(len(sizes))), operations, _bytes(sizes[-1], deepest, styles, regions, recipe))


def operations_per_pixel(tap: str) -> float:
    """Multiplications and additions of one forward pass up to a tap, for each pixel of the image.

    A 3x3 convolution takes 2 * 9 * in * out of them at each of its places.  The gradient for the pixels takes as
    many again (see `nst.network.extractor.FrozenConvReLU`).
    """
    upto = LAYERS[: LAYERS.index(BY_NAME[tap]) + 1]
    return sum(18 * layer.in_channels * layer.out_channels / layer.stride**2 for layer in upto)


def _bytes(size: Size, deepest: str, styles: Sequence[Picture], regions: int, recipe: Recipe) -> float:
    """The features that a gradient needs, the content's, and the pixels that L-BFGS remembers; or the largest style.

    The first layer's are made again when they are needed (see `FrozenConvReLU`).  Two of the widest feature maps come
    on top, which each pass needs for a moment, and a third where masked regions have a pass each; of every style tap
    such a region keeps what is inside, and what follows from it.
    """
    kept = sum(map(_features_per_pixel, LAYERS[1 : LAYERS.index(BY_NAME[deepest]) + 1]))
    targets, tapped = (
        sum(_features_per_pixel(BY_NAME[tap]) for tap in taps) for taps in (recipe.content_taps, recipe.style_taps)
    )
    widest = _features_per_pixel(LAYERS[0])
    moment = (3 if regions else 2) * widest
    step = _area(size) * (kept + targets + moment + regions * 2 * tapped + 3 * 2 * HISTORY)
    shown = [_area(style_size(style, size, recipe.style_scale)) for style in styles]
    return 4 * max(step, max(shown, default=0) * (tapped + 2 * widest))


def _features_per_pixel(layer: Layer) -> float:
    return layer.out_channels / layer.stride**2


def _area(size: Size) -> int:
    return size[0] * size[1]
