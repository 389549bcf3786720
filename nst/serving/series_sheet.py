"""All pictures of a series on one sheet, with what differs beside the rows and above the columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PIL import Image, ImageDraw, ImageFont

from ..errors import printable
from ..pictures.picture import Size, fit
from .axes import Plan

CELL = 256
"""Pixels of the long side of a cell."""

MARGIN, GAP = 28, 12
TEXT, SMALL = 20, 15
"""Pixels: heights of the letters of labels, and of what is said below them."""

SIDE = 190
"""Pixels of a row's label at most."""

MOST_LINES = 3
"""Of a label; what is longer ends in an ellipsis."""

GROUND, INK, FAINT, EMPTY = "#faf8f5", "#1c1917", "#57534e", "#e7e5e4"


def draw_sheet(
    plan: Plan, pictures: Mapping[int, Image.Image], failures: Mapping[int, str], size: Size, in_all: str
) -> Image.Image:
    """The sheet, an opaque RGB image on a light ground: equal cells, empty ones gray.

    pictures, failures: by the cells' numbers.  size: (width, height) of a picture, whose shape the cells have.
    in_all: what is said below, of all of them.  Where there is one axis alone, each cell has its label below it.
    """
    width, height = fit(size, CELL, upscale=True)
    down, across = plan.down, plan.across
    label, small = _Letters(TEXT), _Letters(SMALL)
    heads = [label.wrapped(text, width) for text in across.labels]
    sides = [label.wrapped(text, SIDE) for text in down.labels] if down else []
    left = MARGIN + (max(map(label.width, sides)) + GAP if down else 0)
    head, below = (label.height(heads), 0) if down else (0, label.height(heads))
    top = MARGIN + head
    step_x, step_y = width + GAP, height + GAP + below
    right = left + plan.columns * step_x - GAP
    note = small.wrapped(in_all, right - MARGIN, most=99)
    foot = top + plan.rows * step_y
    sheet = Image.new("RGB", (right + MARGIN, foot + small.height([note]) + MARGIN - GAP), GROUND)
    draw = ImageDraw.Draw(sheet)
    for cell in plan.cells:
        x, y = left + cell.column * step_x, top + cell.row * step_y
        if picture := pictures.get(cell.number):
            at = x + (width - picture.width) // 2, y + (height - picture.height) // 2
            sheet.paste(picture.convert("RGB"), at)
        else:
            draw.rectangle((x, y, x + width - 1, y + height - 1), EMPTY)
        if (failure := failures.get(cell.number)) is not None:
            small.write(draw, (x + GAP, y + GAP), small.wrapped(f"Failed: {failure}", width - 2 * GAP, most=8), INK)
        if not down:
            label.write(draw, (x, y + height + 4), heads[cell.number], INK)
    for column, lines in enumerate(heads if down else ()):
        label.write(draw, (left + column * step_x, top - 6 - label.line * len(lines)), lines, INK)
    for row, lines in enumerate(sides):
        middle = top + row * step_y + (height - label.line * len(lines)) // 2
        label.write(draw, (MARGIN, middle), lines, INK)
    small.write(draw, (MARGIN, foot), note, FAINT)
    return sheet


class _Letters:
    """Pillow's own font at a size.  line: pixels from one line to the next."""

    def __init__(self, size: int) -> None:
        self._font = ImageFont.load_default(size)
        self.line = round(1.25 * size)

    def wrapped(self, text: str, width: int, most: int = MOST_LINES) -> list[str]:
        """In lines of at most so many pixels, broken between words where that can be; the last may end in "…"."""
        lines = [""]
        for word in printable(text).split():
            longer = f"{lines[-1]} {word}".strip()
            if self._length(longer) <= width:
                lines[-1] = longer
                continue
            *whole, last = self._pieces(word, width)
            lines += [*whole, last]
        lines = [line for line in lines if line]
        if len(lines) <= most:
            return lines
        cut = lines[most - 1]
        while cut and self._length(f"{cut}…") > width:
            cut = cut[:-1]
        return [*lines[: most - 1], f"{cut}…"]

    def width(self, lines: Sequence[str]) -> int:
        """Pixels of the longest line."""
        return max((round(self._length(line)) for line in lines), default=0)

    def height(self, texts: Sequence[Sequence[str]]) -> int:
        """Pixels of the text of the most lines, with some space around it."""
        return self.line * max(map(len, texts), default=0) + 10

    def write(self, draw: ImageDraw.ImageDraw, at: tuple[int, int], lines: Sequence[str], ink: str) -> None:
        """From the upper left corner on."""
        for i, line in enumerate(lines):
            draw.text((at[0], at[1] + i * self.line), line, fill=ink, font=self._font)

    def _pieces(self, word: str, width: int) -> list[str]:
        """A word in pieces that fit, each of at least one letter."""
        pieces = [""]
        for letter in word:
            if pieces[-1] and self._length(pieces[-1] + letter) > width:
                pieces.append("")
            pieces[-1] += letter
        return pieces

    def _length(self, line: str) -> float:
        return self._font.getlength(line)
