"""The Gram matrix on the page: as a heat map, as what its strongest pairs look like, and untouched by a shuffle."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncGenerator
from typing import Any

import gradio as gr
import numpy as np

from ..learn.feature_maps import FeatureMaps
from ..learn.intuition import (
    Array,
    gram,
    relative_distance,
    shuffle_cells,
    shuffle_positions,
    strongest_pairs,
    strongest_places,
)
from ..pictures.picture import fit
from ..taps import BY_NAME, LAYERS, TAPS
from .feature_cache import FeatureCache
from .friendly import friendly
from .heat_map import heat_map, legend_html
from .inline_image import enlarged, figure_html, image_html

MATRIX = 128
"""Channels of a heat map at most: more could not be pointed at."""

PAIRS, PATCHES = 4, 4
SMALL = 240
"""Pixels of the long side of a picture among several."""

_INTRO = """
**The Gram matrix holds the dot products between all pairs of channels**: how often, and how strongly, two features
occur *together*, wherever that is. Position has been summed away, so what remains is *style*, and two pictures with
near Gram matrices look alike in manner even where they show different things.

$$ G_{ij} = \\frac{1}{HW} \\sum_k F_{ik} F_{jk} $$
$$ \\text{distance} = \\frac{\\sum_{ij} (G_{ij} - \\hat G_{ij})^2}{\\sum_{ij} \\hat G_{ij}^2} $$
"""
_SHUFFLE = """
**Style does not live in space.** The button throws the places of the feature map, the columns of F, into a random
order: the picture is destroyed, the content loss is large, and the Gram matrix has not changed at all, as a sum does
not mind the order of its terms.
"""

HOVER = """
const name = (figure, i, j) => {
    const size = +figure.dataset.size;
    if (!figure.values) {
        const bytes = Uint8Array.from(atob(figure.dataset.values), c => c.charCodeAt(0));
        figure.values = new Float32Array(bytes.buffer);
    }
    i = Math.max(0, Math.min(size - 1, i));
    j = Math.max(0, Math.min(size - 1, j));
    figure.at = [i, j];
    const channels = figure.dataset.channels.split(' ');
    const percent = entries => `${100 * entries / size}%`;
    const place = {display: 'block', left: percent(j), top: percent(i), width: percent(1), height: percent(1)};
    Object.assign(figure.querySelector('i').style, place);
    const value = figure.values[i * size + j].toPrecision(4);
    figure.parentElement.querySelector('output').textContent = `channels ${channels[i]} and ${channels[j]}: ${value}`;
};
const point = event => {
    const figure = event.target.closest('.matrix');
    if (!figure) return;
    const box = figure.getBoundingClientRect(), size = +figure.dataset.size;
    name(figure, Math.floor((event.clientY - box.top) / box.height * size),
        Math.floor((event.clientX - box.left) / box.width * size));
};
element.addEventListener('pointermove', point);
element.addEventListener('pointerdown', point);
element.addEventListener('keydown', event => {
    const step = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]}[event.key];
    const figure = event.target.closest('.matrix');
    if (!step || !figure) return;
    event.preventDefault();
    const [i, j] = figure.at || [0, -1];
    name(figure, i + step[0], j + step[1]);
});
"""
"""Names the two channels and their value under the mouse, a finger, or a cross that the arrow keys move."""


class GramPanel:
    """Draws itself in the current Gradio context.  images: role -> picture; the second role's is the style."""

    def __init__(self, cache: FeatureCache, images: dict[str, gr.Image]) -> None:
        self._cache = cache
        self._roles = tuple(images)
        private: dict[str, Any] = {
            "api_visibility": "private",
            "show_progress": "hidden",
            "trigger_mode": "always_last",
        }
        gr.Markdown(_INTRO)
        tap = gr.Radio(list(TAPS), value="conv4", label="Layer (tap)")
        self.matrices = gr.HTML("", js_on_load=HOVER)
        role = gr.Radio(list(images), value=self._roles[1], label="Picture")
        gr.Markdown("**What the strongest entries look like**: pairs of different channels that are on together.")
        self.pairs = gr.HTML("")
        gr.Markdown(_SHUFFLE)
        shuffle = gr.Button("Shuffle the places", variant="primary")
        self.shuffled = gr.HTML("")
        self.inputs: list[Any] = [tap, role, *images.values()]
        self.outputs: list[Any] = [self.matrices, self.pairs, self.shuffled]
        tap.input(self.show, self.inputs, self.outputs, **private)
        role.input(self._show_pairs, self.inputs, self.outputs[1:], **private)
        shuffle.click(self._shuffle, self.inputs, self.shuffled, **private)

    async def show(self, *values: Any) -> AsyncGenerator[tuple[Any, Any, Any]]:
        """All heat maps, and the strongest pairs of the chosen picture."""
        tap, role, *paths = values
        given = {name: path for name, path in zip(self._roles, paths, strict=True) if path}
        with friendly():
            if not all(map(self._cache.has, given.values())):
                yield '<div class="status"><p>Looking at the pictures …</p></div>', gr.skip(), ""
            features = {name: await self._cache.get(path, name) for name, path in given.items()}
            matrices = await asyncio.to_thread(matrices_html, features, self._roles[1], tap)
            pairs = await asyncio.to_thread(pairs_html, features[role], tap) if role in features else ""
        yield matrices, pairs, ""

    async def _show_pairs(self, tap: str, role: str, *paths: str | None) -> tuple[str, str]:
        with friendly():
            features = await self._cache.get(paths[self._roles.index(role)], role)
            return await asyncio.to_thread(pairs_html, features, tap), ""

    async def _shuffle(self, tap: str, role: str, *paths: str | None) -> str:
        with friendly():
            features = await self._cache.get(paths[self._roles.index(role)], role)
            return await asyncio.to_thread(shuffled_html, features, tap, role)


