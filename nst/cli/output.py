"""What a command may write: its output, which is no input, and previews, which replace no file but their own."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import OutputError

if TYPE_CHECKING:
    from ..pictures.picture import Picture


def require_no_input(output: Path, inputs: Iterable[Path]) -> None:
    """OutputError when the output is one of the inputs, under whatever name."""
    for path in inputs:
        with suppress(OSError, ValueError):  # one of them does not exist, or can't
            if output.samefile(path):
                raise OutputError(
                    f"{str(output)!r} is an input, and the picture would take its place: name another file with -o."
                )


class Preview:
    """A picture beside the output, OUT.preview, that shows how far it has come, and goes when that is done."""

    def __init__(self, output: Path) -> None:
        self.path = output.with_name(f"{output.stem}.preview{output.suffix}")
        self._written: tuple[int, ...] | None = None

    def require_free(self) -> None:
        """OutputError when a file of that name is there that was not written here."""
        there = _identity(self.path)
        if there is not None and there != self._written:
            raise OutputError(
                f"The preview {str(self.path)!r} would take the place of a file that this run did not write: "
                "move that one, or name another output with -o."
            )

    def save(self, picture: Picture) -> None:
        """Write it, or replace the one before.  Raises OutputError."""
        from ..pictures.writing import save_image

        self.require_free()
        save_image(picture, self.path)
        self._written = _identity(self.path)

    def remove(self) -> None:
        """Delete it, if it was written here and is still that one."""
        with suppress(OSError):
            if self._written is not None and _identity(self.path) == self._written:
                self.path.unlink()


def _identity(path: Path) -> tuple[int, ...] | None:
    """What tells a file from another of the same name; None where there is none.  OutputError for impossible names."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OutputError(f"{str(path)!r} can't be written: {reason}.") from None
    return status.st_dev, status.st_ino, status.st_mtime_ns
