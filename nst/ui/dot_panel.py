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
from .languages import Words, said, words_of

SHOWN = 512
"""Pixels of the long side on the page, twice those in which places are counted."""

_PLACES, _CHANNELS = "places", "channels"
_COLOR = {"A": "#e11d48", "B": "#2563eb"}
_FORMULA = r"""

$$ a \cdot b = \sum_i a_i b_i = |a|\,|b| \cos\theta $$
"""


class DotPanel:
    """Draws itself in the current Gradio context.  images: role -> the picture to look into."""

    def __init__(self, cache: FeatureCache, images: dict[str, gr.Image]) -> None:
        self._cache = cache
        self._roles = tuple(images)
        private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        gr.Markdown(said(_intro))
        with gr.Row():
            role = gr.Radio(
                [(said(f"role.{role}.name"), role) for role in images],
                value=self._roles[0],
                label=said("intuition.picture"),
                min_width=200,
            )
            mode = gr.Radio(
                [(said(f"dot.{mode}"), mode) for mode in (_PLACES, _CHANNELS)], value=_PLACES,
                label=said("dot.compare"), min_width=200,
            )  # fmt: skip
        tap = gr.Radio(list(TAPS), value="conv10", label=said("intuition.layer"))
        with gr.Row():
            with gr.Column(scale=5, min_width=300):
                picture = gr.Image(
                    label=said("dot.click"), interactive=False, buttons=["fullscreen"], elem_classes="clickable"
                )
                with gr.Column() as places:
                    turn = gr.Radio(["A", "B"], value="A", label=said("dot.next_click"))
                    with gr.Row():
                        spots = [
                            gr.Number(at, label=name, precision=0, min_width=110)
                            for name, at in (("A x", 90), ("A y", 60), ("B x", 122), ("B y", 75))
                        ]
                with gr.Row(visible=False) as channels:
                    pair = [
                        gr.Number(i, label=said("dot.channel", name=name), precision=0) for i, name in enumerate("AB")
                    ]
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

    async def show(self, request: gr.Request, *values: Any) -> AsyncGenerator[tuple[Any, Any]]:
        """All that the controls ask for; before that a word, where the features have to be computed first."""
        role, paths = values[0], values[9:]
        path, words = paths[self._roles.index(role)], words_of(request)
        with friendly():
            if path and not self._cache.has(path):
                yield gr.skip(), f'<div class="status"><p>{words("dot.looking")}</p></div>'
            features = await self._cache.get(path, role)
            yield await asyncio.to_thread(_drawn, features, words, *values[1:9])

    async def _click(self, event: gr.SelectData, request: gr.Request, turn: str, *values: Any) -> Any:
        """A click sets A, the next one B, and so on."""
        role, mode, tap, *spots, i, j = values[:9]
        with friendly():
            features = await self._cache.get(values[9:][self._roles.index(role)], role)
            scale = features.rgb.shape[1] / _size(features)[0]
            first = 0 if turn == "A" else 2
            spots[first : first + 2] = [int(at * scale) for at in event.index]
            drawn = await asyncio.to_thread(_drawn, features, words_of(request), mode, tap, *spots, i, j)
        return (*spots, "B" if turn == "A" else "A", *drawn)


def _intro(words: Words) -> str:
    return words("dot.intro") + _FORMULA


def _visible_rows(mode: str) -> tuple[Any, Any]:
    return gr.update(visible=mode == _PLACES), gr.update(visible=mode == _CHANNELS)


def _drawn(features: FeatureMaps, words: Words, mode: str, tap: str, *numbers: float | None) -> tuple[str, str]:
    """The picture, as a file, and what is shown beside it.  numbers: A's x and y, B's, and the two channels."""
    *places, i, j = (int(number or 0) for number in numbers)
    bounds = features.rgb.shape[1::-1] * 2
    ax, ay, bx, by = (min(max(at, 0), bound - 1) for at, bound in zip(places, bounds, strict=True))
    if mode == _CHANNELS:
        return file_to_show(_enlarged(features), "places.jpg"), channels_html(features, tap, i, j, words)
    marked = _marked(features, (("A", ax, ay), ("B", bx, by)))
    return file_to_show(marked, "places.jpg"), places_html(features, tap, (ax, ay), (bx, by), words)


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


