"""The pictures of one run: as the network is to see them, and how what it paints is shown.

Colors, blends, regions and the scale of strokes are settled here; the loop behind knows nothing of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import torch
from torch import Tensor

from ..errors import ImageError, RecipeError, shown_name
from ..network.device import Compute
from ..pictures.color import luminance, match_colors, match_luminance, with_luminance
from ..pictures.picture import MAX_SIDE, Picture, Size, fit, resize
from ..recipe import Recipe
from ..taps import MIN_SIDE
from ..task import STYLE_ROLES
from .importance import focus_weights
from .losses import Moments
from .regions import LEAST_SHARE, Region
from .targets import Targets

MAX_STRETCH = 1.05
"""How much a map's aspect ratio may differ from the content's: more is another picture's."""

MAX_TINT = 0.125
"""How far apart red, green and blue of a map's pixel may be.  Rounding, JPEG and color profiles set those of a gray
apart by a few of 255 steps; 32 of them are plainly a color."""

MAX_TINTED = 0.01
"""The share of a map's pixels that may be tinted more: a stain, or where a JPEG rings at an edge."""
MAX_ASPECT = MAX_SIDE // (2 * MIN_SIDE)
"""How many times longer than wide a style may be: one that is longer can't be wide enough for the network within
`MAX_SIDE`, and would take as much memory as a large picture whatever the size of the result."""


@dataclass(frozen=True, eq=False)
class Scene:
    """Content and styles, either of which may be missing, and maps.  Construction checks them, and computes nothing.

    mask: white where the first style goes; black where the other styles go, or the content stays as it is.
    importance: white where the content is to be kept more than where it is black.
    Raises ImageError and RecipeError.
    """

    recipe: Recipe
    content: Picture | None
    styles: tuple[Picture, ...]
    mask: Picture | None = None
    importance: Picture | None = None

    def __post_init__(self) -> None:
        _check_blend(self.recipe, len(self.styles), masked=self.mask is not None)
        for style in self.styles:
            _check_opacity(style)
            _check_shape(style)
        if self.mask is not None and self.content is not None:
            _check_map(self.mask, self.content, "mask", "the (first) style goes")
        if self.importance is not None and self.content is not None:
            _check_map(self.importance, self.content, "importance image", "the content is to be kept more")

    @property
    def inputs(self) -> dict[str, Picture]:
        """Role -> picture, of those that are there."""
        given = {"content": self.content, **dict(zip(STYLE_ROLES, self.styles, strict=False))}
        given |= {"mask": self.mask, "importance": self.importance}
        return {role: picture for role, picture in given.items() if picture is not None}

    @cached_property
    def seen_content(self) -> Picture | None:
        """The content with the colors that the network is to see."""
        if self.content is None or self.recipe.colors != "luminance":
            return self.content
        return _gray(self.content, luminance(self.content.rgb))

    @cached_property
    def seen_styles(self) -> tuple[Picture, ...]:
        """The styles with the colors that the network is to see."""
        return tuple(map(self._seen, self.styles))

    def _seen(self, style: Picture) -> Picture:
        if self.content is None or self.recipe.colors == "style":
            return style
        sample = None if style.alpha is None else style.opaque
        if self.recipe.colors == "luminance":
            return _gray(style, match_luminance(style.rgb, self.content.rgb, sample))
        return replace(style, rgb=match_colors(style.rgb, self.content.rgb, sample).clamp(0, 1))

    def features(self, targets: Targets, size: Size, compute: Compute) -> dict[str, Tensor]:
        """The content's feature maps at a size: tap -> 1xCxhxw on the device, in its precision."""
        if self.seen_content is None:
            return {}
        recipe = self.recipe
        by_tap = targets.content(self.seen_content, size, recipe.content_taps, recipe.border, recipe.pooling)
        return {tap: features.to(compute.device, compute.dtype) for tap, features in by_tap.items()}

    def moments(self, style: Picture, targets: Targets, size: Size, compute: Compute) -> dict[str, Moments]:
        """A style's means and Gram matrices for a picture of this size: tap -> float32 on the device."""
        recipe, shown = self.recipe, style_size(style, size, self.recipe.style_scale)
        by_tap = targets.style(style, shown, recipe.style_taps, recipe.border, recipe.pooling)
        return {tap: Moments(*(part.to(compute.device) for part in moments)) for tap, moments in by_tap.items()}

    def regions(self, styles: Sequence[dict[str, Moments]], size: Size) -> list[Region]:
        """What is to be painted where, at a size; styles: the `moments` of each.  Empty where there is no place."""
        blend = self.recipe.style_blend
        if not styles:
            return []
        if self.mask is None:
            return [Region(blended(styles, blend))]
        inside = self._mask_at(size).to(next(iter(styles[0].values())).mean.device)
        regions = _masked(styles[0], inside)
        if len(styles) > 1:
            regions += _masked(blended(styles[1:], blend[1:]), 1 - inside)
        return regions

    def weights(self, size: Size, found: Tensor | None = None) -> Tensor | None:
        """How much each place of the content counts at a size: 1x1xHxW, 1 on average; None where all count alike.

        found: what is important beside what the importance image says, 1x1xhxw from 0 to 1.
        """
        maps = [] if self.importance is None else [_whiteness(self.importance, size)]
        maps += [] if found is None else [resize(found, size).clamp(0, 1)]
        return focus_weights(torch.cat(maps).amax(0, keepdim=True), self.recipe.content_focus) if maps else None

    def develop(self, image: Tensor) -> Tensor:
        """What was painted as it is to be shown: in the content's own colors, and with the content where it stays.

        1x3xHxW in [0, 1] on the CPU, both ways.  Of gray pictures it is gray.
        """
        if self._is_gray:
            image = luminance(image).repeat(1, 3, 1, 1)
        keeps_color, keeps_place = self.recipe.colors == "luminance", self.mask is not None and len(self.styles) == 1
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
        recipe = self.recipe
        pictures = [picture for picture in (self.content, *self.styles) if picture is not None]
        return recipe.loss == "relative" and recipe.init != "image" and all(map(_has_no_color, pictures))

    @cached_property
    def _content_at(self) -> Callable[[Size], Tensor]:
        """The content at a size, the last one kept: it is asked for with every preview."""
        assert self.content is not None
        content = self.content
        return lru_cache(1)(lambda size: content.resized(size).rgb)

    @cached_property
    def _mask_at(self) -> Callable[[Size], Tensor]:
        """The mask's whiteness at a size, the last one kept."""
        assert self.mask is not None
        mask = self.mask
        return lru_cache(1)(lambda size: _whiteness(mask, size))


