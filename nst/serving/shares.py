"""How the machines of a cluster are divided among workers: one for each GPU, or for each share of the cores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import DeviceError, EngineError

CORES = 2
"""Cores of one worker, where nobody says how many workers there are to be."""

WORKER_BYTES = 2e9
"""Memory without which no worker is planned: the network, PyTorch, and a picture of about 512 px."""


@dataclass(frozen=True)
class Machine:
    """What a machine of a cluster has, memory in bytes."""

    cores: int
    gpus: int
    memory: float


@dataclass(frozen=True)
class Shares:
    """How many workers there are to be, and what each has.  expected: how many find room on the machines of now."""

    workers: int
    cores: int
    gpus: int
    expected: int


def shares_of(machines: Sequence[Machine], workers: int | None = None, device: str = "auto") -> Shares:
    """Divide machines among workers.

    workers: how many, default one for each GPU, or for `CORES` cores where there is none, as the memory allows.  More
    than find room wait for machines to come, as a cluster that grows by itself has them.  device: "cpu" leaves GPUs
    alone.
    Raises DeviceError for "cuda" where no machine has a GPU, EngineError where no machine has a core.
    """
    gpus = 0 if device in ("cpu", "mps") else sum(machine.gpus for machine in machines)
    if device.startswith("cuda") and not gpus:
        raise DeviceError(f"No machine of the cluster has a GPU for the device {device!r}: use auto or cpu.")
    if gpus:
        cores = max(1, min(machine.cores // machine.gpus for machine in machines if machine.gpus))
        return Shares(workers or gpus, cores, 1, min(workers or gpus, gpus))
    if not any(machine.cores for machine in machines):
        raise EngineError("No machine of the cluster has a core: start nodes that have, with `ray start --address`.")
    if workers is None:
        cores = min(CORES, max(machine.cores for machine in machines))
        room = sum(min(machine.cores // cores, int(machine.memory / WORKER_BYTES)) for machine in machines)
        return Shares(max(1, room), cores, 0, max(1, room))
    cores = max((n for n in range(1, _most_cores(machines) + 1) if _room(machines, n) >= workers), default=1)
    return Shares(workers, cores, 0, min(workers, _room(machines, cores)))


def _most_cores(machines: Sequence[Machine]) -> int:
    return max(machine.cores for machine in machines)


def _room(machines: Sequence[Machine], cores: int) -> int:
    """How many workers of so many cores the machines hold."""
    return sum(machine.cores // cores for machine in machines)
