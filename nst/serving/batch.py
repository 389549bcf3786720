"""Many pictures, each content in each style: what is there already stays, what fails is told.

A picture that is there is known by what it holds: its recipe, and the digests of the network and of its inputs.  So
whatever ended a batch, the same batch goes on where that one was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..errors import ImageError, NstError, OutputError, shown
from ..painting.backbone import Backbone, shared_backbone
from ..painting.painting import Painting, stylize
from ..painting.provenance import Provenance
from ..painting.shortage import release
from ..pictures.file_identity import FileIdentity, identity_of
from ..pictures.picture import Picture
from ..pictures.reading import load_image, reason
from ..pictures.writing import check_output, save_image
from ..recipe import Recipe
from .contact_sheet import ContactSheet
from .easel import Easel, LocalEasel, Watch
from .inputs import InputRole, Inputs
from .limits import Limits
from .pairs import Pair, require_no_start
from .tolerated import TOLERATED

ResultState = Literal["painted", "done before", "failed"]

ROLES: tuple[InputRole, ...] = ("content", "style")


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
    """The pairs of a batch, painted into one folder, with a contact sheet beside them.

    pairs: as `nst.serving.pairs.pair_up` gives them, at least one, all of one folder, which is made where it is not
    there.  recipe: default `Recipe()`.  backbone: default the shared one on the best device.  limits: what a painting
    may take, default all that it wants.  easel: what paints them, default this process, one after another; another
    one has limits of its own, and the network of the backbone.
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
        easel: Easel | None = None,
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
        self._easel = easel or LocalEasel(self.backbone, limits or Limits())
        self._inputs = Inputs(self.recipe, self.sheet.show_input)
        self._begun: dict[Painting, tuple[Pair, FileIdentity | None]] = {}
        self._is_stopped = False

    def stop(self) -> None:
        """Ask it to end soon, from any thread: nothing is written of the pictures that are being painted."""
        self._is_stopped = True
        self._easel.stop()

    def results(self, watch: Watch = iter) -> Iterator[Result]:
        """How it went with each pair, as soon as that is known; fewer than there are pairs when it was stopped.

        watch: what a painting of this process is iterated through, for whoever wants to see its steps.
        The sheet is written after each picture, and at the end, whatever that is.
        Raises OutputError when a picture can't be written, since the next ones could not either.
        """
        try:
            for result in self._results(watch):
                if result.state == "failed":
                    self.sheet.show_failure(result.pair, str(result.error))
                if result.state == "painted":
                    self.sheet.write()
                yield result
        finally:
            if self._begun:
                self.stop()
            self.sheet.write()

    def _results(self, watch: Watch) -> Iterator[Result]:
        for pair in self.pairs:
            if self._is_stopped:
                break
            if result := self._begin(pair, watch):
                yield result
            while not self._easel.is_free:
                yield from self._finished()
        while self._begun:
            yield from self._finished()

    def _begin(self, pair: Pair, watch: Watch) -> Result | None:
        """Have it painted, or say why that need not or can't be."""
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
            content, style = self._inputs.picture("content", pair.content), self._inputs.picture("style", pair.style)
            painting = stylize(content, style, self.recipe, backbone=self.backbone)
            self._easel.begin(painting, watch)
        except TOLERATED as error:
            release(error)
            return _failure(pair, error)
        self._begun[painting] = pair, there
        if self._is_stopped:
            self._easel.stop()
        return None

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

    def _finished(self) -> Iterator[Result]:
        """How it went with the next picture that is finished; nothing of one that was stopped."""
        finished = self._easel.finished()
        pair, there = self._begun.pop(finished.painting)
        if finished.error is not None:
            yield _failure(pair, finished.error)
        if finished.picture is None or finished.progress is None:
            return
        if identity_of(pair.output) != there:
            late = OutputError(f"{shown(str(pair.output))} was written by somebody else meanwhile, and stays.")
            yield _failure(pair, late)
            return
        save_image(finished.picture, pair.output)
        self.sheet.show(pair, finished.picture)
        yield Result(pair, "painted", finished.progress.seconds, finished.progress.note)


def _failure(pair: Pair, error: NstError, culprit: Path | None = None) -> Result:
    """The error anew, as the one that came holds all that was in memory then."""
    return Result(pair, "failed", error=type(error)(str(error)), culprit=culprit or pair.output)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"The folder {shown(str(folder))} can't be made: {reason(error)}.") from None
