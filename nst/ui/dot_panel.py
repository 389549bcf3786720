"""The dot product on the page: two places, or two channels, of a picture, and the angle between them."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import gradio as gr
import numpy as np
from PIL import Image, ImageDraw

from ..learn.feature_maps import FeatureMaps
from ..learn.intuition import Array, Comparison, compare_vectors, similarity_map
from ..pictures.picture import fit
from ..taps import BY_NAME, TAPS
from .feature_cache import FeatureCache
from .friendly import friendly
from .gradio_gaps import file_to_show
from .heat_map import heat_map, legend_html
from .inline_image import blended, enlarged, figure_html

SHOWN = 512
"""Pixels of the long side on the page, twice those in which places are counted."""

_PLACES, _CHANNELS = "two places", "two channels"
_COLOR = {"A": "#e11d48", "B": "#2563eb"}
_INTRO = """
**A dot product says how alike two vectors are.** At every place of a picture the network has a vector of features, one
number per channel, and two places that show the same thing have vectors that point the same way: their angle is small.
Comparing places like this, one by one, is what *content* is, and content lives in space.

$$ a \\cdot b = \\sum_i a_i b_i = |a|\\,|b| \\cos\\theta $$
"""


class DotPanel:
    """Draws itself in the current Gradio context.  images: role -> the picture to look into."""

    def __init__(self, cache: FeatureCache, images: dict[str, gr.Image]) -> None:
        self._cache = cache
        self._roles = tuple(images)
        private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        gr.Markdown(_INTRO)
        with gr.Row():
            role = gr.Radio(list(images), value=self._roles[0], label="Picture", min_width=200)
            mode = gr.Radio([_PLACES, _CHANNELS], value=_PLACES, label="Compare", min_width=200)
        tap = gr.Radio(list(TAPS), value="conv10", label="Layer (tap)")
        with gr.Row():
            with gr.Column(scale=5, min_width=300):
                picture = gr.Image(
                    label="Click two places", interactive=False, buttons=["fullscreen"], elem_classes="clickable"
                )
                with gr.Column() as places:
                    turn = gr.Radio(["A", "B"], value="A", label="The next click sets")
                    with gr.Row():
                        spots = [
                            gr.Number(at, label=name, precision=0, min_width=110)
                            for name, at in (("A x", 90), ("A y", 60), ("B x", 122), ("B y", 75))
                        ]
                with gr.Row(visible=False) as channels:
                    pair = [gr.Number(i, label=f"Channel {name}", precision=0) for i, name in enumerate("AB")]
            with gr.Column(scale=6, min_width=300):
                self.view = gr.HTML("")
        self.inputs: list[Any] = [role, mode, tap, *spots, *pair, *images.values()]
        self.outputs: list[Any] = [picture, self.view]
        for component in (role, tap):
            component.input(self.show, self.inputs, self.outputs, trigger_mode="always_last", **private)
        changed = mode.input(_visible_rows, mode, [places, channels], **private)
        changed.then(self.show, self.inputs, self.outputs, **private)
        for number in (*spots, *pair):
            for event in (number.submit, number.blur):
                event(self.show, self.inputs, self.outputs, trigger_mode="always_last", **private)
        outputs = [*spots, turn, *self.outputs]
        picture.select(self._click, [turn, *self.inputs], outputs, trigger_mode="always_last", **private)

    async def show(self, *values: Any) -> AsyncGenerator[tuple[Any, Any]]:
        """All that the controls ask for; before that a word, where the features have to be computed first."""
        role, paths = values[0], values[9:]
        path = paths[self._roles.index(role)]
        with friendly():
            if path and not self._cache.has(path):
                yield gr.skip(), '<div class="status"><p>Looking at the picture …</p></div>'
            features = await self._cache.get(path, role)
            yield await asyncio.to_thread(_drawn, features, *values[1:9])

    async def _click(self, event: gr.SelectData, turn: str, *values: Any) -> Any:
        """A click sets A, the next one B, and so on."""
        role, mode, tap, *spots, i, j = values[:9]
        with friendly():
            features = await self._cache.get(values[9:][self._roles.index(role)], role)
            scale = features.rgb.shape[1] / _size(features)[0]
            first = 0 if turn == "A" else 2
            spots[first : first + 2] = [int(at * scale) for at in event.index]
            drawn = await asyncio.to_thread(_drawn, features, mode, tap, *spots, i, j)
        return (*spots, "B" if turn == "A" else "A", *drawn)


def _visible_rows(mode: str) -> tuple[Any, Any]:
    return gr.update(visible=mode == _PLACES), gr.update(visible=mode == _CHANNELS)


def _drawn(features: FeatureMaps, mode: str, tap: str, *numbers: float | None) -> tuple[str, str]:
    """The picture, as a file, and what is shown beside it.  numbers: A's x and y, B's, and the two channels."""
    *places, i, j = (int(number or 0) for number in numbers)
    bounds = features.rgb.shape[1::-1] * 2
    ax, ay, bx, by = (min(max(at, 0), bound - 1) for at, bound in zip(places, bounds, strict=True))
    if mode == _CHANNELS:
        return file_to_show(_enlarged(features), "places.jpg"), channels_html(features, tap, i, j)
    marked = _marked(features, (("A", ax, ay), ("B", bx, by)))
    return file_to_show(marked, "places.jpg"), places_html(features, tap, (ax, ay), (bx, by))


def _size(features: FeatureMaps) -> tuple[int, int]:
    """(width, height) on the page, in pixels."""
    return fit((features.rgb.shape[1], features.rgb.shape[0]), SHOWN, upscale=True)


def _enlarged(features: FeatureMaps) -> Image.Image:
    return enlarged(features.rgb, _size(features), smooth=True)


def _marked(features: FeatureMaps, places: Sequence[tuple[str, int, int]]) -> Image.Image:
    """The picture with a ring at each place."""
    image = _enlarged(features)
    draw, scale = ImageDraw.Draw(image), image.width / features.rgb.shape[1]
    for name, x, y in places:
        at = (x + 0.5) * scale, (y + 0.5) * scale
        for radius, color, width in ((13, "white", 7), (12, _COLOR[name], 4)):
            draw.ellipse([at[0] - radius, at[1] - radius, at[0] + radius, at[1] + radius], outline=color, width=width)
        where = at[0] + 16, at[1] - 14
        draw.text(where, name, fill=_COLOR[name], font_size=26, stroke_width=3, stroke_fill="white")
    return image


def places_html(features: FeatureMaps, tap: str, a: tuple[int, int], b: tuple[int, int]) -> str:
    """Two places (x, y in pixels) at a tap: their numbers, their vectors, and what in the picture is like A."""
    vectors = features.at(tap, *a), features.at(tap, *b)
    layer, cosines = BY_NAME[tap], similarity_map(features[tap], *features.position(tap, *a))
    image = _enlarged(features)
    overlay = enlarged(heat_map(cosines, 0, 1), image.size, smooth=layer.stride > 2)
    title = f"Similarity of every place to A at {tap}"
    caption = f"{title}: the cosine, 1 at A itself{legend_html('0', '1')}"
    return (
        _numbers_html(compare_vectors(*vectors), f"{len(vectors[0])} channels at {tap}, {layer.relu}")
        + _bars_html(*vectors)
        + figure_html(blended(image, overlay, 0.65), title, caption)
    )


def channels_html(features: FeatureMaps, tap: str, i: int, j: int) -> str:
    """Two channels of a tap: their numbers, their maps, and where both are strong."""
    maps = features[tap]
    i, j = (min(max(k, 0), len(maps) - 1) for k in (i, j))
    comparison, product = compare_vectors(maps[i], maps[j]), maps[i] * maps[j]
    width, height = _size(features)
    by_title = {f"Channel {i} (A)": maps[i], f"Channel {j} (B)": maps[j], "A times B": product}
    figures = "".join(
        figure_html(
            enlarged(heat_map(values, 0, float(values.max())), (width // 2, height // 2)),
            title,
            f"{title}, at most {values.max():.3g}",
        )
        for title, values in by_title.items()
    )
    places = maps[0].size
    mean = f"{comparison.dot / places:.4g}"
    entry = f"The dot product divided by the {places} places, {mean}, is an entry of the Gram matrix."
    title = f"{places} places of channels 0 to {len(maps) - 1} at {tap}"
    return _numbers_html(comparison, title) + f'<div class="triple small">{figures}</div><p>{entry}</p>'


def _numbers_html(comparison: Comparison, title: str) -> str:
    has_angle = not math.isnan(comparison.cosine)
    numbers = {
        "|a|": f"{comparison.norm_a:.4g}",
        "|b|": f"{comparison.norm_b:.4g}",
        "a · b": f"{comparison.dot:.4g}",
        "cos θ": f"{comparison.cosine:.4f}" if has_angle else "none",
        "θ": f"{comparison.degrees:.1f}°" if has_angle else "none",
    }
    cells = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in numbers.items())
    note = "" if has_angle else "<p>One of the vectors is all zeros, which has no direction.</p>"
    return f'<div class="compared">{_arrows_html(comparison)}<div><p>{title}</p><dl>{cells}</dl>{note}</div></div>'


def _arrows_html(comparison: Comparison) -> str:
    """Both vectors in the plane that they span, with their true angle and their lengths to one scale."""
    if math.isnan(comparison.degrees):
        return ""
    longest = max(comparison.norm_a, comparison.norm_b)
    turn = math.radians(comparison.degrees)
    lines = ""
    for name, length, angle in (("A", comparison.norm_a, 0.0), ("B", comparison.norm_b, turn)):
        x, y = 90 * length / longest * math.cos(angle), -90 * length / longest * math.sin(angle)
        lines += f'<line x1="0" y1="0" x2="{x:.1f}" y2="{y:.1f}" stroke="var(--vector-{name.lower()})"/>'
        lines += f'<text x="{x + 4:.1f}" y="{y + (16 if name == "A" else -4):.1f}" class="{name.lower()}">{name}</text>'
    x, y = 30 * math.cos(turn), -30 * math.sin(turn)
    arc = f'<path d="M30 0 A30 30 0 0 0 {x:.1f} {y:.1f}"/>'
    label = f"Two arrows, {comparison.degrees:.1f} degrees apart"
    return f'<svg class="arrows" viewBox="-12 -108 124 132" role="img" aria-label="{label}">{arc}{lines}</svg>'


def _bars_html(a: Array, b: Array) -> str:
    """Both vectors channel by channel, A upwards and B downwards: the dot product is large where both are long."""
    width, half, most = 600, 50, max(float(a.max()), float(b.max()), 1e-12)
    step = width / len(a)

    def path(vector: Array, sign: int) -> str:
        return "".join(
            f"M{(k + 0.5) * step:.1f} {half}v{sign * half * float(value) / most:.1f}"
            for k, value in enumerate(vector)
            if value
        )

    strongest = [str(k) for k in np.argsort(-(a * b))[:3] if a[k] * b[k] > 0]
    largest_terms = (
        f"Channels {', '.join(strongest)} add the most to the dot product."
        if strongest
        else "No channel is on at both."
    )
    return (
        f'<figure><svg class="bars" viewBox="0 0 {width} {2 * half}" preserveAspectRatio="none" role="img" '
        f'aria-label="The two vectors, channel by channel" stroke-width="{step * 0.8:.2f}">'
        f'<path class="a" d="{path(a, -1)}"/><path class="b" d="{path(b, 1)}"/></svg><figcaption>'
        f'The vectors: <span class="a">A upwards</span>, <span class="b">B downwards</span>, channel 0 to {len(a) - 1}.'
        f" {largest_terms}</figcaption></figure>"
    )
