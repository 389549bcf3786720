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
from .languages import Words, said, words_of

MATRIX = 128
"""Channels of a heat map at most: more could not be pointed at."""

PAIRS, PATCHES = 4, 4
SMALL = 240
"""Pixels of the long side of a picture among several."""

_FORMULAS = r"""

$$ G_{ij} = \frac{1}{HW} \sum_k F_{ik} F_{jk} $$
$$ \text{%s} = \frac{\sum_{ij} (G_{ij} - \hat G_{ij})^2}{\sum_{ij} \hat G_{ij}^2} $$
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
    const said = {i: channels[i], j: channels[j], value: figure.values[i * size + j].toPrecision(4)};
    const text = figure.dataset.pointed.replace(/{(\\w+)}/g, (_, name) => said[name]);
    figure.parentElement.querySelector('output').textContent = text;
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
        gr.Markdown(said(_intro))
        tap = gr.Radio(list(TAPS), value="conv4", label=said("intuition.layer"))
        self.matrices = gr.HTML("", js_on_load=HOVER)
        role = gr.Radio(
            [(said(f"role.{role}.name"), role) for role in images], value=self._roles[1],
            label=said("intuition.picture"),
        )  # fmt: skip
        gr.Markdown(said("gram.strongest"))
        self.pairs = gr.HTML("")
        gr.Markdown(said("gram.about_shuffle"))
        shuffle = gr.Button(said("gram.shuffle"), variant="primary")
        self.shuffled = gr.HTML("")
        self.inputs: list[Any] = [tap, role, *images.values()]
        self.outputs: list[Any] = [self.matrices, self.pairs, self.shuffled]
        tap.input(self.show, self.inputs, self.outputs, **private)
        role.input(self._show_pairs, self.inputs, self.outputs[1:], **private)
        shuffle.click(self._shuffle, self.inputs, self.shuffled, **private)

    async def show(self, request: gr.Request, *values: Any) -> AsyncGenerator[tuple[Any, Any, Any]]:
        """All heat maps, and the strongest pairs of the chosen picture."""
        tap, role, *paths = values
        words = words_of(request)
        given = {name: path for name, path in zip(self._roles, paths, strict=True) if path}
        with friendly():
            if not all(map(self._cache.has, given.values())):
                yield f'<div class="status"><p>{words("status.looking")}</p></div>', gr.skip(), ""
            features = {name: await self._cache.get(path, name) for name, path in given.items()}
            matrices = await asyncio.to_thread(matrices_html, features, self._roles[1], tap, words)
            pairs = await asyncio.to_thread(pairs_html, features[role], tap, words) if role in features else ""
        yield matrices, pairs, ""

    async def _show_pairs(self, request: gr.Request, tap: str, role: str, *paths: str | None) -> tuple[str, str]:
        with friendly():
            features = await self._cache.get(paths[self._roles.index(role)], role)
            return await asyncio.to_thread(pairs_html, features, tap, words_of(request)), ""

    async def _shuffle(self, request: gr.Request, tap: str, role: str, *paths: str | None) -> str:
        with friendly():
            features = await self._cache.get(paths[self._roles.index(role)], role)
            return await asyncio.to_thread(shuffled_html, features, tap, role, words_of(request))


def _intro(words: Words) -> str:
    return words("gram.intro") + _FORMULAS % words("gram.distance_in_formula")


def matrices_html(features: dict[str, FeatureMaps], reference: str, tap: str, words: Words) -> str:
    """Gram matrices beside each other, with the distances to that of the reference.

    features: role -> feature maps; reference: a role, whose picture may be missing.
    """
    if not features:
        return f"<p>{words('intuition.choose')}</p>"
    grams: dict[str, Array] = {role: maps.gram(tap) for role, maps in features.items()}
    leading = grams.get(reference, next(iter(grams.values())))
    order = np.argsort(-np.diag(leading))[:MATRIX]
    shown = {role: products[np.ix_(order, order)] for role, products in grams.items()}
    most = max(float(np.sqrt(products.max())) for products in shown.values())
    figures = "".join(
        _matrix_html(role, products, order, most, _distance_to(reference, role, grams, words), words)
        for role, products in shown.items()
    )
    if (channels := len(leading)) <= MATRIX:
        which = words("gram.all_channels", channels=channels)
    else:
        which = words("gram.strongest_channels", most=MATRIX, channels=channels)
    about = words("gram.order", tap=tap, which=which, reference=words(f"role.{reference}.name"))
    return f'<div class="triple">{figures}</div>{legend_html("0", f"{most**2:.3g}")}<p>{about}</p>'


def _distance_to(reference: str, role: str, grams: dict[str, Array], words: Words) -> str:
    """The caption of a Gram matrix."""
    if role == reference or reference not in grams:
        return words(f"role.{role}.label")
    distance = f"{relative_distance(grams[role], grams[reference]):.3g}"
    named = {"role": words(f"role.{role}.label"), "reference": words(f"role.{reference}.name")}
    return words("gram.distance", distance=distance, **named)


def _matrix_html(role: str, products: Array, order: Array, most: float, caption: str, words: Words) -> str:
    """A heat map that knows its channels and values.  most: the root of the largest entry of all matrices shown."""
    values = base64.b64encode(products.astype("<f4").tobytes()).decode()
    name = words(f"role.{role}.name")
    picture = image_html(heat_map(np.sqrt(np.maximum(products, 0)), 0, most), words("gram.matrix", role=name), "PNG")
    channels, label = " ".join(map(str, order)), words("gram.matrix_keys", role=name)
    pointed = words("gram.pointed", i="{i}", j="{j}", value="{value}")
    return (
        f'<figure><div class="matrix" tabindex="0" role="application" aria-label="{label}" data-pointed="{pointed}" '
        f'data-size="{len(order)}" data-channels="{channels}" data-values="{values}">'
        f"{picture}<i></i></div><figcaption>{caption}<output>&nbsp;</output></figcaption></figure>"
    )


def pairs_html(features: FeatureMaps, tap: str, words: Words) -> str:
    """The strongest pairs of channels: both feature maps, and the patches where both are strongest together."""
    maps, rgb = features[tap], features.rgb
    side, stride = patch_side(tap, min(rgb.shape[:2])), BY_NAME[tap].stride
    products, rows = features.gram(tap), ""
    size = fit((rgb.shape[1], rgb.shape[0]), SMALL, upscale=True)
    for i, j in strongest_pairs(products, PAIRS):
        both = "".join(
            figure_html(
                enlarged(heat_map(maps[k], 0, float(maps[k].max())), size),
                words("gram.map_of", channel=k),
                words("gram.channel", channel=k),
            )
            for k in (i, j)
        )
        places = strongest_places(maps[i] * maps[j], PATCHES, apart=max(1, side // stride // 2))
        patches = "".join(
            image_html(enlarged(_patch(rgb, (x + 0.5) * stride, (y + 0.5) * stride, side), (96, 96), smooth=True),
                words("gram.patch", i=i, j=j))
            for x, y in places
        )  # fmt: skip
        entry = words("gram.pair", i=f"<b>{i}</b>", j=f"<b>{j}</b>", value=f"{products[i, j]:.4g}")
        rows += (
            f'<div class="pair"><p>{entry}</p><div class="maps">{both}</div><div class="patches">{patches}</div></div>'
        )
    legend = words("gram.patches", side=side)
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


def shuffled_html(features: FeatureMaps, tap: str, role: str, words: Words) -> str:
    """A random shuffle of a tap's positions: the picture and the feature map before and after, and both distances."""
    maps = features[tap]
    places = maps[0].size
    order, unshuffled = np.random.default_rng().permutation(places), np.arange(places)
    shuffled = shuffle_positions(maps, order)
    style, content = relative_distance(gram(shuffled), features.gram(tap)), relative_distance(shuffled, maps)
    precision = words("gram.rounding", distance=f"{style:.0e}") if style else words("gram.exactly")
    size = fit((features.rgb.shape[1], features.rgb.shape[0]), SMALL, upscale=True)
    strongest = float(maps.mean(0).max())
    figures = "".join(
        figure_html(enlarged(image, size, smooth=smooth), title)
        for title, image, smooth in (
            (
                words("gram.picture", role=words(f"role.{role}.name")),
                shuffle_cells(features.rgb, maps.shape[1:], unshuffled),
                True,
            ),
            (words("gram.picture_shuffled"), shuffle_cells(features.rgb, maps.shape[1:], order), False),
            (words("gram.map", tap=tap), heat_map(maps.mean(0), 0, strongest), False),
            (words("gram.map_shuffled"), heat_map(shuffled.mean(0), 0, strongest), False),
        )
    )
    verdict = words(
        "gram.verdict", precision=precision, places=places,
        style=f"<b>{words('gram.style_distance', distance=f'{style:.6f}')}</b>",
        content=f"<b>{words('gram.content_distance', distance=f'{content:.3f}')}</b>",
    )  # fmt: skip
    return f'<div class="verdict"><p>{verdict}</p></div><div class="triple small">{figures}</div>'
