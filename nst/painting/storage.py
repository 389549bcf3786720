"""Room for feature maps that the memory has none for: files that are gone when nobody has them any more."""

from __future__ import annotations

import errno
import os
import tempfile

import torch
from torch import Tensor

from ..errors import OutOfMemoryError

IN_MEMORY = 1 << 26
"""Bytes up to which there is no file."""

ON_DISK = "/var/tmp"
"""Where it exists, temporary files that may be large lie on a disk there; /tmp may be memory."""


def stored(shape: tuple[int, int, int, int], dtype: torch.dtype) -> Tensor:
    """An empty NxCxHxW tensor on the CPU, channels-last, whose rows of all channels lie together.

    A large one is a file, which the system keeps in memory as far as it has any, and which goes with the tensor, or
    with the process: in the folder that TMPDIR names, else in `ON_DISK`, or in that for temporary files.
    Raises OutOfMemoryError where that has no room for it.
    """
    n, channels, height, width = shape
    count = n * channels * height * width
    small = count * dtype.itemsize <= IN_MEMORY
    flat = torch.empty(count, dtype=dtype) if small else _file_backed(count, dtype)
    return flat.view(n, height, width, channels).permute(0, 3, 1, 2)


def _file_backed(count: int, dtype: torch.dtype) -> Tensor:
    folder, size = _folder(), count * dtype.itemsize
    descriptor, name = tempfile.mkstemp(prefix="gramarye-", dir=folder)
    try:
        try:
            _reserve(descriptor, size)
        finally:
            os.close(descriptor)
        return torch.from_file(name, shared=True, size=count, dtype=dtype)
    except (OSError, RuntimeError) as error:
        raise OutOfMemoryError(
            f"This picture needs {size / 1e9:.1f} GB for a file in {folder!r}, which has no room for it ({error}): set "
            "TMPDIR to a folder on a larger disk, or choose a smaller size."
        ) from None
    finally:
        os.unlink(name)


def _folder() -> str:
    if not os.environ.get("TMPDIR") and os.path.isdir(ON_DISK) and os.access(ON_DISK, os.W_OK):
        return ON_DISK
    return tempfile.gettempdir()


def _reserve(descriptor: int, size: int) -> None:
    """Take the room now: a write into a file that the disk can't hold ends the process."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
        return
    free = os.fstatvfs(descriptor)
    if free.f_bavail * free.f_frsize < size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    os.truncate(descriptor, size)
