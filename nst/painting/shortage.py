"""A lack of memory, on a GPU or not, as one sentence instead of what PyTorch says."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from ..errors import OutOfMemoryError


@contextmanager
def plainly_short_of_memory() -> Iterator[None]:
    """Raises OutOfMemoryError for what PyTorch, Python or ONNX Runtime raise when there is no memory left."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not _is_lack_of_memory(error):
            raise
        raise OutOfMemoryError(
            "There is not enough memory for this picture: use a smaller size, fewer or shallower taps, or bf16."
        ) from error


def release(error: BaseException | None) -> None:
    """Let go of what the frames of an error hold: after a lack of memory, that is all there was."""
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


def _is_lack_of_memory(error: Exception) -> bool:
    """PyTorch has a class for a full GPU, but for a full CPU only words."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return "can't allocate memory" in str(error) or "not enough memory" in str(error)
