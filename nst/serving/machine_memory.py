"""How much memory a machine has, and what is left of it for paintings beside the programs that make them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

SHARE_OF_MEMORY = 0.8
"""How much of a device's memory a painting may be reckoned to need."""

OWN_BYTES = 3e9
"""What the server takes of a machine's memory: PyTorch, the network, kept targets and features, pictures that wait."""

OWN_SHARE = 0.3
"""Or this share of it where the machine is small, as the server rarely takes all of that."""

COMMAND_BYTES = 1e9
"""What a command takes that paints one picture, and a worker of a pool: PyTorch, the network, ONNX Runtime."""

CGROUP_LIMITS = tuple(map(Path, ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")))
"""Where a container's system says how much memory it may use, in bytes."""


def machine_memory(limits: Iterable[Path] = CGROUP_LIMITS) -> float:
    """Bytes that this machine has, or that this container may use of them.  limits: files that may say so."""
    sizes = [float(os.sysconf("SC_PAGE_SIZE")) * os.sysconf("SC_PHYS_PAGES")]
    for path in limits:
        try:
            text = path.read_text().strip()
        except OSError:
            continue
        sizes += [float(text)] if text.isdigit() else []
    return min(sizes)


def memory_beside(memory: float, own_bytes: float) -> float:
    """Bytes that a painting may take of a machine's, where its program itself takes so many."""
    return SHARE_OF_MEMORY * memory - min(own_bytes, OWN_SHARE * memory)


def memory_of_one(memory: float, workers: int, *, beside_server: bool = False) -> float:
    """Bytes that a painting may take where several workers share a machine's memory, with the server perhaps."""
    left = memory - (min(OWN_BYTES, OWN_SHARE * memory) if beside_server else 0.0)
    return memory_beside(left / workers, COMMAND_BYTES)
