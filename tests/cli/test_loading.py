"""What is loaded is not looked through for garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from nst.cli.loading import uncollected


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_nothing_is_collected_in_it_and_what_is_there_at_its_end_stays() -> None:
    frozen = gc.get_freeze_count()
    with uncollected():
        assert not gc.isenabled()
        made: list[list[int]] = [[] for _ in range(1000)]
    assert gc.isenabled()
    assert gc.get_freeze_count() - frozen > len(made)


def test_it_collects_again_after_an_error() -> None:
    with pytest.raises(ModuleNotFoundError), uncollected():
        raise ModuleNotFoundError("no such module")
    assert gc.isenabled()
