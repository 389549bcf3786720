"""What computes the paintings of the page and of a batch: this process, or workers on Ray; loads nothing heavy."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal, get_args

from ..errors import EngineError, shown

EngineName = Literal["local", "ray"]
ENGINES: tuple[EngineName, ...] = get_args(EngineName)

VARIABLE = "NST_ENGINE"
"""The variable that names the engine where no option does."""

ADDRESS_VARIABLE = "RAY_ADDRESS"
"""Ray's own variable for the address of a cluster."""

EXTRA = "gramarye[ray]"


@dataclass(frozen=True)
class Engine:
    """name: "local", one painting at a time in this process, or "ray", several at a time, each in a process of its own.

    address: of the cluster of Ray that is joined; None to have one started on this machine.  workers: how many paint
    at a time, None for as many as there is room for.
    """

    name: EngineName = "local"
    address: str | None = None
    workers: int | None = None

    @classmethod
    def chosen(cls, name: str | None = None, address: str | None = None, workers: int | None = None) -> Engine:
        """By options, None where one is not given, and by the environment.

        Raises EngineError for an engine that is unknown, or not installed, and for options of another one.
        """
        chosen = _known(name or os.environ.get(VARIABLE) or "local")
        if chosen == "local":
            for option, value in (("--ray-address", address), ("--workers", workers)):
                if value is not None:
                    raise EngineError(f"{option} is for the engine ray: add --engine ray, or leave it out.")
            return cls()
        if find_spec("ray") is None:
            raise EngineError(f"The engine ray is not installed: pip install '{EXTRA}'")
        return cls(chosen, address or os.environ.get(ADDRESS_VARIABLE) or None, workers)


LOCAL = Engine()


def _known(name: str) -> EngineName:
    for engine in ENGINES:
        if name == engine:
            return engine
    raise EngineError(
        f"There is no engine {shown(name)}: choose {' or '.join(ENGINES)}, with --engine or in {VARIABLE}."
    )
