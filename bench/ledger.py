"""Figures of many pictures, kept after each, so that a measurement of hours goes on where it was cut short."""

from __future__ import annotations

import hashlib
import json
import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from nst.recipe import Recipe
from nst.version import VERSION

from .bootstrap import Estimate, mean_estimates
from .judge import Figures
from .results import RESULTS, results_path, save_results


@dataclass
class Row:
    """One way to paint.

    key, made_by: what tells it from the other rows; the latter is as `maker_of` gives it.
    each: of every pair, "CONTENT-STYLE", or texture, its figures by name, the same of each, and the seconds that
    the run took.
    """

    key: dict[str, Any]
    made_by: str
    each: dict[str, dict[str, float]] = field(default_factory=dict)

    def is_made_by(self, recipe: Recipe) -> bool:
        """Whether what this version paints with the recipe belongs into this row."""
        return self.made_by == maker_of(recipe)

    def means(self) -> dict[str, Estimate]:
        """Over the pairs, with intervals, of the figures that there are."""
        names = [name for name in Figures._fields if all(name in figures for figures in self.each.values())]
        values = [[figures[name] for name in names] for figures in self.each.values()]
        return dict(zip(names, mean_estimates(np.array(values)), strict=True))

    @property
    def seconds(self) -> float:
        """Of a run, the median."""
        return statistics.median(figures["seconds"] for figures in self.each.values())

    def to_json(self) -> dict[str, Any]:
        """With means and intervals, which are there to be read and are not read back."""
        means = self.means()
        return {
            **self.key,
            "made_by": self.made_by,
            "pairs": len(self.each),
            **{name: round(mean.value, 5) for name, mean in means.items()},
            "seconds": round(self.seconds, 2),
            "intervals": {name: [round(mean.low, 5), round(mean.high, 5)] for name, mean in means.items()},
            "each": self.each,
        }


class Ledger:
    """The rows of a measurement, as earlier runs on this machine left them and as this one adds to them."""

    def __init__(self, name: str, keys: tuple[str, ...], *, any_version: bool = False, folder: Path = RESULTS) -> None:
        """keys: names of what tells one row from another.

        any_version: a row counts whatever recipe and version it was made by, to be read: `measure` adds nothing to it.
        """
        self._name, self._any_version, self._folder = name, any_version, folder
        self._keys = keys
        self._rows = self._read()

    def _read(self) -> list[Row]:
        path = results_path(self._name, self._folder)
        kept = json.loads(path.read_text())["rows"] if path.is_file() else []
        return [
            Row({key: row[key] for key in self._keys}, row["made_by"], row["each"]) for row in kept if "made_by" in row
        ]

    def row(self, recipe: Recipe, **key: Any) -> Row:
        """The latest row of this key; an empty one where none is, or none that this recipe and version made.

        Rows of other recipes and versions stay in the file.
        """
        for row in reversed(self._rows):
            if row.key == key and (self._any_version or row.is_made_by(recipe)):
                return row
        self._rows.append(Row(key, maker_of(recipe)))
        return self._rows[-1]

    def add(self, row: Row, pair: str, figures: Mapping[str, float], seconds: float, on: str) -> None:
        """Note a pair's figures and save all rows, with what other processes have noted.  on: the backbone."""
        row.each[pair] = {**{name: round(value, 5) for name, value in figures.items()}, "seconds": round(seconds, 2)}
        self._folder.mkdir(exist_ok=True)
        path = results_path(self._name, self._folder)
        with FileLock(path.with_suffix(".lock")):
            for theirs in self._read():
                ours = [own for own in self._rows if (own.key, own.made_by) == (theirs.key, theirs.made_by)]
                if ours:
                    ours[0].each = {**theirs.each, pair: row.each[pair]} if ours[0] is row else theirs.each
                else:
                    self._rows.append(theirs)
            save_results(self._name, on, [row.to_json() for row in self._rows if row.each], self._folder)


def maker_of(recipe: Recipe) -> str:
    """This version, and a digest of the recipe."""
    return f"{VERSION} {hashlib.sha256(json.dumps(recipe.to_json()).encode()).hexdigest()[:16]}"
