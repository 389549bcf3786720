"""How much style a recipe gives for how much content: `python -m bench.frontier [FOLDER]`.

Paints pairs of FOLDER/content and FOLDER/style at several content weights with each candidate, and has the pictures
judged by networks that took no part in painting them (see `bench.judge`).  "prototype C" is the recipe that the project
began with, Gram matrices and Adam; "0.3" and "0.4" are what was "balanced" then; what is named for a setting is
"balanced" with that one changed.  Each is painted at several content weights, the presets too.  Prints the means, and,
where two candidates have the same content figure, the ratio of the others, all with 95 % intervals over the pairs;
writes the figures to bench/results/, pair by pair, and a plot beside them.  A run that was cut short goes on where it
ended, and one with nothing left to do prints its tables.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from export.earlier_recipes import FAST_IN_0_4, PROTOTYPE, VERSION_0_3, VERSION_0_4
from nst.locations import EXAMPLES
from nst.recipe import PRESETS, Recipe
from nst.taps import ARTICLE_STYLE_TAPS

from .curves import LEVELS, ratios
from .judge import Figures
from .ledger import Ledger, Row
from .measure import PairAssignment, label_of, measure, rows_of
from .options import WHOLE, add_options
from .pairs import UNSEEN, Pair
from .results import results_path
from .tables import cells, markdown

SIZE = 384

_WEIGHTS = (0.02, 0.045, 0.1)

_WEIGHT_OF_0_3 = 0.036
"""Version 0.3's own content weight, 0.0265, as it counts at `SIZE` px today.

A weight grew with the size by the power 0.65 then and grows by 1.7 now (see `nst.painting.provenance` and
`Recipe.at_size`): 0.0265 * 0.75**0.65 = 0.0358 * 0.75**1.7.
"""

CANDIDATES: Mapping[str, tuple[Recipe, tuple[float, ...]]] = MappingProxyType(
    {
        "prototype C": (Recipe(**PROTOTYPE), (0.04, 0.12, 0.27)),
        "0.3": (Recipe(**VERSION_0_3), (0.02, _WEIGHT_OF_0_3, 0.1)),
        "0.4": (Recipe(**VERSION_0_4), _WEIGHTS),
        "fast in 0.4": (Recipe(**FAST_IN_0_4), _WEIGHTS),
        "balanced": (PRESETS["balanced"], _WEIGHTS),
        "fast": (PRESETS["fast"], _WEIGHTS),
        "140 and 46 steps": (PRESETS["balanced"].changed(first_steps=140, last_steps=46), _WEIGHTS),
        "twice the steps of 0.4": (
            Recipe(**{**VERSION_0_4, "first_steps": 400, "last_steps": 140, "tolerance": 0.0}),
            _WEIGHTS,
        ),
        "own content": (PRESETS["balanced"].changed(content_target="own"), _WEIGHTS),
        "the article's layers": (PRESETS["balanced"].changed(style_taps=ARTICLE_STYLE_TAPS), _WEIGHTS),
        "Gram": (PRESETS["balanced"].changed(style_statistic="gram"), _WEIGHTS),
        "Wasserstein": (PRESETS["balanced"].changed(style_statistic="wasserstein"), _WEIGHTS),
    }
)
"""Name -> its recipe, and the content weights that it is painted at."""

REFERENCE = "prototype C"
COMPARED = (*(name for name in Figures._fields if name != "content"), "seconds")
PLOTTED = ("style", "wasserstein", "patches", "color")


def main() -> None:
    """Paint, judge, print, save and plot."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=EXAMPLES)
    parser.add_argument("--candidates", nargs="+", default=list(CANDIDATES), choices=list(CANDIDATES))
    parser.add_argument("--against", default=REFERENCE, choices=list(CANDIDATES), help="whom the ratios are to")
    parser.add_argument("--size", type=int, default=SIZE, metavar="PX")
    add_options(parser)
    options = parser.parse_args()
    ledger = Ledger("frontier", ("candidate", "content_weight", "size"), any_version=options.any_version)
    pairs = UNSEEN[: options.pairs]
    asked = list(assigned(ledger, options.candidates, options.size, pairs))
    measure(ledger, asked, options.folder, options.pictures, part=options.part)
    if options.part != WHOLE:
        return
    reference = rows_of(list(assigned(ledger, [options.against], options.size, pairs)))
    print(means_table(rows_of(asked)), ratios_table(rows_of(asked), reference), sep="\n\n")
    plot(rows_of(asked), results_path("frontier").with_suffix(".svg"))


def assigned(ledger: Ledger, candidates: Sequence[str], size: int, pairs: Sequence[Pair]) -> Iterator[PairAssignment]:
    """Candidate by candidate, weight by weight."""
    for name in candidates:
        candidate, weights = CANDIDATES[name]
        for weight in weights:
            recipe = candidate.changed(size=size, content_weight=weight)
            row = ledger.row(recipe, candidate=name, content_weight=weight, size=size)
            label = label_of(name, weight, size)
            yield from (PairAssignment(label, row, recipe, pair) for pair in pairs)


def means_table(rows: Sequence[Row]) -> str:
    """One line for each candidate and weight."""
    lines = [(row.key["candidate"], row.key["content_weight"], *cells(row, Figures._fields)) for row in rows]
    return markdown(("candidate", "content weight", "pairs", *Figures._fields, "seconds"), lines)


def ratios_table(rows: Sequence[Row], reference: Sequence[Row]) -> str:
    """One line for each candidate and figure: the ratio to the reference's, at each content figure.

    Of crispness, for which 1 is best, it says no more than whose pictures are crisper.
    """
    if not reference:
        return "No ratios: the candidate that they are to was not painted at this size."
    against, lines = reference[0].key["candidate"], []
    for candidate, curve in by_candidate(rows).items():
        if candidate != against:
            compared = ratios(curve, reference, COMPARED)
            lines += [(candidate, figure, *estimates) for figure, estimates in compared.items()]
    return markdown((f"ratio to {against}", "figure", *(f"at content {level}" for level in LEVELS)), lines)


def by_candidate(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """In their order."""
    curves: dict[str, list[Row]] = {}
    for row in rows:
        curves.setdefault(row.key["candidate"], []).append(row)
    return curves


def plot(rows: Sequence[Row], path: Path) -> None:
    """Four figures against the content figure, a curve for each candidate."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "frontier"
    from matplotlib import pyplot as plt

    figure, grid = plt.subplots(2, 2, figsize=(11, 8), layout="constrained", sharex=True)
    for axes, name in zip(grid.flat, PLOTTED, strict=True):
        for candidate, curve in by_candidate(rows).items():
            means = [row.means() for row in curve]
            points = sorted((mean["content"].value, mean[name].value) for mean in means if name in mean)
            axes.plot(*zip(*points, strict=True), marker="o", label=candidate)
        axes.set(xlabel="content figure (LPIPS): less keeps more", ylabel=f"{name}: less is nearer", yscale="log")
    grid[0, 0].legend()
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    main()
