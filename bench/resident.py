"""Memory of this process that is really there."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

ACCOUNT = Path("/proc/self/status")
"""The kernel's own account, on Linux."""


def resident_bytes(name: str, account: Path = ACCOUNT) -> int:
    """By the kernel's account: "VmRSS" now, "VmHWM" at the peak."""
    lines = account.read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


def peak_bytes(account: Path = ACCOUNT) -> int:
    """At the most so far: by the kernel's account where there is one, as that of getrusage begins with the parent's."""
    if account.is_file():
        return resident_bytes("VmHWM", account)
    # in KiB, but on macOS, where it is in bytes
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
