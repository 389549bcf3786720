"""What programs cost one another that paint on the same cores: `python -m bench.side_by_side [--sizes 64 256]`.

Seconds of a `fast` painting alone, and until both are done of two that begin at the same moment in two processes: with
threads that soon sleep while they wait, as the program has them (`nst.threads`), and with threads that spin, as GNU's
OpenMP has them if nobody says anything.  All four processes stay, so that neither imports nor the targets, which are
kept after a first painting, are in the times; rounds alternate, and medians are given.  Two that spin are timed once
and given up after --patience seconds.  The digests of all pictures of a size are compared.

Takes some minutes, and wants a quiet machine.
"""

from __future__ import annotations

import argparse
import json
import os
import select
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import IO, Any

SLEEPING: Mapping[str, str] = {}
SPINNING: Mapping[str, str] = {"GOMP_SPINCOUNT": "300000"}
"""What libgomp takes where neither this nor OMP_WAIT_POLICY is said."""

START_SECONDS = 120.0
"""How long a process may take to load, and to paint a first time alone."""


@dataclass
class Painter:
    """A process that paints when it is told to.

    backbone: what it paints with, in words.  digests: size -> SHA-256 of the pixels of all its pictures of that size.
    """

    process: subprocess.Popen[str]
    backbone: str
    digests: dict[int, set[str]] = field(default_factory=dict)

    def begin(self, size: int) -> None:
        assert self.process.stdin is not None
        print(size, file=self.process.stdin, flush=True)

    def end(self, size: int, until: float) -> bool:
        """Wait for the picture that was begun; False where it is not there at that moment of `time.monotonic`."""
        stdout = _stdout(self.process)
        if not select.select([stdout], [], [], max(0.0, until - time.monotonic()))[0]:
            return False
        digest = stdout.readline().strip()
        if not digest:
            raise RuntimeError("A process that was to paint has ended.")
        self.digests.setdefault(size, set()).add(digest)
        return True


def _stdout(process: subprocess.Popen[str]) -> IO[str]:
    assert process.stdout is not None
    return process.stdout


@contextmanager
def painter(variables: Mapping[str, str]) -> Iterator[Painter]:
    """A process that has loaded everything.  variables: all that is said there of how threads are to wait."""
    from nst.threads import WAITING

    environment = {name: value for name, value in os.environ.items() if name not in WAITING} | dict(variables)
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.side_by_side", "--painter"],
        env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield Painter(process, _stdout(process).readline().strip())
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            pipe.close()


def seconds_of(painters: list[Painter], size: int, patience: float = START_SECONDS) -> float | None:
    """From the moment at which all begin until the last is done; None where that takes longer than `patience`."""
    began = time.monotonic()
    for one in painters:
        one.begin(size)
    if not all(one.end(size, began + patience) for one in painters):
        return None
    return time.monotonic() - began


def measured(size: int, rounds: int, patience: float, waiting: Mapping[str, str] = SLEEPING) -> dict[str, Any]:
    """All figures of a size.  waiting: what is said of how threads wait, to those that are not to spin.

    Processes are its own, as two that spin for too long are ended.
    """
    with ExitStack() as stack:
        sleeping = [stack.enter_context(painter(waiting)) for _ in range(2)]
        spinning = [stack.enter_context(painter(SPINNING)) for _ in range(2)]
        for one in (*sleeping, *spinning):
            if seconds_of([one], size) is None:
                raise RuntimeError(f"A first painting of {size} px took longer than {START_SECONDS:g} s.")
        kinds = {"alone": sleeping[:1], "alone_spinning": spinning[:1], "two": sleeping}
        times: dict[str, list[float]] = {kind: [] for kind in kinds}
        for _ in range(rounds):
            for kind, painters in kinds.items():
                seconds = seconds_of(painters, size)
                if seconds is None:
                    raise RuntimeError(f"{size} px took longer than {START_SECONDS:g} s: is the machine busy?")
                times[kind].append(seconds)
        two_spinning = seconds_of(spinning, size, patience)
        medians = {kind: statistics.median(values) for kind, values in times.items()}
        digests = set().union(*(one.digests[size] for one in (*sleeping, *spinning)))
    return {
        "size": size,
        "on": sleeping[0].backbone,
        "seconds": {name: round(value, 2) for name, value in medians.items()},
        "two_spinning": f"over {patience:g}" if two_spinning is None else round(two_spinning, 2),
        "two_over_alone": round(medians["two"] / medians["alone"], 2),
        "alone_over_spinning": round(medians["alone"] / medians["alone_spinning"], 2),
        "same_pictures": len(digests) == 1,
    }


def paint() -> None:
    """What a painter does: for each line with a size, a picture, of which it prints the digest."""
    from nst.threads import share_cores

    share_cores()
    from nst.locations import EXAMPLES
    from nst.painting.backbone import Backbone
    from nst.painting.painting import stylize
    from nst.recipe import Recipe

    backbone = Backbone.open()
    print(backbone, flush=True)
    content, style = EXAMPLES / "content" / "colosseum.jpg", EXAMPLES / "style" / "starry_night.jpg"
    for line in sys.stdin:
        recipe = Recipe.preset("fast", size=int(line))
        print(stylize(content, style, recipe, backbone=backbone).result().digest, flush=True)


def main() -> int:
    """Measure, print and save; the exit code is 1 where the pictures differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[64, 256])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--patience", type=float, default=60, metavar="SECONDS", help="for two that spin")
    parser.add_argument(
        "--spins",
        type=int,
        metavar="COUNT",
        help="spin so often before sleeping, instead of as often as the program does",
    )
    parser.add_argument("--no-save", dest="save", action="store_false", help="only print")
    parser.add_argument("--painter", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.painter:
        paint()
        return 0
    waiting = SLEEPING if options.spins is None else {"GOMP_SPINCOUNT": str(options.spins)}
    rows = []
    for size in options.sizes:
        rows.append({"waiting": waiting, **measured(size, options.rounds, options.patience, waiting)})
        print(json.dumps(rows[-1]), flush=True)
    if options.save:
        from .results import save_results

        print(save_results("side_by_side", rows[0]["on"], rows))
    return 0 if all(row["same_pictures"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