def _whiteness(picture: Picture, size: Size) -> Tensor:
    """1x1xHxW from 0 to 1: how white a picture is, or how opaque, where it has transparent parts."""
    return resize(luminance(picture.rgb) if picture.alpha is None else picture.alpha, size).clamp(0, 1)


def _masked(style: dict[str, Moments], mask: Tensor) -> list[Region]:
    if bool((mask == 1).all()):
        return [Region(style)]
    return [Region(style, mask)] if float(mask.mean()) >= LEAST_SHARE else []


def blended(styles: Sequence[dict[str, Moments]], weights: Sequence[float]) -> dict[str, Moments]:
    """The weighted mean of several styles' moments, tap by tap; of one style alone, exactly its own."""
    total = sum(weights[: len(styles)])
    shares = [weight / total for weight in weights]

    def mixed(parts: Sequence[Tensor]) -> Tensor:
        return torch.stack([part * share for part, share in zip(parts, shares, strict=False) if share]).sum(0)

    return {tap: Moments(*map(mixed, zip(*(style[tap] for style in styles), strict=True))) for tap in styles[0]}


def style_size(style: Picture, size: Size, scale: float = 1.0) -> Size:
    """The style at `scale` times the image's long side, so that strokes keep their share of it at every scale.

    A style smaller than that is enlarged, and a long thin one kept wide enough for the network.
    """
    shown = (style.width, style.height)
    long_side = min(round(max(size) * scale), MAX_SIDE)
    return fit(shown, max(long_side, round(2 * MIN_SIDE * max(shown) / min(shown))), upscale=True)


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


def _has_no_color(picture: Picture) -> bool:
    red, green, blue = picture.rgb[0]
    return torch.equal(red, green) and torch.equal(green, blue)


def _check_opacity(style: Picture) -> None:
    if style.alpha is not None and float(style.alpha.mean()) < LEAST_SHARE:
        raise ImageError(f"The style {shown_name(style.name)} is transparent: there is nothing in it to take on.")


def _check_shape(style: Picture) -> None:
    short, long = sorted((style.width, style.height))
    if long > MAX_ASPECT * short:
        raise ImageError(
            f"The style {shown_name(style.name)} is {style.width}x{style.height} px as it is read, but may be at most "
            f"{MAX_ASPECT} times as long as it is wide: crop it."
        )


def _check_map(given: Picture, content: Picture, what: str, white: str) -> None:
    """ImageError for what says nothing of the content's places.  white: what is where it is white."""
    stretch = given.width / given.height * content.height / content.width
    if not 1 / MAX_STRETCH <= stretch <= MAX_STRETCH:
        raise ImageError(
            f"The {what} is {given.width}x{given.height} px and the content {content.width}x{content.height} px: "
            "both must have the same aspect ratio."
        )
    if given.alpha is None and _share_of_tinted(given) > MAX_TINTED:
        raise ImageError(
            f"The {what} {shown_name(given.name)} has colors: make it white where {white} and black elsewhere, with "
            "grays in between, or transparent elsewhere."
        )


def _share_of_tinted(picture: Picture) -> float:
    step = max(1, max(picture.width, picture.height) // 512)  # some of a large one's pixels, as colors are no detail
    some = picture.rgb[..., ::step, ::step]
    return float(((some.amax(1) - some.amin(1)) > MAX_TINT).float().mean())
