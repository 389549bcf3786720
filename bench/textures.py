"""How well textures are synthesized: `python -m bench.textures [--sizes 256 512] [--candidates NAME ...]`.

Makes each texture of examples/texture, which all have a structure, anew from noise with each candidate in turn, as a
square as large as the size, and has it judged against the texture (see `bench.judge`): means with 95 % intervals over
the textures.  The candidates are what version 0.3 did and today's default; the others are made where they are named, as
"wasserstein, all layers" takes ten times as long.  The seconds, a median, are of the run alone, without opening the
model.  With --pictures FOLDER, what is made is kept as LABEL/TEXTURE.png, and FOLDER/sheet_SIZE.png shows it: a row for
each texture, on the left the texture itself, then the candidates in their order.  A run that was cut short goes on
where it ended.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from PIL import Image

from export.earlier_recipes import VERSION_0_3
from export.sheets import below, beside
from nst.locations import EXAMPLES
from nst.painting.backbone import Backbone
from nst.painting.painting import Painting, synthesize
from nst.pictures.reading import load_image
from nst.pictures.writing import save_image, write_image
from nst.recipe import Recipe
from nst.taps import TAPS

from .judge import CONTENT_FIGURES, Figures
from .ledger import Ledger, Row
from .measure import Assignment, label_of, measure, rows_of
from .options import WHOLE, add_run_options
from .results import results_path
from .tables import cells, markdown

TEXTURES = ("brick", "pebbles", "weave", "wood", "text", "brush_strokes")
SIZES = (256, 512)

SHOWN_WIDTH = 1560
"""Pixels of the sheet that is kept in bench/results/."""

_BEFORE = {**VERSION_0_3, "content_weight": 0.0, "border": "wrap", "init": "random"}
"""What version 0.3 does for this task."""

CANDIDATES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "0.3": _BEFORE,
        "all layers": {**_BEFORE, "style_taps": TAPS},
        "wasserstein": {**_BEFORE, "style_statistic": "wasserstein"},
        "wasserstein, all layers": {**_BEFORE, "style_statistic": "wasserstein", "style_taps": TAPS},
        "default": {},
    }
)
"""Name -> what it changes in the recipe of the task "synthesize"."""

USUAL = ("0.3", "default")
"""Those that are made where none are named."""

SHOWN = tuple(name for name in Figures._fields if name not in CONTENT_FIGURES)


@dataclass(frozen=True)
class TextureAssignment(Assignment):
    """A texture to be made anew.  Its name is the texture's."""

    texture: str

    @property
    def name(self) -> str:
        return self.texture

    def painting(self, examples: Path, backbone: Backbone) -> Painting:
        """Of examples/texture."""
        return synthesize(load_image(texture_path(self.texture, examples)), self.recipe, backbone=backbone)


def main() -> None:
    """Make, judge, print and save; with a folder, keep the pictures there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), metavar="PX")
    parser.add_argument("--candidates", nargs="+", default=list(USUAL), choices=list(CANDIDATES))
    add_run_options(parser)
    options = parser.parse_args()
    ledger = Ledger("textures", ("size", "candidate"), any_version=options.any_version)
    assignments = list(assigned(ledger, options.sizes, options.candidates))
    measure(ledger, assignments, EXAMPLES, options.pictures, part=options.part)
    if options.part != WHOLE:
        return
    print(table(rows_of(assignments)))
    if options.pictures:
        for size in sorted(options.sizes):
            made = sheet(options.pictures, size, options.candidates)
            save_image(made, options.pictures / f"sheet_{size}.png")
        made.thumbnail((SHOWN_WIDTH, SHOWN_WIDTH), Image.Resampling.LANCZOS)
        write_image(made, results_path("textures").with_suffix(".webp"), "WEBP", quality=80, method=6)


def assigned(ledger: Ledger, sizes: Sequence[int], candidates: Sequence[str]) -> Iterator[TextureAssignment]:
    """Texture by texture, so that whatever else goes on meanwhile slows all candidates alike."""
    for texture in TEXTURES:
        for size in sizes:
            for name in candidates:
                recipe = Recipe.preset(task="synthesize", size=size, upscale=True, **CANDIDATES[name])
                row = ledger.row(recipe, size=size, candidate=name)
                yield TextureAssignment(label_of(name, size), row, recipe, texture)


def table(rows: Sequence[Row]) -> str:
    """One line for each size and candidate."""
    lines = [
        (row.key["size"], row.key["candidate"], *cells(row, SHOWN))
        for row in sorted(rows, key=lambda row: row.key["size"])
    ]
    return markdown(("size", "candidate", "textures", *SHOWN, "seconds"), lines)


def sheet(pictures: Path, size: int, candidates: Sequence[str], examples: Path = EXAMPLES) -> Image.Image:
    """What was kept of a size, each beside its texture, which is scaled to it: two textures in a row."""
    groups = []
    for texture in TEXTURES:
        made = [load_image(pictures / label_of(name, size) / f"{texture}.png") for name in candidates]
        original = load_image(texture_path(texture, examples)).resized((made[0].width, made[0].height))
        groups.append(beside([picture.to_pil().convert("RGB") for picture in (original, *made)]))
    return below([beside(pair) for pair in zip(groups[::2], groups[1::2], strict=True)])


def texture_path(texture: str, examples: Path) -> Path:
    """Where it lies."""
    return examples / "texture" / f"{texture}.jpg"


if __name__ == "__main__":
    main()
