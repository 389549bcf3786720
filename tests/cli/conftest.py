"""Processes that a test starts end with it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cli.support import end_all


@pytest.fixture(autouse=True)
def _no_process_is_left() -> Iterator[None]:
    yield
    end_all()
