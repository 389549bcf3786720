"""Checkpoints that somebody has changed."""

from __future__ import annotations

import io
from collections.abc import Callable

from torch import Tensor

from nst.painting.tensor_file import TensorFile, write_tensors


def tampered(data: bytes, change: Callable[[dict[str, str], dict[str, Tensor]], None]) -> bytes:
    """The same with other texts or tensors, and the checksum that goes with these."""
    file = TensorFile(io.BytesIO(data))
    texts, tensors, changed = file.metadata, file.tensors(), io.BytesIO()
    change(texts, tensors)
    write_tensors(changed, texts, tensors)
    return changed.getvalue()
