"""Where the page is served: on one's own machine, on a Space, or on ZeroGPU; and what one run may take there."""

from __future__ import annotations

import os
from pathlib import Path

from .engine import ROOM, Engine

SPACE_SECONDS = 600.0
"""The most that one run may take on a Space: others wait for the same device meanwhile."""

SHARE_OF_MEMORY = 0.8
"""How much of a device's memory a run may be reckoned to need."""

OWN_BYTES = 3e9
"""What the program itself takes of a machine's memory: PyTorch, the network, kept targets, pictures that wait."""

_CGROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def on_space() -> bool:
    """True on a Hugging Face Space of any hardware."""
    return "SPACE_ID" in os.environ


def on_zero_gpu() -> bool:
    """True on a Space whose hardware is ZeroGPU; read as `spaces.config` reads it."""
    return os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true")


def open_engine(
    path: Path, device: str = "auto", precision: str = "auto", room: int | None = None, seconds: float | None = None
) -> Engine:
    """The engine for this place.

    path: the model file.  room: how many jobs may wait, default `ROOM`.  seconds: the most that one run may
    take; default: no limit on one's own machine, `SPACE_SECONDS` on a Space, the day's share on ZeroGPU.
    Where there is a limit, the device is timed for some seconds, on the calling thread.
    Raises ModelError, DeviceError.
    """
    room = ROOM if room is None else room
    if on_zero_gpu():
        from .zero_gpu import SECONDS, ZeroEngine

        return ZeroEngine(path, room=room, seconds=min(SECONDS, seconds or SECONDS))
    from ..painting.backbone import Backbone
    from .cost import Limits, Speed

    backbone = Backbone.open(path, device, precision)
    seconds = seconds or (SPACE_SECONDS if on_space() else None)
    limits = seconds and Limits(seconds, Speed.measured(backbone), usable_memory(backbone.compute.device.type))
    return Engine(backbone, room=room, limits=limits or None)


def usable_memory(device: str) -> float | None:
    """Bytes that a run may take on a device ("cpu", "cuda" or "mps"); None where nobody knows."""
    import torch

    if device == "cuda":
        return SHARE_OF_MEMORY * torch.cuda.get_device_properties(0).total_memory
    return SHARE_OF_MEMORY * machine_memory() - OWN_BYTES if device == "cpu" else None


def machine_memory() -> float:
    """Bytes that this machine has, or that this container may use of them."""
    found = [float(os.sysconf("SC_PAGE_SIZE")) * os.sysconf("SC_PHYS_PAGES")]
    for name in _CGROUP_LIMITS:
        try:
            text = Path(name).read_text().strip()
        except OSError:
            continue
        found += [float(text)] if text.isdigit() else []
    return min(found)
