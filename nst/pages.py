"""How the memory of feature maps comes from the system: in large pages, as it is all written at once."""

from __future__ import annotations

import os

ASKED_BY = "THP_MEM_ALLOC_ENABLE"
"""The variable by which PyTorch on Linux asks for large pages, for tensors of 2 MB or more."""


def take_large_pages() -> None:
    """Have large tensors in pages of 2 MB where the system gives them, unless the user has said something else.

    At 512 px and more a feature map is too large for glibc to keep for the next one: each is taken from the system
    anew, 4 KB at a time, a hundred thousand times in a step.

    PyTorch reads the variable at its first large tensor: this is for programs, as `nst.threads.share_cores` is.
    """
    os.environ.setdefault(ASKED_BY, "1")
