"""Contact sheets of the pairs, for looking at without a browser."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from .trials import KINDS, PLACES, Trial

GAP, MARGIN = 8, 56
"""Pixels: between pictures, and on the left for the number."""

SMALL = 160
"""Pixels: long side of the content and the style, which stand one above the other."""

_GRAY, _WHITE = (119, 119, 119), (255, 255, 255)


def save_sheets(trials: Sequence[Trial], out: Path, examples: Path | None = None, rows: int = 6) -> list[Path]:
    """Each `rows` pairs on a sheet: OUT.png, or OUT-1.png, OUT-2.png... where there are several; returns their paths.

    A row has the pair's number, what it was made of where `examples` has it, and both pictures at their own size.
    OUT.key.json says, by number, the pictures' name and which folder is on the left and on the right.
    """
    groups = [trials[i : i + rows] for i in range(0, len(trials), rows)]
    paths = [out] if len(groups) == 1 else [out.with_stem(f"{out.stem}-{i}") for i in range(1, len(groups) + 1)]
    for path, group in zip(paths, groups, strict=True):
        sheet(group, examples).save(path)
    key = {trial.number: {"name": trial.name, "left": trial.left, "right": trial.right} for trial in trials}
    out.with_suffix(".key.json").write_text(json.dumps(key, indent=1) + "\n")
    return paths


def sheet(trials: Sequence[Trial], examples: Path | None = None) -> Image.Image:
    """One row below the other."""
    strips = [_strip(trial, examples) for trial in trials]
    size = max(strip.width for strip in strips), sum(strip.height for strip in strips)
    canvas, top = Image.new("RGB", size, _GRAY), 0
    for strip in strips:
        canvas.paste(strip, (0, top))
        top += strip.height
    return canvas


def _strip(trial: Trial, examples: Path | None) -> Image.Image:
    originals = [trial.original(kind, examples) for kind in KINDS]
    columns = [_column([_small(path) for path in originals if path])] if any(originals) else []
    columns += [Image.open(trial.picture(place)).convert("RGB") for place in PLACES]
    size = MARGIN + sum(column.width + GAP for column in columns), max(column.height for column in columns) + GAP
    strip, left = Image.new("RGB", size, _GRAY), MARGIN
    ImageDraw.Draw(strip).text((GAP, GAP), str(trial.number), _WHITE, ImageFont.load_default(32))
    for column in columns:
        strip.paste(column, (left, 0))
        left += column.width + GAP
    return strip


def _column(images: Sequence[Image.Image]) -> Image.Image:
    size = max(image.width for image in images), sum(image.height + GAP for image in images)
    canvas, top = Image.new("RGB", size, _GRAY), 0
    for image in images:
        canvas.paste(image, (0, top))
        top += image.height + GAP
    return canvas


def _small(path: Path) -> Image.Image:
    image = Image.open(path).convert("RGB")
    image.thumbnail((SMALL, SMALL))
    return image
