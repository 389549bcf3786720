"""`python -m bench.soak --minutes 30`: mixed clients against the running app, for so long.

Starts the app on this machine alone (NST_MODEL names the model; default: one of seeded random weights) and has visitors
paint, cancel, vanish, send nonsense and send too much, agents too where MCP is installed, while the page is asked for
every second.  After a tenth of the time, and at the end, all clients leave, and what the app takes at rest is compared.
Prints a table, writes bench/results/soak-MACHINE.json, and exits with 1 where a promise is broken.  Linux only.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from . import crowd
from .app import App, Sample, running_app
from .prober import PATHS, Probe, probes_in, probing
from .tally import Tally
from .verdict import IDLE_SECONDS, WARM_UP, Evidence, broken_promises, memory_under_load

SAMPLE_SECONDS = 3.0
SETTLE_SECONDS = 12.0
"""AnyIO ends threads that had nothing to do for 10 s."""

KEPT_SAMPLES = 200
"""In the results: more would tell no more."""


@dataclass(frozen=True)
class Soak:
    """evidence: for the verdict.  tally: what the clients saw.  backbone: what was painted with."""

    evidence: Evidence
    tally: Tally
    backbone: str


def soak(minutes: float, seed: int, folder: Path) -> Soak:
    """Run it.  folder: for all files of the app and of the clients."""
    tally, samples = Tally(), list[Sample]()
    with running_app(folder) as app, probing(app.url, folder / "probes.txt"):
        began, backbone = time.monotonic(), str(app.health()["backbone"])
        quiet = [app.sample(0)]
        counts: list[tuple[int, int]] = []
        idle: float | None = 0.0
        for part in (WARM_UP, 1 - WARM_UP):
            with _sampling(app, began, samples):
                crowd.come(app.url, tally, part * minutes * 60, seed + len(quiet))
            left = app.seconds_until_idle(IDLE_SECONDS)
            idle = None if idle is None or left is None else max(idle, left)
            time.sleep(SETTLE_SECONDS)
            quiet.append(app.sample(time.monotonic() - began) if app.alive else quiet[-1])
            counts.append((tally.jobs, tally.uploads))
        exited, log = app.process.poll(), app.log
    return Soak(
        Evidence(
            cores=os.cpu_count() or 1,
            samples=samples,
            quiet=(quiet[0], quiet[1], quiet[2]),
            probes=probes_in(folder / "probes.txt"),
            painted=tally.ends["painting", "done"],
            wrong=tally.wrong_count,
            first_wrong=next(iter(tally.wrongs), ""),
            jobs=counts[1][0] - counts[0][0],
            uploads=counts[1][1] - counts[0][1],
            idle=idle,
            tracebacks=log.count("Traceback"),
            exited=exited,
        ),
        tally,
        backbone,
    )


@contextmanager
def _sampling(app: App, began: float, samples: list[Sample]) -> Iterator[None]:
    """Add a sample each few seconds, on a thread."""
    over = threading.Event()

    def sample() -> None:
        while not over.wait(SAMPLE_SECONDS):
            with suppress(OSError):  # it may be gone: that is for the verdict
                samples.append(app.sample(time.monotonic() - began))

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def table(run: Soak) -> str:
    """What came of it, to read."""
    evidence = run.evidence
    lines = [f"{run.backbone}, {evidence.quiet[2].seconds / 60:.1f} minutes"]
    for kind, outcomes in run.tally.rows().items():
        lines.append(f"{kind:12} " + ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items()))
    for path, latencies in _latencies(evidence.probes).items():
        lines.append(f"{path:12} " + ", ".join(f"{name} {value:.3f} s" for name, value in latencies.items()))
    lines.append(f"{'':12} {'memory MB':>10} {'threads':>8} {'open files':>11} {'temporary files':>16}")
    for name, s in zip(("at first", "warmed up", "at the end"), evidence.quiet, strict=True):
        lines.append(f"{name:12} {s.memory:10.0f} {s.threads:8} {s.descriptors:11} {s.files:9} {s.megabytes:3.0f} MB")
    warm, end = memory_under_load(evidence.samples or evidence.quiet)
    lines.append(f"{'under load':12} {warm:.0f} MB after the warm-up, {end:.0f} MB at the end")
    lines += [f"wrong: {wrong}" for wrong in dict.fromkeys(run.tally.wrongs)]
    return "\n".join(lines)


def _latencies(probes: Sequence[Probe]) -> dict[str, dict[str, float]]:
    """path -> seconds: the median, what 99 of 100 keep within, and the most."""
    summary = {}
    for path in PATHS:
        seconds = sorted(probe.seconds for probe in probes if probe.path == path and not probe.error)
        if seconds:
            summary[path] = {
                "median": round(statistics.median(seconds), 4),
                "99 %": round(seconds[min(len(seconds) - 1, int(0.99 * len(seconds)))], 4),
                "most": round(seconds[-1], 4),
            }
    return summary


def rows(run: Soak, promises: list[str]) -> list[dict[str, Any]]:
    """For the results file."""
    evidence = run.evidence
    step = max(1, len(evidence.samples) // KEPT_SAMPLES)
    return [
        {"what": "verdict", "broken": promises, "wrong": run.tally.wrong_count, "first_wrongs": run.tally.wrongs},
        {"what": "clients", **run.tally.rows(), "jobs": run.tally.jobs, "uploads": run.tally.uploads},
        {"what": "answers", **_latencies(evidence.probes)},
        *({"what": "at rest", **asdict(sample)} for sample in evidence.quiet),
        *({"what": "under load", **asdict(sample)} for sample in evidence.samples[::step]),
    ]


def main() -> int:
    """Soak, print and save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=0, help="of what the clients do")
    parser.add_argument("--no-save", dest="save", action="store_false", help="only print")
    parser.add_argument("--log", type=Path, metavar="FILE", help="keep the app's log here")
    options = parser.parse_args()
    if not sys.platform.startswith("linux"):
        parser.error("what the app takes is read from /proc, which only Linux has")
    if not 0.5 <= options.minutes <= 24 * 60:
        parser.error(f"--minutes is {options.minutes:g}: half a minute to a day")
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        run = soak(options.minutes, options.seed, Path(name))
        if options.log:
            options.log.write_bytes((Path(name) / "log.txt").read_bytes())
    promises = broken_promises(run.evidence)
    print(table(run))
    print("\n".join(f"BROKEN: {promise}." for promise in promises) or "All promises were kept.")
    if options.save:
        from ..results import save_results

        print(save_results("soak", run.backbone, rows(run, promises)))
    return 1 if promises else 0


if __name__ == "__main__":
    sys.exit(main())
