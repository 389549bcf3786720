"""What a soak's verdict calls a broken promise, with samples that are made up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bench.soak.app import Sample
from bench.soak.prober import Probe
from bench.soak.tally import Tally
from bench.soak.verdict import Evidence, broken_promises, memory_under_load

REST = Sample(
    seconds=180, memory=800, threads=20, descriptors=30, locks=1, files=100, megabytes=5, scratch=1
)  # fmt: skip
SAMPLES = [replace(REST, seconds=float(second), memory=1000) for second in range(0, 1801, 3)]
KEPT = Evidence(
    cores=2,
    samples=SAMPLES,
    quiet=(replace(REST, seconds=0, memory=500), REST, replace(REST, seconds=1800)),
    probes=[Probe(0, "/", 0.2, ""), Probe(0, "/health", 0.01, "")],
    painted=100,
    wrong=0,
    first_wrong="",
    jobs=200,
    uploads=400,
    idle=3.0,
    tracebacks=0,
    exited=None,
)


def at_the_end(**changes: Any) -> Evidence:
    first, warm, end = KEPT.quiet
    return replace(KEPT, quiet=(first, warm, replace(end, **changes)))


def test_a_good_soak_breaks_no_promise() -> None:
    assert broken_promises(KEPT) == []


@pytest.mark.parametrize(
    ("evidence", "sentence"),
    [
        (replace(KEPT, exited=-9), "the app ended by itself, with exit code -9"),
        (replace(KEPT, painted=0), "no visitor got a picture"),
        (replace(KEPT, wrong=3, first_wrong="agent: no image"), "3 clients met with something wrong, the first: agent"),
        (replace(KEPT, idle=None), "jobs went on for more than 40 s after the last client had left"),
        (replace(KEPT, tracebacks=2), "there are 2 tracebacks in the app's log"),
        (replace(KEPT, probes=[]), "the page was never asked for"),
        (replace(KEPT, probes=[Probe(0, "/", 1.2, ""), Probe(0, "/", 1.5, "")]), "2 of 2 answers took longer than 1 s"),
        (replace(KEPT, probes=[Probe(0, "/", 10, "URLError: refused")]), "1 of 1 times the page did not answer"),
        (at_the_end(memory=881), "memory at rest grew from 800 to 881 MB"),
        (at_the_end(threads=33), "threads at rest grew from 20 to 33, and 32 are explained"),
        (at_the_end(descriptors=39), "open files at rest grew from 30 to 39"),
        (at_the_end(locks=2), "locks on files at rest grew from 1 to 2"),
        (at_the_end(scratch=2), "folders of jobs at rest grew from 1 to 2"),
        (at_the_end(files=3801), "temporary files grew from 100 to 3801, and 3800 are explained"),
    ],
)
def test_each_promise_can_be_broken(evidence: Evidence, sentence: str) -> None:
    (promise,) = broken_promises(evidence)
    assert promise.startswith(sentence)


@pytest.mark.parametrize(
    "evidence",
    [
        replace(KEPT, probes=[Probe(0, "/", 1.0, "")]),
        at_the_end(memory=880),
        at_the_end(threads=32),  # of two cores: asyncio's six threads, each with another of OpenMP's
        at_the_end(descriptors=38),
        at_the_end(files=3800),  # 400 uploads, 3 files of each of 200 jobs, and 1620 s of previews each 0.6 s
    ],
)
def test_what_is_explained_breaks_none(evidence: Evidence) -> None:
    assert broken_promises(evidence) == []


def test_memory_that_grows_slowly_under_load_is_seen() -> None:
    """From 1000 MB to 1300 in a straight line: at 15 % of the time it is 1045, at 95 % 1285."""
    samples = [replace(sample, memory=1000 + 300 * sample.seconds / 1800) for sample in SAMPLES]
    (promise,) = broken_promises(replace(KEPT, samples=samples))
    assert promise == "memory under load grew from 1045 to 1285 MB, to 1.23 times as much"


def test_memory_under_load_is_not_judged_by_single_moments() -> None:
    samples = [replace(sample, memory=5000) if sample.seconds in (270, 1800) else sample for sample in SAMPLES]
    assert memory_under_load(samples) == (1000, 1000)


def test_a_soak_that_ended_before_its_first_sample_is_judged_all_the_same() -> None:
    assert broken_promises(replace(KEPT, samples=[], exited=1)) == ["the app ended by itself, with exit code 1"]


def test_clients_are_counted_by_kind_and_by_how_they_fared() -> None:
    tally = Tally()
    for outcome in ("done", "done", "asked to come again"):
        tally.end("painting", outcome)
    for number in range(60):
        tally.wrong("nonsense", f"{number} was taken")
    assert tally.rows() == {"nonsense": {"WRONG": 60}, "painting": {"asked to come again": 1, "done": 2}}
    assert tally.wrong_count == 60
    assert len(tally.wrongs) == 50
