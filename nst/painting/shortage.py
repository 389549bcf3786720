"""A lack of memory, on a GPU or not, as one sentence instead of what PyTorch says."""

from __future__ import annotations

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


def _is_lack_of_memory(error: Exception) -> bool:
    """PyTorch has a class for a full GPU, but for a full CPU only words."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return "can't allocate memory" in str(error) or "not enough memory" in str(error)