def matrices_html(features: dict[str, FeatureMaps], reference: str, tap: str) -> str:
    """Gram matrices beside each other, with the distances to that of the reference.

    features: role -> feature maps; reference: a role, whose picture may be missing.
    """
    if not features:
        return "<p>Choose a picture above.</p>"
    grams: dict[str, Array] = {role: maps.gram(tap) for role, maps in features.items()}
    leading = grams.get(reference, next(iter(grams.values())))
    order = np.argsort(-np.diag(leading))[:MATRIX]
    shown = {role: products[np.ix_(order, order)] for role, products in grams.items()}
    most = max(float(np.sqrt(products.max())) for products in shown.values())
    figures = "".join(
        _matrix_html(role, products, order, most, _distance_to(reference, role, grams))
        for role, products in shown.items()
    )
    channels = len(leading)
    which = f"all {channels} channels" if channels <= MATRIX else f"the {MATRIX} strongest of {channels} channels"
    return (
        f'<div class="triple">{figures}</div>{legend_html("0", f"{most**2:.3g}")}'
        f"<p>{tap}: {which}, in all pictures in the order of their strength in the {reference}; colors on a "
        "square-root scale, the same for all. Point at an entry, or move with the arrow keys. The distances count all "
        "channels.</p>"
    )


def _distance_to(reference: str, role: str, grams: dict[str, Array]) -> str:
    """The caption of a Gram matrix."""
    if role == reference or reference not in grams:
        return role.capitalize()
    distance = relative_distance(grams[role], grams[reference])
    return f"{role.capitalize()}: distance {distance:.3g} to the {reference}"


def _matrix_html(role: str, products: Array, order: Array, most: float, caption: str) -> str:
    """A heat map that knows its channels and values.  most: the root of the largest entry of all matrices shown."""
    values = base64.b64encode(products.astype("<f4").tobytes()).decode()
    picture = image_html(heat_map(np.sqrt(np.maximum(products, 0)), 0, most), f"Gram matrix of the {role}", "PNG")
    channels = " ".join(map(str, order))
    return (
        f'<figure><div class="matrix" tabindex="0" role="application" aria-label="Gram matrix of the {role}; the arrow '
        f'keys move over its entries" data-size="{len(order)}" data-channels="{channels}" data-values="{values}">'
        f"{picture}<i></i></div><figcaption>{caption}<output>&nbsp;</output></figcaption></figure>"
    )


