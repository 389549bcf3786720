"""Many pictures painted one after another, each content in each style: what is there already stays, what fails is told.

A picture that is there is known by what it holds: its recipe, and the digests of the network and of its inputs.  So
whatever ended a batch, the same batch goes on where that one was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..errors import CostError, DivergedError, ImageError, NstError, OutOfMemoryError, OutputError, shown
from ..painting.backbone import Backbone, shared_backbone
from ..painting.optimize import LiveProgress
from ..painting.painting import Painting, stylize
from ..painting.provenance import Provenance
from ..painting.shortage import release
from ..pictures.file_identity import FileIdentity, identity_of
from ..pictures.picture import Picture
from ..pictures.reading import load_image, reason
from ..pictures.writing import check_output, save_image
from ..recipe import Recipe
from .contact_sheet import ContactSheet
from .inputs import InputRole, Inputs
from .limits import Limits
from .pairs import Pair, require_no_start

ResultState = Literal["painted", "done before", "failed"]

ROLES: tuple[InputRole, ...] = ("content", "style")

TOLERATED = (ImageError, CostError, OutOfMemoryError, DivergedError)
"""What a pair can fail of while the others go on."""

Watch = Callable[[Painting], Iterable[LiveProgress]]


@dataclass(frozen=True)
class Result:
    """How it went with one pair.

    seconds: that the painting took.  note: what is to be said of it.  error: why it failed, and culprit: by which file,
    the content, the style, or the output where it is the pair that can't be painted or its place that is taken.
    """

    pair: Pair
    state: ResultState
    seconds: float = 0.0
    note: str = ""
    error: NstError | None = None
    culprit: Path | None = None


class Batch:
    """The pairs of a batch, painted one after another into one folder, with a contact sheet beside them.

    pairs: as `nst.serving.pairs.pair_up` gives them, at least one, all of one folder, which is made where it is not
    there.  recipe: default `Recipe()`.  backbone: default the shared one on the best device.  limits: what a painting
    may take, default all that it wants.
    Targets of a style are computed once as long as they fit `nst.painting.targets`.
    Raises OutputError where the pictures or the sheet can't be written, RecipeError for a recipe that wants an image to
    start from.
    """

    def __init__(
        self,
        pairs: Sequence[Pair],
        recipe: Recipe | None = None,
        backbone: Backbone | None = None,
        *,
        limits: Limits | None = None,
    ) -> None:
        self.pairs = tuple(pairs)
        self.recipe = recipe or Recipe()
        require_no_start(self.recipe)
        folder = self.pairs[0].output.parent
        _make_folder(folder)
        check_output(self.pairs[0].output)
        self.sheet = ContactSheet(folder, self.pairs, self.recipe)
        self.sheet.require_free()
        self.backbone = backbone or shared_backbone()
        self._limits = limits or Limits()
        self._inputs = Inputs(self.recipe, self.sheet.show_input)
        self._painting: Painting | None = None
        self._is_stopped = False

    def stop(self) -> None:
        """Ask it to end soon, from any thread: nothing is written of the picture that is being painted."""
        self._is_stopped = True
        if self._painting is not None:
            self._painting.stop()

    def results(self, watch: Watch = iter) -> Iterator[Result]:
        """How it went with each pair, as soon as that is known; fewer than there are pairs when it was stopped.

        watch: what a painting is iterated through, for whoever wants to see its steps.
        The sheet is written after each picture, and at the end, whatever that is.
        Raises OutputError when a picture can't be written, since the next ones could not either.
        """
        try:
            for pair in self.pairs:
                result = None if self._is_stopped else self._result(pair, watch)
                if result is None:
                    return
                if result.state == "failed":
                    self.sheet.show_failure(pair, str(result.error))
                if result.state == "painted":
                    self.sheet.write()
                yield result
        finally:
            self.sheet.write()

    def _result(self, pair: Pair, watch: Watch) -> Result | None:
        """None when it was stopped."""
        digests: dict[InputRole, str] = {}
        for role, path in zip(ROLES, (pair.content, pair.style), strict=True):
            try:
                digests[role] = self._inputs.digest(role, path)
            except ImageError as error:
                return _failure(pair, error, path)
        try:
            there = identity_of(pair.output)
            before = None if there is None else self._done_before(pair, digests)
        except OutputError as error:
            return _failure(pair, error)
        if before is not None:
            self.sheet.show(pair, before)
            return Result(pair, "done before")
        try:
            return self._painted(pair, there, watch)
        except TOLERATED as error:
            release(error)
            if isinstance(error, OutOfMemoryError):
                self.backbone.targets.forget()
            return _failure(pair, error)
        finally:
            self._painting = None

    def _done_before(self, pair: Pair, digests: dict[InputRole, str]) -> Picture | None:
        """The picture that is there, if it is the one that would be painted; None for an earlier one of both inputs.

        Raises OutputError for any other file.
        """
        try:
            picture = load_image(pair.output)
            made = Provenance.of(picture)
        except NstError:
            made = None
        if made is None or {role: digest for role, (_, digest) in made.inputs.items()} != digests:
            raise OutputError(
                f"{shown(str(pair.output))} is another file than a picture of these two, and stays: move it, or name "
                "another folder."
            )
        is_same = (made.recipe, made.network) == (self.recipe, self.backbone.model.digest)
        return picture if is_same and made.is_complete else None

    def _painted(self, pair: Pair, there: FileIdentity | None, watch: Watch) -> Result | None:
        content, style = self._inputs.picture("content", pair.content), self._inputs.picture("style", pair.style)
        painting = stylize(content, style, self.recipe, backbone=self.backbone)
        self._limits.check_beside_kept(painting)
        self._painting = painting
        if self._is_stopped:
            return None
        for _ in watch(painting):
            pass
        progress = painting.latest
        if progress is None or progress.iteration != progress.iterations:
            return None
        picture = painting.snapshot()
        assert picture is not None
        if identity_of(pair.output) != there:
            late = OutputError(f"{shown(str(pair.output))} was written by somebody else meanwhile, and stays.")
            return _failure(pair, late)
        save_image(picture, pair.output)
        self.sheet.show(pair, picture)
        return Result(pair, "painted", progress.seconds, progress.note)


def _failure(pair: Pair, error: NstError, culprit: Path | None = None) -> Result:
    """The error anew, as the one that came holds all that was in memory then."""
    return Result(pair, "failed", error=type(error)(str(error)), culprit=culprit or pair.output)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"The folder {shown(str(folder))} can't be made: {reason(error)}.") from None
