"""How threads wait for one another: asleep, so that other programs on the same cores get on meanwhile."""

from __future__ import annotations

import os

WAITING = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME")
"""The variables that say how OpenMP's threads wait: for every OpenMP, for GNU's, and for LLVM's and Intel's."""


def share_cores() -> None:
    """Have OpenMP's threads sleep while they wait for one another, unless the user has said how they are to wait.

    Left alone they spin, for some milliseconds each time.  Where two programs compute on the same cores, a thread then
    spins for one that can't run because it does so; and a step has hundreds of such waits.

    OpenMP reads its variables once, when PyTorch loads it: this is for programs, as the first thing that they do.
    `import nst` does not do it, as a package has no say over the process that imports it.
    """
    if not any(name in os.environ for name in WAITING):
        os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
