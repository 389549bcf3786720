"""Where the page is served: on one's own machine, on a Space, or on ZeroGPU; and what one painting may take there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from .engine import LOCAL, Engine
from .machine_memory import COMMAND_BYTES, OWN_BYTES, SHARE_OF_MEMORY, machine_memory, memory_beside

if TYPE_CHECKING:
    import torch

    from .worker import Worker

SPACE_SECONDS = 600.0
"""The most that one painting may take on a Space, and wherever others can reach the page: they wait for the same device
meanwhile."""


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
    engine: Engine = LOCAL,
) -> Worker:
    """The worker for this place.  Everywhere a painting is refused that does not fit the device's memory.

    path: the model file.  capacity: how many jobs may wait, default `nst.serving.queue.CAPACITY`.  seconds: the most
    that one painting may take; default: no limit on one's own machine, `SPACE_SECONDS` on a Space and if `public`, as
    others can reach it; the day's share on ZeroGPU.  Where there is a limit, the device is timed for some seconds, on
    the calling thread.  engine: "ray" has each painting computed in a process of its own, several at a time, wherever
    that is.
    Raises ModelError, DeviceError, EngineError.
    """
    from .queue import CAPACITY

    capacity = CAPACITY if capacity is None else capacity
    if engine.name == "ray":
        from .ray_worker import RayWorker

        seconds = seconds or (SPACE_SECONDS if public or on_space() else None)
        return RayWorker.open(path, device, precision, engine, capacity=capacity, seconds=seconds)
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

    if device.type == "cuda":
        return SHARE_OF_MEMORY * torch.cuda.get_device_properties(device).total_memory
    return memory_beside(machine_memory(), COMMAND_BYTES if command else OWN_BYTES)