def places_html(features: FeatureMaps, tap: str, a: tuple[int, int], b: tuple[int, int], words: Words) -> str:
    """Two places (x, y in pixels) at a tap: their numbers, their vectors, and what in the picture is like A."""
    vectors = features.at(tap, *a), features.at(tap, *b)
    layer, cosines = BY_NAME[tap], similarity_map(features[tap], *features.position(tap, *a))
    image = _enlarged(features)
    overlay = enlarged(heat_map(cosines, 0, 1), image.size, smooth=layer.stride > 2)
    title = words("dot.similarity", tap=tap)
    caption = words("dot.cosine", title=title) + legend_html("0", "1")
    channels = words("dot.at_place", count=len(vectors[0]), tap=tap, relu=layer.relu)
    return (
        _numbers_html(compare_vectors(*vectors), channels, words)
        + _bars_html(*vectors, words)
        + figure_html(blended(image, overlay, 0.65), title, caption)
    )


def channels_html(features: FeatureMaps, tap: str, i: int, j: int, words: Words) -> str:
    """Two channels of a tap: their numbers, their maps, and where both are strong."""
    maps = features[tap]
    i, j = (min(max(k, 0), len(maps) - 1) for k in (i, j))
    comparison, product = compare_vectors(maps[i], maps[j]), maps[i] * maps[j]
    width, height = _size(features)
    by_title = {
        words("dot.channel_number", number=i, name="A"): maps[i],
        words("dot.channel_number", number=j, name="B"): maps[j],
        words("dot.product"): product,
    }
    figures = "".join(
        figure_html(
            enlarged(heat_map(values, 0, float(values.max())), (width // 2, height // 2)),
            title,
            words("dot.at_most", title=title, value=f"{values.max():.3g}"),
        )
        for title, values in by_title.items()
    )
    places = maps[0].size
    entry = words("dot.entry", places=places, mean=f"{comparison.dot / places:.4g}")
    title = words("dot.of_channels", places=places, last=len(maps) - 1, tap=tap)
    return _numbers_html(comparison, title, words) + f'<div class="triple small">{figures}</div><p>{entry}</p>'


def _numbers_html(comparison: Comparison, title: str, words: Words) -> str:
    has_angle = not math.isnan(comparison.cosine)
    numbers = {
        "|a|": f"{comparison.norm_a:.4g}",
        "|b|": f"{comparison.norm_b:.4g}",
        "a · b": f"{comparison.dot:.4g}",
        "cos θ": f"{comparison.cosine:.4f}" if has_angle else words("dot.none"),
        "θ": f"{comparison.degrees:.1f}°" if has_angle else words("dot.none"),
    }
    cells = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in numbers.items())
    note = "" if has_angle else f"<p>{words('dot.zeros')}</p>"
    arrows = _arrows_html(comparison, words)
    return f'<div class="compared">{arrows}<div><p>{title}</p><dl>{cells}</dl>{note}</div></div>'


def _arrows_html(comparison: Comparison, words: Words) -> str:
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
    label = words("dot.arrows", degrees=f"{comparison.degrees:.1f}")
    return f'<svg class="arrows" viewBox="-12 -108 124 132" role="img" aria-label="{label}">{arc}{lines}</svg>'


def _bars_html(a: Array, b: Array, words: Words) -> str:
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
        words("dot.largest", channels=words("page.comma").join(strongest)) if strongest else words("dot.no_channel")
    )
    vectors = words(
        "dot.vectors",
        a=f'<span class="a">{words("dot.a_upwards")}</span>',
        b=f'<span class="b">{words("dot.b_downwards")}</span>',
        last=len(a) - 1,
    )
    return (
        f'<figure><svg class="bars" viewBox="0 0 {width} {2 * half}" preserveAspectRatio="none" role="img" '
        f'aria-label="{words("dot.bars")}" stroke-width="{step * 0.8:.2f}">'
        f'<path class="a" d="{path(a, -1)}"/><path class="b" d="{path(b, 1)}"/></svg><figcaption>'
        f"{vectors} {largest_terms}</figcaption></figure>"
    )
