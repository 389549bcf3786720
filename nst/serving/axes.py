"""What a series varies: its styles, or the values of a setting, and the cells that come of it; loads nothing heavy."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import PurePath
from typing import Any

from ..errors import ImageError, RecipeError, shown, shown_name
from ..nearest_preset import changes, nearest_preset
from ..recipe import DEFAULT_PRESET, PresetName, Recipe, check, check_text, setting, settings_of
from ..setting import require_known

SIZE = 384
"""The long side of a picture of a series where nobody says another: in half the time of the default size, and not so
small that style leaves little of a photograph.
"""

MOST_CELLS = 25
"""Pictures of a series at most."""

MOST_IN_A_ROW = 5
"""Pictures beside one another where there is one axis alone."""

STYLES = "style"
"""The name of the axis of styles."""

VARIED = tuple(name for name in settings_of("stylize") if name != "style_blend")
"""Settings that can be varied: all but how several styles are mixed, as a series paints in each style alone."""

EXAMPLE = "strength=20,40,60"


@dataclass(frozen=True)
class Axis:
    """One thing that a series varies.  name: `STYLES` or a setting; values: numbers of styles, or of the setting.

    labels: what each is called where people read it: "starry night", "strength 20".
    """

    name: str
    values: tuple[Any, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """One picture of a series.

    number: its place among all, from 0.  row, column: where it lies.  style: the number of its style.
    changes: (setting, value) of what it has otherwise than the series' recipe.  label: how it differs from the others.
    """

    number: int
    row: int
    column: int
    style: int
    recipe: Recipe
    changes: tuple[tuple[str, Any], ...]
    label: str


@dataclass(frozen=True)
class Plan:
    """What is to be painted.

    styles: their names.  recipe: what all cells have but for what is varied.  down: the axis of the rows, None where
    there is one axis alone, whose cells go on in the next row.  across: the axis of the columns.
    """

    styles: tuple[str, ...]
    recipe: Recipe
    down: Axis | None
    across: Axis
    cells: tuple[Cell, ...]

    @property
    def columns(self) -> int:
        """Cells in a row."""
        return max(cell.column for cell in self.cells) + 1

    @property
    def rows(self) -> int:
        """Rows of cells."""
        return self.cells[-1].row + 1

    @property
    def common_style(self) -> str | None:
        """The name of the style that all cells have, None where they have several."""
        return None if STYLES in self._varied else self.styles[0]

    @property
    def common_preset(self) -> PresetName | None:
        """The one that the recipe of all cells is nearest to, None for the default."""
        preset = nearest_preset(self.recipe, "stylize")
        return None if preset == DEFAULT_PRESET else preset

    @property
    def common_settings(self) -> list[tuple[str, Any]]:
        """(setting, value) of what is worth saying of all cells: their size, and what is not as in the preset."""
        changed = changes(self.recipe, "stylize", self.common_preset or DEFAULT_PRESET)
        named = [name for name in VARIED if name == "size" or name in changed]
        return [(name, getattr(self.recipe, name)) for name in named if name not in self._varied]

    def in_all(self, content: str) -> str:
        """What is the same in all cells, as one sentence.  content: the name of the photograph."""
        style = f" in the style of {shown_name(self.common_style)}" if self.common_style is not None else ""
        preset = [f"preset {self.common_preset}"] if self.common_preset else []
        settings = ", ".join(preset + [_label(name, value) for name, value in self.common_settings])
        return f"The same in all: {shown_name(content)}{style}{'; ' if settings else ''}{settings}."

    @property
    def _varied(self) -> set[str]:
        return {axis.name for axis in (self.down, self.across) if axis}


def parse_axis(text: str) -> Axis:
    """The axis that a text says: "strength=20,40,60".

    Values are separated by commas, those of settings that are lists themselves by semicolons:
    "style_taps=conv1,conv2;conv5".  Raises RecipeError.
    """
    name, _, values = text.partition("=")
    name = require_known(name.strip().replace("-", "_"), VARIED, "setting that can be varied")
    if not values.strip():
        raise RecipeError(f"There are no values of {name}: write them as {EXAMPLE}.")
    parts = values.split(";") if setting(name).many else re.split("[,;]", values)
    return _setting_axis(name, [check_text(name, part.strip()) for part in parts])


def axes_of(given: Any) -> list[Axis]:
    """The axes that a program asks for: texts as for `parse_axis`, or an object of settings with lists of values.

    Raises RecipeError.
    """
    if isinstance(given, Mapping):
        return [_axis_of(name, values) for name, values in given.items()]
    texts = [given] if isinstance(given, str) else ([] if given is None else given)
    if not isinstance(texts, (list, tuple)) or not all(isinstance(text, str) for text in texts):
        raise RecipeError(f'vary is {shown(given)}: give it as ["{EXAMPLE}"], or as {{"strength": [20, 40, 60]}}.')
    return [parse_axis(text) for text in texts]


def _axis_of(name: str, values: Any) -> Axis:
    known = require_known(name, VARIED, "setting that can be varied")
    if not isinstance(values, (list, tuple)) or not values:
        raise RecipeError(f"{known} is to be varied over {shown(values)}: give a list of values.")
    return _setting_axis(known, values)


def _setting_axis(name: str, values: Iterable[Any]) -> Axis:
    """Each value once, in the order in which they come."""
    checked = dict.fromkeys(check(name, value) for value in values)
    return Axis(name, tuple(checked), tuple(_label(name, value) for value in checked))


def plan_series(styles: Sequence[str], varied: Sequence[Axis], recipe: Recipe) -> Plan:
    """The cells of a series, those of a style behind one another.

    styles: their names; several are an axis of their own, the rows.  varied: axes of settings; of two of them the
    first goes across, the second down.
    Raises ImageError without a style, RecipeError for none or more than two axes, one axis twice, more than
    `MOST_CELLS` cells, and a recipe that can't be painted.
    """
    if not styles:
        raise ImageError("There is no style image yet: choose one, or drop one in.")
    axes = list(varied)
    if len(styles) > 1:
        axes.append(Axis(STYLES, tuple(range(len(styles))), tuple(map(_style_label, styles))))
    _check(axes)
    across, down = axes[0], axes[1] if len(axes) == 2 else None
    ordered = [down, across] if down else [across]
    in_a_row = len(across.values) if down else _in_a_row(len(across.values))
    cells = []
    for number, places in enumerate(product(*(range(len(axis.values)) for axis in ordered))):
        chosen = list(zip(ordered, places, strict=True))
        changes = {axis.name: axis.values[at] for axis, at in chosen}
        style = changes.pop(STYLES, 0)
        cell_recipe = recipe.changed(**changes)
        _require_no_start(cell_recipe)
        label = ", ".join(axis.labels[at] for axis, at in chosen)
        row, column = divmod(number, in_a_row)
        cells.append(Cell(number, row, column, style, cell_recipe, tuple(changes.items()), label))
    return Plan(tuple(styles), recipe, down, across, tuple(cells))


def _require_no_start(recipe: Recipe) -> None:
    if recipe.init == "image":
        raise RecipeError("init is image, but a series has none to start from: use another init.")


def _check(axes: Sequence[Axis]) -> None:
    names = [axis.name for axis in axes]
    if not axes:
        raise RecipeError(f"There is nothing to vary yet: give several styles, or a setting with values, {EXAMPLE}.")
    if twice := [name for name in names if names.count(name) > 1]:
        raise RecipeError(f"{twice[0]} is to be varied twice: put all of its values into one list.")
    if len(axes) > 2:
        raise RecipeError(f"{', '.join(names)} are to be varied, but a series has two directions: leave out one.")
    sizes = [len(axis.values) for axis in axes]
    if math.prod(sizes) > MOST_CELLS:
        product_text = " x ".join(map(str, sizes))
        counted = f"{product_text} = {math.prod(sizes)}" if len(sizes) == 2 else product_text
        raise RecipeError(f"{counted} pictures are too many for one series: {MOST_CELLS} are the most.")


def _in_a_row(cells: int) -> int:
    """Cells beside one another, in rows that are as even as can be."""
    return math.ceil(cells / math.ceil(cells / MOST_IN_A_ROW))


def _style_label(name: str) -> str:
    """A file's name as one reads it, which can be broken between words: "starry night"."""
    return shown_name(PurePath(name).stem.replace("_", " ").strip() or name)


def _label(name: str, value: Any) -> str:
    return f"{name.replace('_', ' ')} {written(value)}"


def written(value: Any) -> str:
    """A setting's value as one would type it."""
    if isinstance(value, tuple):
        return ",".join(map(written, value))
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)
