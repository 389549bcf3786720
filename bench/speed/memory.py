"""Peak memory of steps, each time in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import torch

from nst.network.device import choose
from nst.painting.backbone import Backbone

from ..resident import peak_bytes
from .ours import our_steps
from .yardstick import Plain

MEMORY_SIZE = 1024

STEPS, GPU_STEPS = [2], [8]
"""Before the peak is read, unless one says how many; on a GPU the fourth step is recorded as a graph."""


def peak_of_another_process(which: str, device: str, steps: int) -> float:
    """MB, see `peak_memory`."""
    command = [sys.executable, "-m", "bench.speed", "--device", device]
    command += ["--peak", which, str(MEMORY_SIZE), str(steps)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(said.splitlines()[-1])


def peak_memory(which: str, device: str, size: int, steps: int) -> float:
    """MB at the most, of a process that makes so many steps, less what it had before them.

    which: "plain", or a precision of ours.  On a GPU of its memory, as PyTorch gave it out.
    PyTorch's L-BFGS remembers up to 100 steps, and takes their memory as they come; ours has all of it at the first.
    """
    precision = "fp32" if which == "plain" else which
    backbone = Backbone.open(device=device, precision=precision)
    before = _begun(backbone.compute.device)
    step = Plain(backbone, size).step if which == "plain" else our_steps(backbone, size)
    for _ in range(steps):
        step()
    return _peak(backbone.compute.device) - before


def default_steps(device: str) -> list[int]:
    """How many steps are made before the peak is read."""
    return GPU_STEPS if choose(device).device.type == "cuda" else STEPS


def _begun(device: torch.device) -> float:
    """MB that are taken now, from which on the peak counts."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    return _peak(device)


def _peak(device: torch.device) -> float:
    """MB at the most so far."""
    return (torch.cuda.max_memory_allocated(device) if device.type == "cuda" else peak_bytes()) / 1e6
