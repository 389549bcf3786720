"""Where a job is, as a progress bar in words."""

from __future__ import annotations

from ..serving.job import Job, JobState
from ..serving.worker import Worker
from .languages import Words


def status_html(worker: Worker, job: Job, words: Words) -> str:
    """Its place in the line, or its step, speed and time left; the end in one sentence."""
    if job.state == "waiting":
        place = worker.place(job)
        few = {0: "status.next", 1: "status.one_ahead"}
        ahead = words(few[place]) if place in few else words("status.ahead", place=place)
        return bar_html(job.state, 0, words("status.waiting", ahead=ahead), words)
    if job.state == "failed":
        return bar_html(job.state, 0, words("status.failed"), words)
    if job.snapshot is None:
        key = "status.looking" if job.state == "running" else "status.stopped_before"
        return bar_html(job.state, 0, words(key), words)
    progress = job.snapshot.progress
    note = words.sentence(progress.note)
    if job.state == "running":
        width, height = progress.size
        sentence = words(
            "status.running", scale=progress.scale, scales=progress.scales, width=width, height=height,
            step=progress.step, steps=progress.steps, rate=f"{job.snapshot.rate:.1f}", time_left=progress.time_left,
        )  # fmt: skip
        if note:
            sentence = words("status.with_note", sentence=sentence, note=note)
        return bar_html(job.state, progress.done, sentence, words)
    seconds = f"{progress.seconds:.1f}"
    if job.state == "done":
        end = words("status.done", seconds=seconds)
    else:
        end = words("status.stopped", step=progress.iteration, steps=progress.iterations, seconds=seconds)
    return bar_html(job.state, progress.done, f"{end} {note}".rstrip(), words)


def spoken(job: Job, words: Words) -> str:
    """The same for those who listen: a sentence that is another one only when the job begins or ends."""
    return words(f"status.says_{job.state}")


def bar_html(state: JobState, done: float, sentence: str, words: Words) -> str:
    """A bar, full at 1, over a sentence, which is HTML.  state: for the title of the browser's tab."""
    percent, name = round(100 * done), words("status.progress")
    return (
        f'<div class="status" data-state="{state}"><div class="track" role="progressbar" aria-label="{name}" '
        f'aria-valuemin="0" aria-valuemax="100" aria-valuenow="{percent}" aria-valuetext="{sentence}">'
        f'<div class="done" style="width:{percent}%"></div></div><p>{sentence}</p></div>'
    )
