"""Which promises a soak has broken."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .app import Sample
from .prober import Probe

WARM_UP = 0.1
"""The share of the time after which memory is to have its size."""

GROWTH = 1.1
"""What memory at the end may be of that after the warm-up."""

ANSWER_SECONDS = 1.0
"""How long the page may take to answer while others paint."""

ASYNCIO_THREADS = 32
"""The most threads of asyncio's own pool, which stay once they are there."""

DESCRIPTORS = 8
"""How many more may be open when all is quiet: the prober's connection, and what the event loop has yet to close."""

FILES_PER_JOB = 3
"""What a job leaves for the client to fetch: the previews of its first and last step, and the result."""

PREVIEW_SECONDS = 0.6
"""One job paints at a time, and has a preview more each time that so many seconds are over."""

IDLE_SECONDS = 40.0
"""How long after the last client jobs may go on: a client that never listened is waited for for 15 s, and its job may
have come behind others."""


@dataclass(frozen=True)
class Evidence:
    """What a soak has seen.

    cores: of the machine.  samples: in their order, while clients came.  quiet: before all, after the warm-up and at
    the end, when no client was there.  painted: jobs of visitors that ended with the right picture.  wrong: clients
    that met with something that should not be, and first_wrong: what.  jobs: that were accepted, and uploads: files
    sent, between the second quiet and the third.  idle: seconds from the last client to the last job, None where there
    was no end.  exited: the app's exit code, if it ended by itself.
    """

    cores: int
    samples: Sequence[Sample]
    quiet: tuple[Sample, Sample, Sample]
    probes: Sequence[Probe]
    painted: int
    wrong: int
    first_wrong: str
    jobs: int
    uploads: int
    idle: float | None
    tracebacks: int
    exited: int | None


def broken_promises(evidence: Evidence) -> list[str]:
    """One sentence for each; none where all was kept."""
    return [*_jobs(evidence), *_memory(evidence), *_leaks(evidence), *_answers(evidence)]


def memory_under_load(samples: Sequence[Sample]) -> tuple[float, float]:
    """MB right after the warm-up and at the end, each a median over a tenth of the time, as jobs come and go."""
    end = samples[-1].seconds
    after_warm_up = [s.memory for s in samples if WARM_UP * end <= s.seconds <= 2 * WARM_UP * end]
    at_the_end = [s.memory for s in samples if s.seconds >= (1 - WARM_UP) * end]
    return statistics.median(after_warm_up or [samples[0].memory]), statistics.median(at_the_end)


def _jobs(evidence: Evidence) -> Iterator[str]:
    if evidence.exited is not None:
        yield f"the app ended by itself, with exit code {evidence.exited}"
    if not evidence.painted:
        yield "no visitor got a picture"
    if evidence.wrong:
        yield f"{evidence.wrong} clients met with something wrong, the first: {evidence.first_wrong}"
    if evidence.idle is None:
        yield f"jobs went on for more than {IDLE_SECONDS:g} s after the last client had left"
    if evidence.tracebacks:
        yield f"there are {evidence.tracebacks} tracebacks in the app's log"


def _memory(evidence: Evidence) -> Iterator[str]:
    before, after = memory_under_load(evidence.samples or evidence.quiet)
    if after > GROWTH * before:
        yield f"memory under load grew from {before:.0f} to {after:.0f} MB, to {after / before:.2f} times as much"
    _, warm, end = evidence.quiet
    if end.memory > GROWTH * warm.memory:
        yield f"memory at rest grew from {warm.memory:.0f} to {end.memory:.0f} MB"


def _leaks(evidence: Evidence) -> Iterator[str]:
    _, warm, end = evidence.quiet
    # AnyIO's threads go when they have nothing to do, asyncio's stay; each that has computed has a team of OpenMP's.
    threads = warm.threads + min(ASYNCIO_THREADS, evidence.cores + 4) * evidence.cores
    if end.threads > threads:
        yield f"threads at rest grew from {warm.threads} to {end.threads}, and {threads} are explained"
    if end.descriptors > warm.descriptors + DESCRIPTORS:
        yield f"open files at rest grew from {warm.descriptors} to {end.descriptors}"
    if end.locks > warm.locks:
        yield f"locks on files at rest grew from {warm.locks} to {end.locks}"
    if end.scratch > warm.scratch:
        yield f"folders of jobs at rest grew from {warm.scratch} to {end.scratch}"
    previews = (end.seconds - warm.seconds) / PREVIEW_SECONDS
    files = warm.files + evidence.uploads + FILES_PER_JOB * evidence.jobs + previews
    if end.files > files:
        yield f"temporary files grew from {warm.files} to {end.files}, and {files:.0f} are explained"


def _answers(evidence: Evidence) -> Iterator[str]:
    if not evidence.probes:
        yield "the page was never asked for"
        return
    failed = [probe for probe in evidence.probes if probe.error]
    slow = [probe for probe in evidence.probes if not probe.error and probe.seconds > ANSWER_SECONDS]
    if failed:
        yield f"{len(failed)} of {len(evidence.probes)} times the page did not answer, the first: {failed[0].error}"
    if slow:
        slowest = max(slow, key=lambda probe: probe.seconds)
        yield (
            f"{len(slow)} of {len(evidence.probes)} answers took longer than {ANSWER_SECONDS:g} s, at most "
            f"{slowest.seconds:.1f} s ({slowest.path})"
        )
