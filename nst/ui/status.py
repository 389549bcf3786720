"""Where a job is, as a progress bar in words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ..serving.job import Job, JobState
from ..serving.worker import Worker

_SPOKEN: Mapping[JobState, str] = MappingProxyType(
    {
        "waiting": "The painting waits for its turn.",
        "running": "The painting has begun.",
        "done": "The painting is done.",
        "stopped": "The painting is stopped.",
        "failed": "The painting has failed, and a message says why.",
    }
)


def status_html(worker: Worker, job: Job) -> str:
    """Its place in the line, or its step, speed and time left; the end in one sentence."""
    if job.state == "waiting":
        place = worker.place(job)
        ahead = {0: "You are next", 1: "One job is ahead of yours"}.get(place, f"{place} jobs are ahead of yours")
        return bar_html(job.state, 0, f"{ahead}. Yours starts by itself.")
    if job.state == "failed":
        return bar_html(job.state, 0, "The painting has failed.")
    if job.snapshot is None:
        return bar_html(
            job.state, 0, "Looking at the pictures …" if job.state == "running" else "Stopped before the first step."
        )
    progress = job.snapshot.progress
    if job.state == "running":
        width, height = progress.size
        sentence = (
            f"Scale {progress.scale} of {progress.scales} ({width}x{height}), "
            f"step {progress.step} of {progress.steps}, {job.snapshot.rate:.1f} it/s, {progress.time_left} left"
        )
        return bar_html(job.state, progress.done, f"{sentence}. {progress.note}" if progress.note else sentence)
    end = "Done" if job.state == "done" else f"Stopped at step {progress.iteration} of {progress.iterations}"
    return bar_html(job.state, progress.done, f"{end} in {progress.seconds:.1f} s. {progress.note}".rstrip())


def spoken(job: Job) -> str:
    """The same for those who listen: a sentence that is another one only when the job begins or ends."""
    return _SPOKEN[job.state]


def bar_html(state: JobState, done: float, sentence: str) -> str:
    """A bar, full at 1, over a sentence, which is HTML.  state: for the title of the browser's tab."""
    percent = round(100 * done)
    return (
        f'<div class="status" data-state="{state}"><div class="track" role="progressbar" aria-label="Progress" '
        f'aria-valuemin="0" aria-valuemax="100" aria-valuenow="{percent}" aria-valuetext="{sentence}">'
        f'<div class="done" style="width:{percent}%"></div></div><p>{sentence}</p></div>'
    )