def pairs_html(features: FeatureMaps, tap: str) -> str:
    """The strongest pairs of channels: both feature maps, and the patches where both are strongest together."""
    maps, rgb = features[tap], features.rgb
    side, stride = patch_side(tap, min(rgb.shape[:2])), BY_NAME[tap].stride
    products, rows = features.gram(tap), ""
    size = fit((rgb.shape[1], rgb.shape[0]), SMALL, upscale=True)
    for i, j in strongest_pairs(products, PAIRS):
        both = "".join(
            figure_html(
                enlarged(heat_map(maps[k], 0, float(maps[k].max())), size),
                f"Feature map of channel {k}",
                f"channel {k}",
            )
            for k in (i, j)
        )
        places = strongest_places(maps[i] * maps[j], PATCHES, apart=max(1, side // stride // 2))
        patches = "".join(
            image_html(enlarged(_patch(rgb, (x + 0.5) * stride, (y + 0.5) * stride, side), (96, 96), smooth=True),
                f"A patch that excites channels {i} and {j}")
            for x, y in places
        )  # fmt: skip
        rows += (
            f'<div class="pair"><p>Channels <b>{i}</b> and <b>{j}</b>: G = {products[i, j]:.4g}</p>'
            f'<div class="maps">{both}</div><div class="patches">{patches}</div></div>'
        )
    legend = f"Feature maps, and the patches of {side}x{side} px where both are strongest."
    return f'<div class="pairs">{rows}</div><p>{legend}</p>'


def patch_side(tap: str, shortest: int) -> int:
    """Pixels that one position of a tap looks at (its receptive field), but at most a third of the picture's side."""
    field = 1
    for layer in LAYERS[: LAYERS.index(BY_NAME[tap]) + 1]:
        field += 2 * layer.stride + (layer.stride // 2 if layer.pool else 0)
    return max(9, min(field, shortest // 3))


def _patch(rgb: Array, x: float, y: float, side: int) -> Array:
    """A square around a point, moved inside the picture."""
    left, top = (
        round(min(max(at - side / 2, 0), limit - side)) for at, limit in ((x, rgb.shape[1]), (y, rgb.shape[0]))
    )
    return rgb[top : top + side, left : left + side]


def shuffled_html(features: FeatureMaps, tap: str, role: str) -> str:
    """A random shuffle of a tap's positions: the picture and the feature map before and after, and both distances."""
    maps = features[tap]
    places = maps[0].size
    order, unshuffled = np.random.default_rng().permutation(places), np.arange(places)
    shuffled = shuffle_positions(maps, order)
    style, content = relative_distance(gram(shuffled), features.gram(tap)), relative_distance(shuffled, maps)
    precision = f"{style:.0e}, which is what rounding in 64 bits leaves" if style else "exactly"
    size = fit((features.rgb.shape[1], features.rgb.shape[0]), SMALL, upscale=True)
    strongest = float(maps.mean(0).max())
    figures = "".join(
        figure_html(enlarged(image, size, smooth=smooth), title)
        for title, image, smooth in (
            (f"The {role}", shuffle_cells(features.rgb, maps.shape[1:], unshuffled), True),
            ("Its places shuffled", shuffle_cells(features.rgb, maps.shape[1:], order), False),
            (f"The feature map at {tap}, mean over channels", heat_map(maps.mean(0), 0, strongest), False),
            ("The feature map shuffled", heat_map(shuffled.mean(0), 0, strongest), False),
        )
    )
    return (
        f'<div class="verdict"><p><b>Distance of the Gram matrices: {style:.6f}</b> ({precision}). '
        f"<b>Distance of the feature maps: {content:.3f}</b> (0 for the same map, 1 for one of zeros). "
        f"{places} places in a random order: the content is gone, the style has not noticed.</p></div>"
        f'<div class="triple small">{figures}</div>'
    )
