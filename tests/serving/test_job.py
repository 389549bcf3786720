"""What those who wait see of a painting, and in which order its states follow."""

from __future__ import annotations

from collections.abc import Callable

from nst.errors import BusyError
from nst.serving.execution import End, Report, Snapshot, execute
from nst.serving.job import Job
from tests.serving.support import WatchedPainting


def reported(painting: WatchedPainting) -> tuple[list[Snapshot], End]:
    """What a worker would report of it, step by step."""
    *reports, end = execute(painting, interval=0.0)
    assert isinstance(end, End)
    return [report for report in reports if isinstance(report, Snapshot)], end


def test_a_job_waits_runs_and_is_done(paint: Callable[..., WatchedPainting]) -> None:
    snapshots, end = reported(paint())
    job = Job(paint())
    assert (job.state, job.snapshot, job.picture, job.finished) == ("waiting", None, None, False)
    assert job.begin()
    assert job.state == "running"
    for snapshot in snapshots:
        job.take(snapshot)
        assert job.snapshot is snapshot
        assert job.picture is snapshot.picture
    assert job.losses == [(i, snapshot.losses) for i, snapshot in enumerate(snapshots, 1)]
    assert not job.wait(0)
    job.take(end)
    assert job.wait(0)
    assert job.finished
    assert (job.state, job.picture, job.error) == ("done", end.picture, None)


def test_the_time_lapse_is_gathered_from_all_reports(paint: Callable[..., WatchedPainting]) -> None:
    snapshots, end = reported(paint())
    job = Job(paint())
    reports: list[Report] = [*snapshots, end]
    for report in reports:
        job.take(report)
    assert job.time_lapse is not None
    assert len(job.time_lapse.frames) == 3
    assert Job(paint(), filmed=False).time_lapse is None


def test_a_waiting_job_that_is_stopped_is_over_and_never_begins(paint: Callable[..., WatchedPainting]) -> None:
    job = Job(paint())
    job.stop()
    assert job.finished
    assert (job.state, job.picture) == ("stopped", None)
    assert not job.begin()
    assert list(job.painting) == []


def test_a_running_job_that_is_stopped_is_over_when_the_worker_says_so(paint: Callable[..., WatchedPainting]) -> None:
    (snapshot, *_), _ = reported(paint())
    job = Job(paint())
    job.begin()
    job.take(snapshot)
    job.stop()
    assert job.stop_requested
    assert not job.finished
    job.take(End("stopped"))
    assert job.finished
    assert (job.state, job.picture) == ("stopped", snapshot.picture)


def test_a_job_that_fails_says_why_and_keeps_what_it_reached(paint: Callable[..., WatchedPainting]) -> None:
    (snapshot, *_), _ = reported(paint())
    job, error = Job(paint()), BusyError("no")
    job.begin()
    job.take(snapshot)
    job.fail(error)
    assert (job.state, job.error, job.picture) == ("failed", error, snapshot.picture)


def test_nothing_changes_in_a_job_that_is_over(paint: Callable[..., WatchedPainting]) -> None:
    snapshots, end = reported(paint())
    job = Job(paint())
    job.stop()
    job.fail(BusyError("late"))
    late: list[Report] = [*snapshots, end]
    for report in late:
        job.take(report)
    assert (job.state, job.error, job.picture, job.snapshot, job.losses) == ("stopped", None, None, None, [])


def test_a_job_whose_painter_is_gone_waits_with_what_it_had_at_its_checkpoint(
    paint: Callable[..., WatchedPainting],
) -> None:
    snapshots, _ = reported(paint())
    job = Job(paint())
    assert job.begin()
    for snapshot in snapshots:
        job.take(snapshot)
    job.wait_again(iteration=2, frames=2)
    assert (job.state, job.resumed_after, job.snapshot) == ("waiting", [2], snapshots[2])
    assert [iteration for iteration, _ in job.losses] == [1, 2]
    assert job.time_lapse is not None
    assert len(job.time_lapse.frames) == 2
    assert job.begin()
    job.stop()
    assert not job.finished
    job.wait_again(iteration=2, frames=2)
    assert (job.state, job.finished) == ("stopped", True)
