"""How much memory a painting takes at its peak, reckoned before it begins.

What is reckoned is what lives at the same time, in bytes for each pixel; `bench/memory.py` holds it against what
processes really took.  The peak is either in a step of some scale, or where the features of a large style are computed
before the first step of one.  A checkpoint is written in small blocks and adds nothing; one that is held as bytes takes
its own size, up to two images for each step that L-BFGS remembers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter

from ..network.bands import largest_band
from ..painting.backbone import Backbone
from ..painting.room import EVERYTHING, Room
from ..painting.salience import LOOKED_AT, TAP
from ..painting.scene import style_extent, style_size
from ..painting.targets import CACHE_BYTES
from ..pictures.picture import Picture, Size, area_of, fit
from ..recipe import Recipe
from ..taps import BY_NAME, LAYERS, STAGES
from ..task import STYLE_MASK_ROLES, STYLE_ROLES

FLOAT = 4
"""Bytes of a pixel's color, of what an optimizer remembers, and of targets by ONNX Runtime."""

IMAGE = 3 * FLOAT
"""Bytes of a pixel of an image."""

IMAGES = 9
"""Images of the scale's size that a run has at the same time, whatever its recipe: the pixels and their coordinates,
their average, two at which it can go on after a failure, the picture that is shown, and what it passes through until
then."""

MOMENTARY_MAPS = 3
"""Feature maps of the widest layer that each pass needs for a moment, beside those that are kept."""

STYLE_MAPS = {"PyTorch": 1, "ONNX Runtime": 3}
"""The same where a style is looked at, by what computes it: ONNX Runtime lays its maps out anew."""

SORTING = 20
"""Bytes of each feature while it is sorted: wide, projected and in order, and where it came from in 64 bits."""

SORTED = 12
"""Of these, what the gradient needs: where it came from, and how far it is from its aim."""

GUIDED_MAPS = 2
"""The same where only a part of a style counts: a tap's features inside of it, and their squares."""

HEAP_BLOCK = 1 << 25
"""Bytes from which on glibc gives a block back to the system when it is freed.  Smaller ones come from a heap, in which
freed ones leave gaps."""

GAPS = 1.35
"""How large those gaps are for what lives in the heap at the peak: 0.6 to 1.9 of it were measured."""

HISTORIES = (20, 10, 5, 3)
"""Steps that L-BFGS remembers in half precision where there is no room for `Room.history` in full."""

BANDS = 2.0
"""How many times what its maps occupy a band takes, with what they pass through."""

FIXED = 3e7
"""Bytes on a CPU whatever the size: what libraries and threads need for themselves."""


_STYLES_AND_MASKS = tuple(zip(STYLE_ROLES, STYLE_MASK_ROLES, strict=True))


@dataclass(frozen=True)
class _Place:
    """Where the features live.

    feature, target: bytes of a number in a step, and where targets are computed.  style_maps: see `STYLE_MAPS`.
    on_cpu: in the memory of the machine, among everything else.
    """

    feature: int
    target: int
    style_maps: int
    on_cpu: bool

    @classmethod
    def of(cls, backbone: Backbone) -> _Place:
        feature, by_pytorch = backbone.compute.dtype.itemsize, backbone.provider == "PyTorch"
        style_maps = STYLE_MAPS["PyTorch" if by_pytorch else "ONNX Runtime"]
        return cls(feature, feature if by_pytorch else FLOAT, style_maps, backbone.compute.device.type == "cpu")

    def maps(self, per_pixel: Iterable[float], area: int, number: int) -> float:
        """Bytes of feature maps.  per_pixel: numbers of each for a pixel of the image; number: bytes of one."""
        sizes = [number * area * numbers for numbers in per_pixel]
        return sum(sizes) + (GAPS * sum(size for size in sizes if size < HEAP_BLOCK) if self.on_cpu else 0)


def _sorting_bytes(area: int, taps: Iterable[str], recipe: Recipe, kept: int = 0) -> float:
    """Where distributions are compared: what it takes to sort the widest of these taps, and what is kept of each."""
    if recipe.style_statistic != "wasserstein":
        return 0.0
    per_pixel = [_features_per_pixel(tap) for tap in taps]
    return area * (SORTING * max(per_pixel, default=0.0) + kept * sum(per_pixel))


def picture_bytes(inputs: Mapping[str, Picture]) -> int:
    """What the pictures of a painting occupy while it waits and while it runs, with what of a style its mask leaves."""
    bands = [band for picture in inputs.values() for band in (picture.rgb, picture.alpha) if band is not None]
    masked = [inputs[style] for style, mask in _STYLES_AND_MASKS if {style, mask} <= inputs.keys()]
    return sum(band.nbytes for band in bands) + sum(FLOAT * style.width * style.height for style in masked)


