"""How many paintings one visitor may have at a time."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from nst.errors import BusyError
from nst.ui.visitor_jobs import VisitorJobs


def request(session: str) -> Any:
    return SimpleNamespace(request=None, session_hash=session)


def test_the_third_is_refused_until_one_is_over() -> None:
    jobs = VisitorJobs()
    with jobs.one_more(request("a")):
        with jobs.one_more(request("a")):
            with pytest.raises(BusyError, match="You have 2 paintings running or waiting, and 2 are the most"):
                jobs.one_more(request("a")).__enter__()
            with jobs.one_more(request("b")):
                pass
        with jobs.one_more(request("a")):
            pass


def test_a_painting_that_fails_counts_no_more() -> None:
    jobs = VisitorJobs(most=1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), jobs.one_more(request("a")):
            raise ZeroDivisionError
