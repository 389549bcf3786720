"""One photograph in many ways, one after another: how far that is, how long it takes yet, and all on a sheet."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image

from ..errors import CostError, ImageError, NstError
from ..painting.backbone import Backbone
from ..painting.painting import Painting, stylize
from ..painting.scene import Scene
from ..pictures.picture import Picture, Size, fit
from ..pictures.reading import load_image
from .axes import Cell, Plan, written
from .cost import Cost
from .limits import GRID, Limits
from .series_sheet import CELL, draw_sheet
from .speed import Speed
from .tolerated import let_go

MAX_STEM = 60
"""Characters of a picture's name, beside its number and what it is made with."""

TIMED_SIDE = 128
"""Pixels of the square whose steps are timed to foretell a series: pixels count there, and it takes a moment."""


class Series:
    """The pictures of a plan, as far as they are there.

    plan: what is to be painted.  content, styles: the files; the styles in the plan's order.  read: a file as a
    picture.  One content and one style are in memory at a time, and a thumbnail of each picture that is done; targets
    of a style are computed once as long as they fit `nst.painting.targets`.
    size: (width, height) in pixels of the largest picture.  Call it from one thread at a time.
    Raises ImageError for a content, or where there is no style, that can be read and painted.
    """

    def __init__(
        self,
        plan: Plan,
        content: Path,
        styles: Sequence[Path],
        backbone: Backbone,
        read: Callable[[Path], Picture] = load_image,
    ) -> None:
        self.plan = plan
        self._backbone, self._read = backbone, read
        self._content, self._styles = read(content), tuple(styles)
        self._style: tuple[int, Picture] | None = None
        self._done: dict[int, float] = {}
        self._thumbnails: dict[int, Image.Image] = {}
        self._failures: dict[int, str] = {}
        self._usable = self._some_style()
        paintings = [self._with_usable_style(cell) for cell in plan.cells]
        self._costs = [Cost.of(painting) for painting in paintings]
        self.size: Size = max((painting.size for painting in paintings), key=math.prod)

    def __len__(self) -> int:
        return len(self.plan.cells)

    @property
    def count_done(self) -> int:
        """Pictures that are there."""
        return len(self._done)

    @property
    def failures(self) -> dict[int, str]:
        """Number of a cell -> why it has no picture."""
        return dict(self._failures)

    def painting(self, cell: Cell) -> Painting:
        """The painting of a cell.  Raises ImageError for a style that can't be read or used."""
        return self._painting(cell, self._read_style(cell.style))

    def finish(self, cell: Cell, picture: Picture, seconds: float) -> None:
        """The picture of a cell is there.  seconds: that it took."""
        size = fit((picture.width, picture.height), CELL, upscale=True)
        self._thumbnails[cell.number] = Picture(picture.rgb).to_pil().resize(size, Image.Resampling.LANCZOS)
        self._done[cell.number] = seconds

    def fail(self, cell: Cell, error: NstError) -> None:
        """There is no picture of a cell, and the others go on."""
        let_go(error, self._backbone)
        self._failures[cell.number] = str(error)

    def thumbnail(self, cell: Cell) -> Image.Image | None:
        """The picture of a cell, at most `nst.serving.series_sheet.CELL` px; None where there is none."""
        return self._thumbnails.get(cell.number)

    def seconds_left(self, speed: Speed | None = None, *, running: float = 0.0) -> float | None:
        """What the cells take that are neither done nor failed; None where nothing is known of it yet.

        By the seconds of those that are done; before that by a speed, if it is known.  running: the share that is done
        of the cell that is being painted, 0 to 1.
        """
        weights = [speed.seconds(cost) if speed else cost.operations for cost in self._costs]
        open_cells = [weights[cell.number] for cell in self.plan.cells if not self._is_over(cell)]
        left = sum(open_cells) - running * (open_cells[0] if open_cells else 0.0)
        if not self._done:
            return left if speed else None
        return left * sum(self._done.values()) / sum(weights[number] for number in self._done)

    def require_within(self, limits: Limits) -> None:
        """CostError for a series that is reckoned to take longer than one painting may; it names the size that fits."""
        seconds = self.seconds_left(limits.speed)
        if limits.seconds is None or seconds is None or seconds <= limits.seconds or not limits.refuses:
            return
        raise CostError(
            f"This series of {len(self)} pictures would take about {seconds:.0f} s; the limit here is "
            f"{limits.seconds:.0f} s: {self._advice(limits)}."
        )

    def sheet(self, content: str) -> Image.Image:
        """All pictures that are there on one sheet.  content: the name of the photograph."""
        return draw_sheet(self.plan, self._thumbnails, self._failures, self.size, self.plan.in_all(content))

    def file_name(self, cell: Cell, content: str) -> str:
        """What the picture of a cell is called: "03-cat-waves-strength_20.png".  content: the photograph's name."""
        stems = "-".join(_plain(Path(name).stem) for name in (content, self.plan.styles[cell.style]))[:MAX_STEM]
        changes = "-".join(_plain(f"{name}_{written(value)}") for name, value in cell.changes)
        number = str(cell.number + 1).zfill(len(str(len(self))))
        return "-".join(filter(None, (number, stems, changes[:MAX_STEM]))) + ".png"

    def _advice(self, limits: Limits) -> str:
        """The largest size at which it fits; fewer pictures where none is."""
        longest, speed = max(self.size), limits.speed
        assert limits.seconds is not None
        assert speed is not None
        cells = self.plan.cells
        sizes_vary = len({cell.recipe.size for cell in cells}) > 1
        paintings = [self._with_usable_style(cell) for cell in cells]
        for size in () if sizes_vary else range(math.ceil(longest / GRID - 1) * GRID, longest // 4 - 1, -GRID):
            try:
                recipes = (cell.recipe.changed(size=size) for cell in cells)
                costs = [Cost.of(painting, recipe) for painting, recipe in zip(paintings, recipes, strict=True)]
            except ImageError:  # too small for this shape
                break
            if sum(map(speed.seconds, costs)) <= limits.seconds:
                return f"size {size} fits"
        return "use fewer pictures, a smaller size or fewer steps"

    def _is_over(self, cell: Cell) -> bool:
        return cell.number in self._done or cell.number in self._failures

    def _painting(self, cell: Cell, style: Picture) -> Painting:
        return stylize(self._content, style, cell.recipe, backbone=self._backbone)

    def _with_usable_style(self, cell: Cell) -> Painting:
        """To be reckoned with: a painting costs about the same in each style."""
        return self._painting(cell, self._read_style(self._usable))

    def _some_style(self) -> int:
        """The first that can be read and used; ImageError of the first one where none can."""
        first: ImageError | None = None
        for number in range(len(self._styles)):
            try:
                Scene(self.plan.recipe, None, (self._read_style(number),))
                return number
            except ImageError as error:
                first = first or error
        assert first is not None
        raise first

    def _read_style(self, number: int) -> Picture:
        if self._style is None or self._style[0] != number:
            self._style = None
            self._style = number, self._read(self._styles[number])
        return self._style[1]


def _plain(text: str) -> str:
    return re.sub(r"[^\w.-]+", "_", text).strip("_.")
