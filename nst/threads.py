"""How threads wait for one another: soon asleep, so that other programs on the same cores get on meanwhile."""

from __future__ import annotations

import os

WAITING = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME")
"""The variables that say how OpenMP's threads wait: for every OpenMP, for GNU's, and for LLVM's and Intel's."""

SPINS = 1000
"""How often GNU's threads look before they sleep: some tens of microseconds.  Sleeping at once costs a program that has
the cores to itself up to half as much time again; spinning three times as long costs two that share them more than
taking turns would.  `python -m bench.side_by_side --spins COUNT` shows it."""


def share_cores() -> None:
    """Have OpenMP's threads soon sleep while they wait, unless the user has said how they are to wait.

    Left alone they spin, for some milliseconds each time.  Where two programs compute on the same cores, a thread then
    spins for one that can't run because it does so; and a step has hundreds of such waits.

    OpenMP reads its variables once, when PyTorch loads it: this is for programs, as the first thing that they do.
    `import nst` does not do it, as a package has no say over the process that imports it.
    """
    if not any(name in os.environ for name in WAITING):
        os.environ["OMP_WAIT_POLICY"] = "PASSIVE"  # which GNU's OpenMP takes for no spinning at all
        os.environ["GOMP_SPINCOUNT"] = str(SPINS)  # but for this
