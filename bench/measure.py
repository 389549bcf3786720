"""Paint pairs, have the pictures judged and note the figures; what is in the ledger already is left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nst.painting.backbone import Backbone
from nst.painting.painting import stylize
from nst.pictures.writing import save_image
from nst.recipe import Recipe

from .judge import Judge
from .ledger import Ledger, Row
from .pairs import Pair, load_pair


@dataclass(frozen=True)
class Assignment:
    """One picture to paint.  label: what its row is called, fit for a folder's name."""

    label: str
    row: Row
    recipe: Recipe
    pair: Pair

    @property
    def name(self) -> str:
        """ "CONTENT-STYLE"."""
        return "-".join(self.pair)


def measure(
    ledger: Ledger,
    assignments: Sequence[Assignment],
    examples: Path,
    pictures: Path | None = None,
    *,
    open_backbone: Callable[[], Backbone] = Backbone.open,
    open_judge: Callable[[], Judge] = Judge,
) -> None:
    """In their order.  examples: holds content/ and style/.

    pictures: where the pictures are kept, as LABEL/CONTENT-STYLE.png: two folders for `python -m bench.blind`.  What is
    not there yet is painted again.
    open_backbone, open_judge: called only where something is to be painted.
    """
    files = [pictures / one.label / f"{one.name}.png" if pictures else None for one in assignments]
    missing = [
        (one, file)
        for one, file in zip(assignments, files, strict=True)
        if one.name not in one.row.each or (file and not file.is_file())
    ]
    if not missing:
        return
    backbone, judge = open_backbone(), open_judge()
    for number, (one, file) in enumerate(missing, 1):
        content, style = load_pair(*one.pair, examples)
        run = stylize(content, style, one.recipe, backbone=backbone)
        picture = run.result()
        assert run.latest is not None
        figures, seconds = judge(picture, content, style)._asdict(), run.latest.seconds
        if file:
            file.parent.mkdir(parents=True, exist_ok=True)
            save_image(picture, file)
        ledger.add(one.row, one.name, figures, seconds, str(backbone))
        print(f"{number}/{len(missing)}", one.label, one.name, end=" ")
        print(*(f"{name} {value:.3g}" for name, value in figures.items()), f"seconds {seconds:.3g}", flush=True)


def rows_of(assignments: Sequence[Assignment]) -> list[Row]:
    """Each row once, in their order; those without a picture are left out."""
    return [row for row in {id(one.row): one.row for one in assignments}.values() if row.each]
