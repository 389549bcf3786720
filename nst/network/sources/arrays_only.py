"""Arrays out of a pickle, of which no code is run."""

from __future__ import annotations

import io
import pickle
from typing import Any

import numpy as np


def pickled_arrays(data: bytes) -> dict[str, Any]:
    """Nested dictionaries of float arrays in a pickle.

    Raises pickle.UnpicklingError when it names anything else, and whatever the unpickler raises for bytes that are no
    pickle.
    """
    arrays: dict[str, Any] = _ArraysOnly(io.BytesIO(data)).load()
    return arrays


class _ArraysOnly(pickle.Unpickler):
    """Admits plain arrays of floats and nothing else: a pickle may otherwise run any code."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("numpy", "ndarray"):
            return None  # only ever the first argument of _reconstruct
        if (module, name) == ("numpy", "dtype"):
            return _float_type
        if module in ("numpy.core.multiarray", "numpy._core.multiarray") and name == "_reconstruct":
            return _empty_array
        raise pickle.UnpicklingError(f"it names {module}.{name}, but only arrays are read")


def _float_type(code: str, *_: Any) -> np.dtype[Any]:
    if code not in ("f2", "f4", "f8"):
        raise pickle.UnpicklingError(f"it holds values of type {code!r}, but only floats are read")
    return np.dtype(code)


def _empty_array(*_: Any) -> np.ndarray[Any, Any]:
    """What numpy's _reconstruct returns for a plain array, before the pickle sets its shape, type and values."""
    return np.empty(0, "f4")
