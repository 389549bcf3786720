"""What objects carry from one step to the next, as plain values: what a checkpoint holds of a run.

An object that carries something has a `state()`, and is made again from that by `load_state` or `restored`.  What comes
back may come from a file that is damaged or was made by a stranger: `Saved` gives nothing that was not looked at.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Union

import torch
from torch import Tensor

from ..errors import CheckpointError

State = Mapping[str, Union[Tensor, float, "State"]]
"""Tensors of any device, and numbers, by name, in as many levels as there are objects in objects.  The tensors may be
those that the next step changes."""


def flattened(state: State, prefix: str = "") -> Iterator[tuple[str, Tensor | float]]:
    """Its values by their names on all levels: "stage.optimizer.move"."""
    for name, value in state.items():
        if isinstance(value, Mapping):
            yield from flattened(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def is_finite(value: Tensor | float) -> bool:
    """Whether all of it is made of finite numbers; reads a tensor's device."""
    if not isinstance(value, Tensor):
        return math.isfinite(value)
    if not value.numel():
        return True
    return all(math.isfinite(end) for end in torch.stack(torch.aminmax(value.detach())).tolist())


def damaged(name: str, what: str) -> CheckpointError:
    """The error of a checkpoint that is not as one was written.  name: of the checkpoint, fit to be shown."""
    return CheckpointError(f"{name} is damaged ({what}): delete it and begin the run anew, or use a copy of it.")


class Saved:
    """The values of a state, each to be asked for by what it must be.

    A tensor is given up when it is asked for, so that it does not stay in memory beside what is made of it.
    name: of the checkpoint, fit to be shown.  values: by their names on all levels.  device: where tensors go.
    Each question raises CheckpointError when what is there is not what it must be.
    """

    def __init__(
        self, name: str, values: dict[str, Tensor | float], device: torch.device | str = "cpu", prefix: str = ""
    ) -> None:
        self._name, self._values, self._device, self._prefix = name, values, device, prefix

    def part(self, name: str) -> Saved:
        """The values of an object in this one."""
        return Saved(self._name, self._values, self._device, f"{self._prefix}{name}.")

    def tensor(
        self,
        name: str,
        shape: tuple[int, ...],
        dtype: torch.dtype = torch.float32,
        into: torch.dtype | None = None,
    ) -> Tensor:
        """A tensor of this shape and kind, of finite numbers.  into: the kind that is given back, default the same."""
        value = self._values.pop(self._prefix + name, None)
        if not isinstance(value, Tensor) or value.shape != shape or value.dtype != dtype or not is_finite(value):
            raise self._damaged(name)
        return value.to(into or dtype).to(self._device)

    def number(self, name: str) -> float:
        """A finite number."""
        value = self._values.get(self._prefix + name)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise self._damaged(name)
        return float(value)

    def whole(self, name: str, most: int, least: int = 0) -> int:
        """A whole number from the least to the most."""
        value = self._values.get(self._prefix + name)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise self._damaged(name)
        return value

    def _damaged(self, name: str) -> CheckpointError:
        return damaged(self._name, f"its {self._prefix}{name} is missing or not what it must be")
