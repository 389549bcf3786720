"""What a painting costs, before it is begun: its steps, operations and bytes."""

from __future__ import annotations

from dataclasses import dataclass

from ..painting.painting import Painting
from ..painting.room import EVERYTHING, Room
from ..painting.scene import style_extent
from ..painting.schedule import scale_sizes
from ..pictures.picture import area_of
from ..recipe import Recipe
from ..taps import BY_NAME, LAYERS
from ..task import STYLE_ROLES, TASKS
from .memory import peak_bytes, room_within


@dataclass(frozen=True)
class Cost:
    """What a painting takes.

    steps: over all scales.  operations: multiplications and additions of all convolutions.  bytes: at the peak, on the
    device and in the precision of its backbone; see `nst.serving.memory.peak_bytes`.  room: what it does without for
    that.
    """

    steps: int
    operations: float
    bytes: float
    room: Room = EVERYTHING

    @classmethod
    def of(cls, painting: Painting, recipe: Recipe | None = None, limit: float | None = None) -> Cost:
        """Of a painting, or of one with another recipe and the same pictures.

        limit: bytes that it is to do with, if it can.  Raises ImageError for a recipe whose size is too small for them.
        """
        recipe = recipe or painting.recipe
        shares = zip(STYLE_ROLES, recipe.style_blend, strict=False)
        styles = [painting.inputs[role] for role, share in shares if role in painting.inputs and share]
        taps = {role: getattr(recipe, f"{role}_taps") for role in TASKS[painting.task].inputs}
        deepest = max((tap for chosen in taps.values() for tap in chosen), key=list(BY_NAME).index)
        shape = next(iter(painting.inputs.values()))
        sizes = scale_sizes(shape.width, shape.height, recipe)
        regions = min(len(styles), 2) if "mask" in painting.inputs else 0
        if painting.room_is_settled:
            room = painting.room
            needed = peak_bytes(painting.backbone, sizes, painting.inputs, recipe, room)
        else:
            room, needed = room_within(painting.backbone, sizes, painting.inputs, recipe, limit)
        operations = 0.0
        for size, steps in zip(sizes, recipe.scale_steps(len(sizes)), strict=True):
            passes = 2 + regions + room.divides(size) * (1 + regions)
            operations += steps * passes * area_of(size) * operations_per_pixel(deepest)
            if "content" in taps:
                operations += area_of(size) * operations_per_pixel(taps["content"][-1])
            for style in styles:
                seen = style_extent(style, size, recipe)
                operations += area_of(seen) * operations_per_pixel(taps["style"][-1])
        return cls(sum(recipe.scale_steps(len(sizes))), operations, needed, room)


def operations_per_pixel(tap: str) -> float:
    """Multiplications and additions of one forward pass up to a tap, for each pixel of the image.

    A 3x3 convolution takes 2 * 9 * in * out of them at each of its places.  The gradient for the pixels takes as
    many again (see `nst.network.extractor.FrozenConvReLU`).
    """
    upto = LAYERS[: LAYERS.index(BY_NAME[tap]) + 1]
    return sum(18 * layer.in_channels * layer.out_channels / layer.stride**2 for layer in upto)