def peak_bytes(
    backbone: Backbone, sizes: list[Size], inputs: Mapping[str, Picture], recipe: Recipe, room: Room = EVERYTHING
) -> float:
    """At the peak, beside the network and what other paintings have left in its cache.

    sizes: of the scales, the coarsest first.  inputs: role -> picture; they count where they lie in the memory of the
    device, on a CPU.  room: what the painting does without.
    """
    place = _Place.of(backbone)
    styles = [
        (inputs[style], mask in inputs or inputs[style].alpha is not None)
        for (style, mask), share in zip(_STYLES_AND_MASKS, recipe.style_blend, strict=False)
        if style in inputs and share
    ]
    content_taps = recipe.content_taps if "content" in inputs else ()
    style_taps = recipe.style_taps if styles else ()
    regions = min(len(styles), 2) if "mask" in inputs else 0
    moved = bool(content_taps) and bool(styles) and recipe.content_target == "transported"
    looked_for = recipe.auto_focus and bool(styles) and "content" in inputs
    weights_counted = looked_for or "importance" in inputs
    remembered = [
        _optimizer_bytes(size, steps, recipe, room) + IMAGES * IMAGE * area_of(size)
        for size, steps in zip(sizes, recipe.scale_steps(len(sizes)), strict=True)
    ]
    peaks = [0.0]
    for i, size in enumerate(sizes):
        taps = {*content_taps, *style_taps}
        if room.divides(size):
            sorting = _sorting_bytes(area_of(size), style_taps, recipe, kept=SORTED)
            cached = _cached_bytes([area_of(each) for each in sizes if not room.divides(each)], content_taps, place)
            guides = FLOAT * area_of(size) * (2 * regions + 2 * bool(weights_counted))
            kept = _kept_bytes(size, taps, room, place)
            peaks.append(_banded_bytes(size, taps, place) + kept + cached + sorting + guides + remembered[i])
            for style, _ in styles:
                extent = style_extent(style, size, recipe)
                banded = _banded_bytes(extent, style_taps, place) + 3 * IMAGE * area_of(extent)
                banded += _sorting_bytes(area_of(extent), style_taps, recipe)
                peaks.append(banded + cached + sum(remembered[i - 1 : i]))
            continue
        content = _content_bytes(map(area_of, sizes[:i]), area_of(size), content_taps, place)
        content += _moved_bytes(area_of(size), content_taps, place) if moved else 0
        momentary = MOMENTARY_MAPS + bool(regions) + recipe.wraps
        step = _step_bytes(size, taps, style_taps, regions, momentary, place)
        weights = _weight_bytes(area_of(size), content_taps) if weights_counted else 0
        sorting = _sorting_bytes(area_of(size), style_taps, recipe, kept=SORTED)
        peaks.append(content + step + sorting + weights + remembered[i])
        for style, in_part in styles:  # computed while the scale before is still there
            shown = area_of(style_extent(style, size, recipe))
            style_bytes = _style_bytes(shown, style_taps, place, in_part) + _sorting_bytes(shown, style_taps, recipe)
            peaks.append(content + style_bytes + sum(remembered[i - 1 : i]))
    if looked_for:
        looked_at = area_of(style_size(inputs["content"], fit(sizes[-1], LOOKED_AT)))
        peaks.append(_style_bytes(looked_at, (TAP,), place, in_part=False))
    return max(peaks) + _input_bytes(backbone, inputs, recipe) + (FIXED if place.on_cpu else 0)


def room_within(
    backbone: Backbone, sizes: list[Size], inputs: Mapping[str, Picture], recipe: Recipe, limit: float | None
) -> tuple[Room, float]:
    """The room in which a painting does without as little as it can within a limit of bytes, and its peak in that.

    Where there is no limit, in one piece; where it fits in none, in the one that takes the least.
    """

    def peak(room: Room) -> float:
        return peak_bytes(backbone, sizes, inputs, recipe, room)

    whole, rooms = peak(EVERYTHING), list(_smaller_rooms(sizes))
    if limit is None or whole <= limit:
        return EVERYTHING, whole
    smallest = rooms[-1], peak(rooms[-1])
    if smallest[1] > limit:
        return min((EVERYTHING, whole), smallest, key=itemgetter(1))
    return next((room, bytes_) for room in rooms if (bytes_ := peak(room)) <= limit)


def _smaller_rooms(sizes: list[Size]) -> Iterator[Room]:
    """First with the larger scales in bands, the largest alone to all of them, then with a shorter memory of them."""
    for largest_whole in (*map(area_of, reversed(sizes[:-1])), 0):
        for kept_from in range(2, len(STAGES) + 1):
            yield Room(largest_whole, kept_from)
    for history in HISTORIES:
        yield Room(0, history=history, half=True)


