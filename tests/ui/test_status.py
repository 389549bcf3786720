"""What is said about a job."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from nst.ui.languages import ENGLISH
from nst.ui.status import spoken, status_html


class Line:
    """Stands in for a worker: every job has this place."""

    def __init__(self, place: int) -> None:
        self._place = place

    def place(self, job: Any) -> int:
        return self._place


def job(state: str, **progress: Any) -> Any:
    numbers = {
        "scale": 2,
        "scales": 5,
        "size": (181, 102),
        "step": 7,
        "steps": 148,
        "iteration": 207,
        "iterations": 599,
    }
    numbers |= {"done": 0.25, "seconds": 12.34, "time_left": "1:15", "note": ""}
    snapshot = SimpleNamespace(progress=SimpleNamespace(**numbers | progress), rate=8.04)
    return SimpleNamespace(state=state, snapshot=snapshot)


@pytest.mark.parametrize(
    ("place", "sentence"), [(1, "One job is ahead of yours."), (3, "3 jobs are ahead of yours."), (0, "You are next")]
)
def test_a_waiting_job_is_told_its_place(place: int, sentence: str) -> None:
    assert sentence in status_html(Line(place), SimpleNamespace(state="waiting", snapshot=None), ENGLISH)  # type: ignore[arg-type]


def test_a_running_job_says_scale_step_speed_and_time_left() -> None:
    html = status_html(Line(0), job("running"), ENGLISH)  # type: ignore[arg-type]
    assert "Scale 2 of 5 (181x102), step 7 of 148, 8.0 steps/s, 1:15 left" in html
    assert 'aria-valuenow="25"' in html
    assert "width:25%" in html


def test_the_end_is_one_sentence() -> None:
    assert ">Done in 12.3 s.<" in status_html(Line(0), job("done"), ENGLISH)  # type: ignore[arg-type]
    assert ">Stopped at step 207 of 599 in 12.3 s.<" in status_html(Line(0), job("stopped"), ENGLISH)  # type: ignore[arg-type]
    nothing = SimpleNamespace(state="stopped", snapshot=None)
    assert "Stopped before the first step." in status_html(Line(0), nothing, ENGLISH)  # type: ignore[arg-type]


def test_to_those_who_listen_nothing_is_said_between_the_start_and_the_end() -> None:
    steps = [spoken(job("running", step=step, time_left=f"0:{60 - step}"), ENGLISH) for step in (1, 2, 50)]
    assert set(steps) == {"The painting has begun."}
    ends = {state: spoken(job(state), ENGLISH) for state in ("done", "stopped", "failed")}
    assert all(state in sentence for state, sentence in ends.items())
    assert len({*steps, *ends.values(), spoken(job("waiting"), ENGLISH)}) == 5


@pytest.mark.parametrize(("state", "before"), [("running", "1:15 left."), ("done", "in 12.3 s.")])
def test_a_setback_is_told_with_everything_else(state: str, before: str) -> None:
    assert f"{before} It went back.<" in status_html(Line(0), job(state, note="It went back."), ENGLISH)  # type: ignore[arg-type]
