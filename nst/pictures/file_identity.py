"""Whether a file is still the one that it was; loads nothing heavy."""

from __future__ import annotations

from pathlib import Path

from ..errors import OutputError, shown

FileIdentity = tuple[int, int, int]


def identity_of(path: Path) -> FileIdentity | None:
    """What tells a file from another of the same name, and from itself when it was changed; None where there is none.

    A link counts as itself.  Raises OutputError for a name that no file can have.
    """
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OutputError(f"{shown(str(path))} can't be written: {reason}.") from None
    return status.st_dev, status.st_ino, status.st_mtime_ns
