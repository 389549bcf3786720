"""The pictures of one run: as the network is to see them, and how what it paints is shown.

Colors, blends, regions and the scale of strokes are settled here; the loop behind knows nothing of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import zip_longest

import torch
from torch import Tensor

from ..errors import ImageError, RecipeError, shown_name
from ..network.device import Compute
from ..pictures.color import is_gray, luminance, match_colors, match_luminance, with_luminance
from ..pictures.picture import MAX_SIDE, Picture, Size, fit, resize
from ..pictures.torus import seams, without_seams
from ..recipe import Recipe, StyleStatistic
from ..taps import MIN_SIDE
from ..task import STYLE_MASK_ROLES, STYLE_ROLES
from .importance import focus_weights
from .masks import check_mask, meant_part, whiteness_at
from .regions import LEAST_SHARE, Region
from .statistics import STATISTICS, Kept, Statistic
from .targets import Targets, margin_of

FLAT = 2 / 255
"""The most that the colors of a style of one color deviate from their mean: as JPEG and a scanner's noise have them."""

LEAST_CONTRAST = 0.25
"""What is left at least of the content's contrast where it is shown in a color that has no room for it, as black."""

MAX_ASPECT = MAX_SIDE // (2 * MIN_SIDE)
"""How many times longer than wide a style may be: one that is longer can't be wide enough for the network within
`MAX_SIDE`, and would take as much memory as a large picture whatever the size of the result."""


def side_to_read(recipe: Recipe) -> int:
    """Pixels of the long side that an input file is read at, at most: no fewer than the result has."""
    return max(MAX_SIDE, recipe.size)


@dataclass(frozen=True, eq=False)
class Look:
    """How pictures are looked at: by what computes their targets, for a result of this size, on this device."""

    targets: Targets
    size: Size
    compute: Compute


