"""The page on Ray: what clients see of it is what they see of the engine in one process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from tests.ray_processes import Marked, needs_ray
from tests.ui.conftest import Server, serving
from tests.ui.test_api import (  # noqa: F401  # pytest runs them here again, with the server of this module
    client,
    local,
    pictures,
    test_a_client_that_vanishes_frees_the_device,
    test_cancelling_frees_the_device_and_the_next_job_runs,
    test_eight_at_once_each_get_their_own_or_hear_that_it_is_full,
    test_exactly_these_endpoints_are_shown,
    test_results_equal_the_python_api,
    test_streaming_shows_the_picture_grow,
    test_the_two_sub_problems_equal_the_python_api,
)
from tests.waiting import until

pytestmark = needs_ray


@pytest.fixture(scope="module")
def server(random_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`python app.py` with room for four waiting jobs, and one painter, which has all cores."""
    marked, monkeypatch = Marked(), pytest.MonkeyPatch()
    options = ("--workers", "1", "--room", "4", "--no-mcp")
    for name, value in {"NST_ENGINE": "ray", "NST_MODEL": str(random_model), **marked.variables}.items():
        monkeypatch.setenv(name, value)
    with serving(tmp_path_factory.mktemp("server"), *options) as server:
        monkeypatch.undo()
        yield server
    log = server.log.read_text()
    assert "1 worker on Ray (cpu in" in log
    assert "Traceback" not in log
    assert log.rstrip().endswith("Stopped.")
    until(lambda: not marked.alive())


@pytest.fixture(scope="module", autouse=True)
def _as_many_threads_as_the_painter() -> Iterator[None]:
    """Sums of another number of threads are rounded in another order."""
    threads = torch.get_num_threads()
    torch.set_num_threads(os.cpu_count() or 1)
    yield
    torch.set_num_threads(threads)
