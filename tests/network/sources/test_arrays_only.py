"""A pickle gives plain arrays of floats, or nothing at all."""

from __future__ import annotations

import pickle
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nst.network.sources.arrays_only import pickled_arrays
from tests.network.sources.bomb import Bomb


@pytest.mark.parametrize("protocol", [3, 4])
@pytest.mark.parametrize("kind", ["f2", "f4", "f8"])
def test_arrays_of_floats_come_back_as_they_were(protocol: int, kind: str) -> None:
    array = np.arange(24, dtype=kind).reshape(2, 3, 4)
    arrays = pickled_arrays(pickle.dumps({"outer": {"inner": array}}, protocol=protocol))
    np.testing.assert_array_equal(arrays["outer"]["inner"], array, strict=True)


class Calls:
    """A pickle of it calls a function by name when it is loaded."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> tuple[Any, ...]:
        return self.call


reconstruct = np._core.multiarray._reconstruct  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "value",
    [
        Calls(eval, "1 / 0"),
        Calls(reconstruct, np.matrix, (0,), b"b"),
        Calls(reconstruct, tarfile.TarFile, (0,), b"b"),
        Calls(np.ndarray, (1 << 30, 1 << 30)),
        Calls(np.dtype, "O"),
        np.array([None], dtype=object),
        np.array(["text"]),
        np.zeros(2, dtype=[("field", "f4")]),
        np.zeros(2, dtype=np.int64),
        np.float32(3),
        {1, 2}.__class__,
    ],
    ids=[
        "function",
        "_reconstruct of a subclass",
        "_reconstruct of another class",
        "huge array",
        "object type",
        "objects",
        "text",
        "fields",
        "integers",
        "scalar",
        "class",
    ],
)
def test_a_pickle_with_anything_but_arrays_of_floats_is_refused(value: Any) -> None:
    data = pickle.dumps({"other": value}, protocol=3)
    with pytest.raises((pickle.UnpicklingError, TypeError), match=r"it names|it holds|'NoneType'"):
        pickled_arrays(data)


def test_a_pickle_with_code_in_it_does_not_run_it(tmp_path: Path) -> None:
    with pytest.raises(pickle.UnpicklingError, match=r"it names posix\.mkdir|it names nt\.mkdir"):
        pickled_arrays(pickle.dumps({"arrays": Bomb(tmp_path / "boom")}))
    assert not (tmp_path / "boom").exists()