@dataclass(frozen=True, eq=False)
class Scene:
    """Content and styles, either of which may be missing, and masks.  Construction checks them.

    mask: white where the first style goes; black where the other styles go, or the content stays as it is.
    style_masks: white where a style is meant, in the order of the styles, None for one that is meant as a whole; those
    that are left out at the end are None.
    importance: white where the content is to be kept more than where it is black.
    Raises ImageError and RecipeError.
    """

    recipe: Recipe
    content: Picture | None
    styles: tuple[Picture, ...]
    mask: Picture | None = None
    style_masks: tuple[Picture | None, ...] = ()
    importance: Picture | None = None

    def __post_init__(self) -> None:
        _check_blend(self.recipe, len(self.styles), masked=self.mask is not None)
        _check_count(self.style_masks, self.styles)
        for style, meant in zip(self.styles, self.meant_styles, strict=True):
            _check_opacity(meant, masked=meant is not style)
            _check_shape(style)
        if self.mask is not None and self.content is not None:
            check_mask(self.mask, self.content, what="mask", named="content", white="where the (first) style goes")
        if self.importance is not None and self.content is not None:
            check_mask(
                self.importance,
                self.content,
                what="importance image",
                named="content",
                white="where the content is to be kept more",
            )

    @property
    def inputs(self) -> dict[str, Picture]:
        """Role -> picture, of those that are there."""
        given = {"content": self.content, **dict(zip(STYLE_ROLES, self.styles, strict=False))}
        given |= {"mask": self.mask, "importance": self.importance}
        given |= zip(STYLE_MASK_ROLES, self.style_masks, strict=False)
        return {role: picture for role, picture in given.items() if picture is not None}

    @cached_property
    def seen_content(self) -> Picture | None:
        """The content with the colors that the network is to see."""
        if self.content is None or self.recipe.colors != "luminance":
            return self.content
        return _gray(self.content, luminance(self.content.rgb))

    @property
    def content_to_start_from(self) -> Picture | None:
        """The content as the network sees it; beside a single style of one color, in that color.

        The network tells a gray from another by little, so that the pixels would be on their way to a flat color for
        thousands of steps.  A style that varies shows where to go by how it varies.
        """
        content = self.seen_content
        if content is None or len(self.counted_styles) != 1 or not _is_flat(self._recolored_styles[0]):
            return content
        return self.seen_styles[0]

    @cached_property
    def meant_styles(self) -> tuple[Picture, ...]:
        """The styles, transparent where their masks are black."""
        pairs = zip_longest(self.styles, self.style_masks)
        return tuple(meant_part(style, mask) for style, mask in pairs)

    @cached_property
    def counted_styles(self) -> tuple[tuple[Picture, float], ...]:
        """Those of the meant styles that have a share in the blend, with it.

        With a mask the first is always among them, and one of the others, if there are any: see `_check_blend`.
        """
        pairs = zip(self.meant_styles, self.recipe.style_blend, strict=False)
        return tuple((style, weight) for style, weight in pairs if weight)

    @cached_property
    def seen_styles(self) -> tuple[Picture, ...]:
        """The counted styles as the network is to see them.

        A style of one color has nothing else to give: the content in that color stands for it, as beside what is the
        same everywhere nothing of the content would be right.
        """
        content = self.seen_content
        if content is None:
            return self._recolored_styles
        return tuple(_in_color_of(style, content) if _is_flat(style) else style for style in self._recolored_styles)

    @cached_property
    def _recolored_styles(self) -> tuple[Picture, ...]:
        return tuple(self._seen(style) for style, _ in self.counted_styles)

    def _seen(self, style: Picture) -> Picture:
        if self.content is None or self.recipe.colors == "style":
            return style
        sample = None if style.alpha is None else style.opaque
        if self.recipe.colors == "luminance":
            return _gray(style, match_luminance(style.rgb, self.content.rgb, sample))
        return replace(style, rgb=match_colors(style.rgb, self.content.rgb, sample).clamp(0, 1))

    def as_kept(self, content: Picture, size: Size) -> Picture:
        """The content, in whatever colors, at a size, as the result is to keep it.

        For a result that wraps around it is made a tile where it is none: its own seams would be kept else.
        """
        shown = content.resized(size)
        return replace(shown, rgb=without_seams(shown.rgb, self._seams)) if self.recipe.wraps else shown

    @cached_property
    def _seams(self) -> tuple[int, ...]:
        """Those of the content, seen at its own size, so that they are the same at every scale."""
        assert self.content is not None
        return seams(self.content.rgb)

    def features(self, look: Look) -> dict[str, Tensor]:
        """The content's feature maps: tap -> 1xCxhxw, where what computes the targets leaves them."""
        if self.seen_content is None:
            return {}
        recipe = self.recipe
        seen = self.as_kept(self.seen_content, look.size) if recipe.wraps else self.seen_content
        return look.targets.content(seen, look.size, recipe.content_taps, recipe.border, recipe.pooling)

    def measured(self, style: Picture, look: Look, taps: tuple[str, ...], statistic: StyleStatistic) -> dict[str, Kept]:
        """What a statistic keeps of a style, for a picture of this size: tap -> at least float32, on the device."""
        recipe, shown = self.recipe, style_size(style, look.size, self.recipe.style_scale)
        by_tap = look.targets.style(style, shown, taps, recipe.border, recipe.pooling, statistic)
        return {tap: tuple(part.to(look.compute.device) for part in kept) for tap, kept in by_tap.items()}

    def regions(self, styles: Sequence[dict[str, Kept]], size: Size, statistic: StyleStatistic) -> list[Region]:
        """What is to be painted where, at a size; empty where there is no place.

        styles: each of the counted ones, as `measured`.
        """
        blend, blender = [weight for _, weight in self.counted_styles], STATISTICS[statistic]
        if not styles:
            return []
        if self.mask is None:
            return [Region(blended(styles, blend, blender))]
        inside = self._mask_at(size).to(next(iter(styles[0].values()))[0].device)
        regions = _masked(styles[0], inside)
        if len(styles) > 1:
            regions += _masked(blended(styles[1:], blend[1:], blender), 1 - inside)
        return regions

    def weights(self, size: Size, found: Tensor | None = None) -> Tensor | None:
        """How much each place of the content counts at a size: 1x1xHxW, 1 on average; None where all count alike.

        found: what is important beside what the importance image says, 1x1xhxw from 0 to 1.
        """
        maps = [] if self.importance is None else [whiteness_at(self.importance, size)]
        maps += [] if found is None else [resize(found, size).clamp(0, 1)]
        return focus_weights(torch.cat(maps).amax(0, keepdim=True), self.recipe.content_focus) if maps else None

    def develop(self, image: Tensor) -> Tensor:
        """What was painted as it is to be shown: in the content's own colors, and with the content where it stays.

        1x3xHxW in [0, 1] on the CPU, both ways.  Of gray pictures it is gray.
        """
        if self._is_gray:
            image = luminance(image).repeat(1, 3, 1, 1)
        keeps_color = self.recipe.colors == "luminance"
        keeps_place = self.mask is not None and len(self.counted_styles) == 1
        if self.content is None or not (keeps_color or keeps_place):
            return image
        size = (image.shape[3], image.shape[2])
        content = self._content_at(size)
        if keeps_color:
            image = with_luminance(content, luminance(image))
        return content.lerp(image, self._mask_at(size)) if keeps_place else image

    @cached_property
    def _is_gray(self) -> bool:
        """True where all is gray that the result's colors could come from.

        The network's filters see colors in gray noise all the same, and the loss has no word against those that it
        cannot tell from gray: they stay as speckle.  Not so with plain losses, which are the article's, as it is.
        """
        if self.recipe.loss != "relative" or self.recipe.init == "image":
            return False
        contents_color = self.content is not None and not is_gray(self.content.rgb)
        return not contents_color and all(is_gray(style.rgb, style.alpha) for style, _ in self.counted_styles)

    @cached_property
    def _content_at(self) -> Callable[[Size], Tensor]:
        """The content at a size, the last one kept: it is asked for with every preview."""
        assert self.content is not None
        content = self.content
        return lru_cache(1)(lambda size: self.as_kept(content, size).rgb)

    @cached_property
    def _mask_at(self) -> Callable[[Size], Tensor]:
        """The mask at a size, the last one kept."""
        assert self.mask is not None
        mask = self.mask
        return lru_cache(1)(lambda size: whiteness_at(mask, size))


