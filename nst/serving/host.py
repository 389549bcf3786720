"""Where the page is served: on one's own machine, on a Space, or on ZeroGPU; and what one painting may take there."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from .worker import Worker

SPACE_SECONDS = 600.0
"""The most that one painting may take on a Space: others wait for the same device meanwhile."""

OWN_BYTES = 3e9
"""What the program itself takes of a machine's memory: PyTorch, the network, kept targets, pictures that wait."""

CGROUP_LIMITS = tuple(map(Path, ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")))
"""Where a container's system says how much memory it may use, in bytes."""


def on_space() -> bool:
    """True on a Hugging Face Space of any hardware."""
    return "SPACE_ID" in os.environ


def on_zero_gpu() -> bool:
    """True on a Space whose hardware is ZeroGPU; read as `spaces.config` reads it."""
    return os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true")


def open_worker(
    path: Path,
    device: str = "auto",
    precision: str = "auto",
    capacity: int | None = None,
    seconds: float | None = None,
) -> Worker:
    """The worker for this place.

    path: the model file.  capacity: how many jobs may wait, default `nst.serving.queue.CAPACITY`.  seconds: the most
    that one painting may take; default: no limit on one's own machine, `SPACE_SECONDS` on a Space, the day's share on
    ZeroGPU.  Where there is a limit, the device is timed for some seconds, on the calling thread.
    Raises ModelError, DeviceError.
    """
    from .queue import CAPACITY

    capacity = CAPACITY if capacity is None else capacity
    if on_zero_gpu():
        from .zero_gpu import SECONDS, ZeroGpuWorker

        return ZeroGpuWorker(path, capacity=capacity, seconds=min(SECONDS, seconds or SECONDS))
    from ..painting.backbone import Backbone
    from .limits import Limits
    from .local import LocalWorker
    from .speed import Speed

    backbone = Backbone.open(path, device, precision)
    seconds = seconds or (SPACE_SECONDS if on_space() else None)
    limits = Limits(seconds, Speed.measured(backbone), usable_memory(backbone.compute.device)) if seconds else None
    return LocalWorker(backbone, capacity=capacity, limits=limits)


def usable_memory(device: torch.device) -> float | None:
    """Bytes that a painting may take on a device; None where nobody knows."""
    import torch

    from .limits import SHARE_OF_MEMORY

    if device.type == "cuda":
        return SHARE_OF_MEMORY * torch.cuda.get_device_properties(device).total_memory
    return SHARE_OF_MEMORY * machine_memory() - OWN_BYTES if device.type == "cpu" else None


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
