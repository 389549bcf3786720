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
"""The most that one painting may take on a Space, and wherever others can reach the page: they wait for the same device
meanwhile."""

OWN_BYTES = 3e9
"""What the server takes of a machine's memory: PyTorch, the network, kept targets and features, pictures that wait."""

OWN_SHARE = 0.3
"""Or this share of it where the machine is small, as the server rarely takes all of that."""

COMMAND_BYTES = 1e9
"""What a command takes that paints one picture: PyTorch, the network, ONNX Runtime."""

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
    *,
    public: bool = False,
) -> Worker:
    """The worker for this place.  Everywhere a painting is refused that does not fit the device's memory.

    path: the model file.  capacity: how many jobs may wait, default `nst.serving.queue.CAPACITY`.  seconds: the most
    that one painting may take; default: no limit on one's own machine, `SPACE_SECONDS` on a Space and if `public`, as
    others can reach it; the day's share on ZeroGPU.  Where there is a limit, the device is timed for some seconds, on
    the calling thread.
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
    seconds = seconds or (SPACE_SECONDS if public or on_space() else None)
    limits = Limits(seconds, Speed.measured(backbone) if seconds else None, usable_memory(backbone.compute.device))
    return LocalWorker(backbone, capacity=capacity, limits=limits)


def usable_memory(device: torch.device, *, command: bool = False) -> float:
    """Bytes that a painting may take on a device.  command: it is painted by a command, not by the server.

    On Apple's chips the GPU shares the machine's memory.
    """
    import torch

    from .limits import SHARE_OF_MEMORY

    if device.type == "cuda":
        return SHARE_OF_MEMORY * torch.cuda.get_device_properties(device).total_memory
    memory = machine_memory()
    return SHARE_OF_MEMORY * memory - min(COMMAND_BYTES if command else OWN_BYTES, OWN_SHARE * memory)


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
