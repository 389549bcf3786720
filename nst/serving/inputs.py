"""The pictures that a batch is made of: read when they are needed, known afterwards by what they showed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from ..errors import ImageError
from ..painting.scene import Scene, side_to_read
from ..painting.schedule import scale_sizes
from ..pictures.picture import Picture
from ..pictures.reading import load_image
from ..recipe import Recipe

InputRole = Literal["content", "style"]


class Inputs:
    """Contents and styles by their path, each checked as it is read.

    Only the last content and the last style are kept.  A file that can't be used is not read again.
    seen: told of each picture that is read.
    """

    def __init__(self, recipe: Recipe, seen: Callable[[Path, Picture], None]) -> None:
        self._recipe, self._seen = recipe, seen
        self._last: dict[InputRole, tuple[Path, Picture]] = {}
        self._digests: dict[tuple[InputRole, Path], str] = {}
        self._failures: dict[tuple[InputRole, Path], str] = {}

    def picture(self, role: InputRole, path: Path) -> Picture:
        """The picture.  Raises ImageError for one that can't be read or painted, in the same words each time."""
        if sentence := self._failures.get((role, path)):
            raise ImageError(sentence)
        if role in self._last and self._last[role][0] == path:
            return self._last[role][1]
        self._last.pop(role, None)
        try:
            picture = load_image(path, side_to_read(self._recipe))
            self._require_fit(role, picture)
        except ImageError as error:
            self._failures[role, path] = str(error)
            self._digests.pop((role, path), None)
            raise
        self._last[role] = path, picture
        self._digests[role, path] = picture.digest
        self._seen(path, picture)
        return picture

    def digest(self, role: InputRole, path: Path) -> str:
        """That of the picture, which is read for it once.  Raises ImageError as `picture` does."""
        if (role, path) not in self._digests:
            return self.picture(role, path).digest
        return self._digests[role, path]

    def _require_fit(self, role: InputRole, picture: Picture) -> None:
        """ImageError for what can't be painted whatever it is paired with."""
        if role == "content":
            scale_sizes(picture.width, picture.height, self._recipe)
        else:
            Scene(self._recipe, None, (picture,))
