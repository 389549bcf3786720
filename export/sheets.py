"""Pictures beside and below one another, to be compared by eye."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

GAP = 6
"""White pixels between two pictures."""


def beside(images: Sequence[Image.Image]) -> Image.Image:
    """A row of pictures, all scaled to the height of the lowest."""
    height = min(image.height for image in images)
    scaled = [
        image.resize((round(image.width * height / image.height), height), Image.Resampling.LANCZOS) for image in images
    ]
    row = Image.new("RGB", (sum(image.width + GAP for image in scaled) - GAP, height), "white")
    left = 0
    for image in scaled:
        row.paste(image, (left, 0))
        left += image.width + GAP
    return row


def below(rows: Sequence[Image.Image]) -> Image.Image:
    """A sheet of rows, aligned at the left."""
    sheet = Image.new("RGB", (max(row.width for row in rows), sum(row.height + GAP for row in rows) - GAP), "white")
    top = 0
    for row in rows:
        sheet.paste(row, (0, top))
        top += row.height + GAP
    return sheet
