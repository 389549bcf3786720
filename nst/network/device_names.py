"""The names of devices and precisions as people write them, checked without loading PyTorch."""

from __future__ import annotations

import re

from ..errors import DeviceError

DEVICES = ("auto", "cuda", "mps", "cpu")
PRECISIONS = ("auto", "bf16", "fp32")

_OTHER_NAMES = {"gpu": "cuda", "nvidia": "cuda", "rocm": "cuda", "hip": "cuda", "metal": "mps", "apple": "mps"}
"""What other programs call them; PyTorch's builds for AMD cards say "cuda" too."""


def require_device_name(device: str) -> None:
    """DeviceError unless it is "auto", "cpu", "mps", "cuda" or "cuda:N"; it need not be on this machine."""
    if re.fullmatch(r"auto|cpu|mps|cuda(:(0|[1-9][0-9]?))?", device):
        return
    meant = _device_meant(device)
    guess = f" Did you mean {meant!r}?" if meant else ""
    raise DeviceError(f"The device {device!r} is unknown: use one of {', '.join(DEVICES)} or cuda:N.{guess}")


def require_precision_name(precision: str) -> None:
    """DeviceError unless it is one of `PRECISIONS`."""
    if precision not in PRECISIONS:
        raise DeviceError(f"The precision {precision!r} is unknown: use one of {', '.join(PRECISIONS)}.")


def _device_meant(device: str) -> str | None:
    """The name here for "0", "GPU", "gpu:1", "cuda1" and their like; None for anything else."""
    written = re.fullmatch(r"([a-z]*):?(0|[1-9][0-9]?)?", device.strip().lower())
    if written is None:
        return None
    kind, number = _OTHER_NAMES.get(written[1], written[1]), written[2]
    if number is not None and kind in ("", "cuda"):
        return f"cuda:{number}"
    return kind if kind in DEVICES else None
