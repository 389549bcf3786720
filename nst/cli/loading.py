"""How modules are loaded by a command: without looking for garbage in what is to stay."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """No garbage is looked for in this block, nor later among what is there at its end.

    Modules make some 500,000 objects that all stay, and Python would go through them again and again while they come.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