def _step_bytes(
    size: Size, taps: set[str], style_taps: Iterable[str], regions: int, momentary_maps: int, place: _Place
) -> float:
    """What the gradient of one step needs.

    The first layer's features are made again when they are needed, unless it is a tap (see `FrozenConvReLU`).  Of
    every style tap a masked region keeps what is inside, and what follows from it; and as each has a pass of its
    own, one map more.  What is to wrap around is copied with its border.
    """
    deepest = max(LAYERS.index(BY_NAME[tap]) for tap in taps)
    first_kept = 0 if LAYERS[0].name in taps else 1
    kept = [_features_per_pixel(layer.name) for layer in LAYERS[first_kept : deepest + 1]]
    momentary = [_features_per_pixel(LAYERS[0].name)] * momentary_maps
    inside = 2 * regions * [_features_per_pixel(tap) for tap in style_taps]
    return place.maps([*kept, *momentary, *inside], area_of(size), place.feature)


def _banded_bytes(size: Size, taps: Iterable[str], place: _Place) -> float:
    """What the way through the network in bands needs: the input of each stage, and its gradient on the way back.

    While a band goes back, its maps are there, and what they become.
    """
    deepest = max(BY_NAME[tap].stage for tap in taps)
    inputs = [STAGES[stage - 1][-1] * 0.25**stage for stage in range(1, deepest + 1)]
    bands = BANDS * largest_band(size[0], place.feature)
    return place.feature * area_of(size) * (sum(inputs) + sum(inputs[:2])) + bands


def _kept_bytes(size: Size, taps: Iterable[str], room: Room, place: _Place) -> float:
    """The maps that stay from the way there to the way back; a band's are smaller than a `HEAP_BLOCK`."""
    deepest = max(LAYERS.index(BY_NAME[tap]) for tap in taps)
    kept = [_features_per_pixel(layer.name) for layer in LAYERS[: deepest + 1] if layer.stage >= room.kept_from]
    return place.feature * area_of(size) * sum(kept) * (1 + GAPS * place.on_cpu)


def _optimizer_bytes(size: Size, steps: int, recipe: Recipe, room: Room) -> float:
    """What L-BFGS remembers of some steps, two images each, and of the last one; or Adam's two averages."""
    if recipe.optimizer != "lbfgs":
        return 3 * IMAGE * area_of(size)
    remembered = 2 * min(steps, room.history) * IMAGE * (0.5 if room.half else 1.0)
    return (remembered + 2 * IMAGE) * area_of(size)


def _content_bytes(earlier: Iterable[int], area: int, taps: Iterable[str], place: _Place) -> float:
    """The content's features at a scale, and those of the scales before, which the cache keeps as long as they fit."""
    per_pixel = [_features_per_pixel(tap) for tap in taps]
    computed = place.maps(per_pixel, area, place.target)
    cast = place.maps(per_pixel, area, place.feature) if place.feature != place.target else 0
    return computed + cast + _cached_bytes(earlier, taps, place)


def _cached_bytes(areas: Iterable[int], taps: Iterable[str], place: _Place) -> float:
    """The content's features of scales of these areas, which the cache keeps as long as they fit."""
    return min(CACHE_BYTES, sum(areas) * sum(map(_features_per_pixel, taps)) * place.target)


def _moved_bytes(area: int, taps: Iterable[str], place: _Place) -> float:
    """The content's features as they are asked for, beside those that the cache keeps."""
    return place.maps([_features_per_pixel(tap) for tap in taps], area, place.feature)


def _weight_bytes(area: int, taps: Iterable[str]) -> float:
    """How much each place of the content counts: the map that says so, the picture's weights, and those of each tap."""
    return FLOAT * area * (2 + sum(1 / BY_NAME[tap].stride ** 2 for tap in taps))


def _style_bytes(area: int, taps: Iterable[str], place: _Place, in_part: bool) -> float:
    """A style in the network: the features at its taps, kept until the last is there, and some of the widest maps.

    in_part: only a part of it counts.
    """
    widest = _features_per_pixel(LAYERS[0].name)
    momentary = max(place.style_maps, GUIDED_MAPS) if in_part else place.style_maps
    features = [*map(_features_per_pixel, taps), *[widest] * momentary]
    return place.maps(features, area, place.target) + 3 * IMAGE * area


def _input_bytes(backbone: Backbone, inputs: Mapping[str, Picture], recipe: Recipe) -> float:
    """The pictures, and their copies in other colors, where the device has no memory of its own."""
    if backbone.compute.device.type == "cuda":
        return 0.0
    return picture_bytes(inputs) * (1 if recipe.colors == "style" else 2)


def _features_per_pixel(tap: str) -> float:
    layer = BY_NAME[tap]
    return layer.out_channels / layer.stride**2
