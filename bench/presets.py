"""What each preset gives, and how long it takes: `python -m bench.presets`.

Paints pairs that no recipe was tuned on with fast and balanced, in turn, at 384 and 512 px, and has the pictures
judged (see `bench.judge`): means with 95 % intervals over the pairs.  The seconds, a median, are of the run alone,
without opening the model.  A run that was cut short goes on where it ended.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

from nst.locations import EXAMPLES
from nst.recipe import PresetName, Recipe

from .judge import Figures
from .ledger import Ledger, Row
from .measure import PairAssignment, measure, rows_of
from .options import WHOLE, add_options
from .pairs import UNSEEN, Pair
from .tables import cells, markdown

PRESETS: tuple[PresetName, ...] = ("fast", "balanced")
SIZES = (384, 512)


def main() -> None:
    """Paint, judge, print and save; with a folder, keep the pictures there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    add_options(parser)
    options = parser.parse_args()
    ledger = Ledger("presets", ("size", "preset"), any_version=options.any_version)
    assignments = list(assigned(ledger, options.sizes, UNSEEN[: options.pairs]))
    measure(ledger, assignments, EXAMPLES, options.pictures, part=options.part)
    if options.part != WHOLE:
        return
    print(table(rows_of(assignments)))


def assigned(ledger: Ledger, sizes: Sequence[int], pairs: Sequence[Pair]) -> Iterator[PairAssignment]:
    """Pair by pair, so that whatever else goes on meanwhile slows all presets alike."""
    for pair in pairs:
        for size in sizes:
            for preset in PRESETS:
                recipe = Recipe.preset(preset, size=size)
                row = ledger.row(recipe, size=size, preset=preset)
                yield PairAssignment(f"{preset}-{size}", row, recipe, pair)


def table(rows: Sequence[Row]) -> str:
    """One line for each size and preset."""
    lines = [
        (row.key["size"], row.key["preset"], *cells(row, Figures._fields))
        for row in sorted(rows, key=lambda row: row.key["size"])
    ]
    return markdown(("size", "preset", "pairs", *Figures._fields, "seconds"), lines)


if __name__ == "__main__":
    main()
