"""Paint, have the pictures judged and note the figures; what is in the ledger already is left out."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nst.painting.backbone import Backbone
from nst.painting.painting import Painting, stylize
from nst.pictures.writing import save_image
from nst.recipe import Recipe

from .judge import CONTENT_FIGURES, Judge
from .ledger import Ledger, Row
from .pairs import Pair, load_pair


@dataclass(frozen=True)
class Assignment(ABC):
    """One picture to paint.  label: what its row is called, fit for a folder's name."""

    label: str
    row: Row
    recipe: Recipe

    @property
    @abstractmethod
    def name(self) -> str:
        """What tells the picture from the others of its row, fit for a file's name."""

    @abstractmethod
    def painting(self, examples: Path, backbone: Backbone) -> Painting:
        """The picture, not yet begun, of what lies in the folder."""


@dataclass(frozen=True)
class PairAssignment(Assignment):
    """A content to be painted in a style.  Its name is "CONTENT-STYLE"."""

    pair: Pair

    @property
    def name(self) -> str:
        return "-".join(self.pair)

    def painting(self, examples: Path, backbone: Backbone) -> Painting:
        """Of examples/content and examples/style."""
        content, style = load_pair(*self.pair, examples)
        return stylize(content, style, self.recipe, backbone=backbone)


def measure(
    ledger: Ledger,
    assignments: Sequence[Assignment],
    examples: Path,
    pictures: Path | None = None,
    *,
    part: tuple[int, int] = (1, 1),
    open_backbone: Callable[[], Backbone] = Backbone.open,
    open_judge: Callable[[], Judge] = Judge,
) -> None:
    """In their order.  examples: holds the folders that the pictures are made of.

    What is made of no content has no figures against one.  What is missing in a row of another recipe or version stays
    missing: two recipes would be mixed in one row.
    pictures: where the pictures are kept, as LABEL/NAME.png: two folders for `python -m bench.blind`.  What is not
    there yet is painted again.
    part: (I, N): each N-th of all, from the I-th on.
    open_backbone, open_judge: called only where something is to be painted.
    """
    first, every = part
    assignments = assignments[first - 1 :: every]
    files = [pictures / one.label / f"{one.name}.png" if pictures else None for one in assignments]
    missing = [
        (one, file)
        for one, file in zip(assignments, files, strict=True)
        if one.name not in one.row.each or (file and not file.is_file())
    ]
    _tell_left_out([one for one, _ in missing if not one.row.is_made_by(one.recipe)])
    missing = [(one, file) for one, file in missing if one.row.is_made_by(one.recipe)]
    if not missing:
        return
    backbone, judge = open_backbone(), open_judge()
    for number, (one, file) in enumerate(missing, 1):
        run = one.painting(examples, backbone)
        picture = run.result()
        assert run.latest is not None
        seconds, style = run.latest.seconds, run.inputs["style"]
        figures = judge(picture, run.inputs.get("content", style), style)._asdict()
        if "content" not in run.inputs:
            figures = {name: value for name, value in figures.items() if name not in CONTENT_FIGURES}
        if file:
            file.parent.mkdir(parents=True, exist_ok=True)
            save_image(picture, file)
        ledger.add(one.row, one.name, figures, seconds, str(backbone))
        print(f"{number}/{len(missing)}", one.label, one.name, end=" ")
        print(*(f"{name} {value:.3g}" for name, value in figures.items()), f"seconds {seconds:.3g}", flush=True)


def _tell_left_out(assignments: Sequence[Assignment]) -> None:
    """A line for each row of another recipe or version."""
    for label, made_by in dict.fromkeys((one.label, one.row.made_by) for one in assignments):
        names = [one.name for one in assignments if one.label == label]
        print(f"{label} was made by {made_by}, so these are not painted:", *names, flush=True)


def rows_of(assignments: Sequence[Assignment]) -> list[Row]:
    """Each row once, in their order; those without a picture are left out."""
    return [row for row in {id(one.row): one.row for one in assignments}.values() if row.each]


def label_of(*key: object) -> str:
    """What a row is called whose key is this, fit for a folder's name."""
    return re.sub(r"[^a-z0-9.]+", "_", " ".join(map(str, key)).lower())
