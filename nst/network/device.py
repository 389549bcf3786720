"""Where the pixels are optimized, and in which precision."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ..errors import DeviceError
from .device_names import require_device_name, require_precision_name

_DTYPES = {"bf16": torch.bfloat16, "fp32": torch.float32}


@dataclass(frozen=True)
class Compute:
    """A device and the precision of the network on it; the pixels themselves are always float32."""

    device: torch.device
    precision: str

    @property
    def dtype(self) -> torch.dtype:
        """Element type of the network's weights and feature maps."""
        return _DTYPES[self.precision]

    def __str__(self) -> str:
        return f"{self.device} in {self.precision}"


def available() -> tuple[str, ...]:
    """Kinds of devices that this machine has, the preferred one first."""
    kinds = []
    if torch.cuda.is_available():
        kinds.append("cuda")
    if torch.backends.mps.is_available():
        kinds.append("mps")
    return (*kinds, "cpu")


def choose(device: str = "auto", precision: str = "auto") -> Compute:
    """Resolve "auto": CUDA, then MPS, then the CPU; bf16 where the hardware has it, else fp32.

    device: "auto", "cpu", "mps", "cuda" or "cuda:N".  precision: "auto", "bf16" or "fp32".
    Raises DeviceError naming what there is.
    """
    require_device_name(device)
    require_precision_name(precision)
    kinds = available()
    chosen = torch.device(kinds[0] if device == "auto" else device)
    if chosen.type not in kinds or (chosen.index or 0) >= max(1, torch.cuda.device_count()):
        raise DeviceError(f"This machine has no device {device!r}: it has {', '.join(kinds)}.")
    if precision == "auto":
        precision = "bf16" if _has_native_bf16(chosen) else "fp32"
    return Compute(chosen, precision)


def _has_native_bf16(device: torch.device) -> bool:
    """True where bf16 multiplies in hardware; elsewhere it is emulated and slower than fp32."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device)[0] >= 8
    if device.type == "cpu":
        has = torch.cpu.get_capabilities()
        return bool(has.get("avx512_bf16") or has.get("amx_bf16") or has.get("bf16"))
    return False
