"""A step that is recorded once as a CUDA graph and then replayed: its hundreds of kernels start at one call.

At small sizes the time of a step on a GPU is that of starting its kernels.  A graph can't be made everywhere (old
drivers, a full memory, shared GPUs); a step that can't be recorded goes on as it was.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Step = Callable[[], Tensor]
"""Moves the pixels, in place, and returns the losses before that, as one tensor."""

WARM_UP = 3
"""Steps before the recording: L-BFGS begins in its own way, and libraries set themselves up at their first calls."""


def record(step: Step) -> Step:
    """One step as a graph; calling it replays the graph, into the same tensors.  The step itself isn't made here.

    Raises RuntimeError where the device can't record it.
    """
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        losses = step()

    def replay() -> Tensor:
        graph.replay()
        return losses

    return replay


class Replayed:
    """Is called as the step itself, with the same results; the first ones are made without a graph.

    step: reads nothing from the device and keeps what it remembers in the same tensors.  check: called before each
    replay, in which the step's own checks are not made.  recorder: see `record`.
    """

    def __init__(self, step: Step, check: Callable[[], None], recorder: Callable[[Step], Step] = record) -> None:
        self._step, self._check, self._recorder = step, check, recorder
        self._made = 0
        self._replay: Step | None = None

    def __call__(self) -> Tensor:
        if self._made == WARM_UP:
            try:
                self._replay = self._recorder(self._step)
            except RuntimeError:
                self._replay = None
        self._made += 1
        if self._replay is None:
            return self._step()
        self._check()
        return self._replay().clone()
