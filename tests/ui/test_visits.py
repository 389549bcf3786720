"""Whose painting is whose, and what becomes of it when the visitor turns away."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from nst.painting.backbone import Backbone
from nst.painting.painting import stylize
from nst.pictures.picture import Picture
from nst.recipe import Recipe
from nst.serving.job import Job
from nst.ui.visits import Visits


@pytest.fixture
def job(content: Picture, style: Picture, backbone: Backbone) -> Job:
    return Job(stylize(content, style, Recipe(size=32), backbone=backbone))


def from_session(session: str) -> gr.Request:
    request: Any = SimpleNamespace(session_hash=session)
    return request  # type: ignore[no-any-return]


def test_a_visitor_stops_nobody_elses_painting(job: Job) -> None:
    visits = Visits()
    with visits.begin(from_session("a")) as visit:
        visit.submitted(job)
        visits.stop(from_session("b"))
        assert not job.stop_requested
        visits.stop(from_session("a"))
        assert job.stop_requested


def test_a_stop_before_there_is_a_job_stops_it_when_it_comes(job: Job) -> None:
    visits = Visits()
    with visits.begin(from_session("a")) as visit:
        visits.stop(from_session("a"))
        visit.submitted(job)
    assert job.stop_requested


def test_who_turns_away_sees_something_else_instead(job: Job) -> None:
    visits = Visits()
    with visits.begin(from_session("a")) as visit:
        visit.submitted(job)
        visits.leave(from_session("a"), {"panel": "opening"})
    assert job.stop_requested
    assert visit.instead == {"panel": "opening"}


def test_a_painting_is_under_way_until_it_ends_or_its_visitor_turns_away() -> None:
    visits = Visits()
    with visits.begin(from_session("a")):
        assert visits.is_under_way(from_session("a"))
        assert not visits.is_under_way(from_session("b"))
    assert not visits.is_under_way(from_session("a"))
    with visits.begin(from_session("a")):
        visits.leave(from_session("a"), {"panel": "opening"})
        assert not visits.is_under_way(from_session("a"))


def test_a_visit_that_is_over_does_not_end_the_one_after_it(job: Job) -> None:
    visits = Visits()
    with visits.begin(from_session("a")):
        second = visits.begin(from_session("a"))
        visit = second.__enter__()
    visit.submitted(job)
    visits.stop(from_session("a"))
    assert job.stop_requested
    second.__exit__(None, None, None)
    visits.stop(from_session("a"))  # nothing is there to be stopped