def _masked(style: dict[str, Kept], mask: Tensor) -> list[Region]:
    if bool((mask == 1).all()):
        return [Region(style)]
    return [Region(style, mask)] if float(mask.mean()) >= LEAST_SHARE else []


def blended(styles: Sequence[dict[str, Kept]], weights: Sequence[float], statistic: Statistic) -> dict[str, Kept]:
    """What is kept of a picture that is made of several styles, tap by tap; of one style alone, exactly its own."""
    total = sum(weights)
    shares = [weight / total for weight in weights]
    return {tap: statistic.blend([style[tap] for style in styles], shares) for tap in styles[0]}


def style_size(style: Picture, size: Size, scale: float = 1.0) -> Size:
    """The style at `scale` times the image's long side, so that strokes keep their share of it at every scale.

    It is no larger than pictures are read, or than the image.  One smaller than that is enlarged, and a long thin one
    kept wide enough for the network.
    """
    shown = (style.width, style.height)
    long_side = min(round(max(size) * scale), max(MAX_SIDE, *size))
    return fit(shown, max(long_side, round(2 * MIN_SIDE * max(shown) / min(shown))), upscale=True)


def style_extent(style: Picture, size: Size, recipe: Recipe) -> Size:
    """As large as the network sees a style for a picture of this size: with its margins, if it has any."""
    width, height = style_size(style, size, recipe.style_scale)
    around = 2 * margin_of((width, height)) if recipe.wraps else 0
    return width + around, height + around


def _is_flat(style: Picture) -> bool:
    return float(style.opaque[0].flatten(1).std(1, correction=0).max()) <= FLAT


def _in_color_of(style: Picture, content: Picture) -> Picture:
    """The content with the style's mean color, and with as much contrast as there is room for around that, on average
    over red, green and blue."""
    color = style.opaque[0].flatten(1).mean(1).view(1, 3, 1, 1)
    deviation = content.rgb - content.rgb.mean((2, 3), keepdim=True)
    room = float(torch.minimum(color, 1 - color).mean()) / max(2 * float(deviation.std()), FLAT)
    return replace(content, rgb=(color + min(1.0, max(room, LEAST_CONTRAST)) * deviation).clamp(0, 1), alpha=None)


def _gray(picture: Picture, luma: Tensor) -> Picture:
    return replace(picture, rgb=luma.clamp(0, 1).repeat(1, 3, 1, 1))


def _check_blend(recipe: Recipe, styles: int, *, masked: bool) -> None:
    """RecipeError unless each place of the picture has a style that counts."""
    weights = recipe.style_blend
    if styles > len(STYLE_ROLES):
        raise RecipeError(f"There are {styles} styles, but at most {len(STYLE_ROLES)} can be mixed.")
    given = ",".join(f"{weight:g}" for weight in weights)
    if styles > len(weights) or (styles and not any(weights[:styles])):
        raise RecipeError(f"style_blend is {given} for {styles} styles: give each of them a number, not all 0.")
    if masked and styles > 1 and not (weights[0] and any(weights[1:styles])):
        raise RecipeError(
            f"style_blend is {given}, but with a mask the first style goes where it is white, the others where it is "
            "black: give the first a number above 0, and one of the others. With a single style the black part stays."
        )


def _check_count(masks: Sequence[Picture | None], styles: Sequence[Picture]) -> None:
    if len(masks) > len(styles):
        raise ImageError(
            f"There are {len(masks)} style masks, but {len(styles)} styles: give at most one for each, in their order."
        )


def _check_opacity(style: Picture, *, masked: bool) -> None:
    if style.alpha is not None and float(style.alpha.mean()) < LEAST_SHARE:
        hidden = "black in its mask, or transparent, everywhere" if masked else "transparent"
        raise ImageError(f"The style {shown_name(style.name)} is {hidden}: there is nothing in it to take on.")


def _check_shape(style: Picture) -> None:
    short, long = sorted((style.width, style.height))
    if long > MAX_ASPECT * short:
        raise ImageError(
            f"The style {shown_name(style.name)} is {style.width}x{style.height} px as it is read, but may be at most "
            f"{MAX_ASPECT} times as long as it is wide: crop it."
        )
