"""A step that is recorded once as a CUDA graph and then replayed: its hundreds of kernels start at one call.

At small sizes the time of a step on a GPU is that of starting its kernels.  A graph can't be made everywhere (old
drivers, a full memory, shared GPUs); a step that can't be recorded goes on as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import torch
from torch import Tensor

from .stopping import StopSignal

Step = Callable[[], Tensor]
"""Moves the pixels, in place, and returns the losses before that, as one tensor."""

Recorder = Callable[[Step, torch.device], Step]
"""Makes a graph of a step on a device: see `capture`."""

WARM_UP = 3
"""Steps before the recording: L-BFGS begins in its own way, and libraries set themselves up at their first calls."""


def capture(step: Step, device: torch.device) -> Step:
    """One step as a graph; calling it replays the graph, into the same tensors.  The step itself isn't made here.

    device: a GPU, where all of the step is computed, whichever is the thread's own.  Raises RuntimeError where it can't
    record the step.
    """
    with torch.cuda.device(device):
        graph = torch.cuda.CUDAGraph()
        # Where a recording fails, `torch.cuda.graph` may leave the thread on the stream that it was made on.
        with torch.cuda.stream(torch.cuda.current_stream()), torch.cuda.graph(graph, stream=recording_stream(device)):
            losses = step()

    def relaunch() -> Tensor:
        graph.replay()
        return losses

    return relaunch


@cache
def recording_stream(device: torch.device) -> torch.cuda.Stream:
    """The one that all graphs of a GPU are recorded on.

    `torch.cuda.graph` has one for all GPUs, on whichever was the first.  Libraries keep tens of MB for each stream that
    they have seen, so there is no new one for each graph.
    """
    return torch.cuda.Stream(device)  # type: ignore[no-untyped-call]


class GraphedStep:
    """Is called as the step itself, with the same results; the first ones are made without a graph.

    step: reads nothing from the device and keeps what it remembers in the same tensors.  stop: looked at before each
    launch of the graph, in which the step itself can't look at it.  device: the pixels'.
    """

    def __init__(self, step: Step, stop: StopSignal, device: torch.device, recorder: Recorder = capture) -> None:
        self._step, self._stop, self._device, self._recorder = step, stop, device, recorder
        self._steps_made = 0
        self._graph: Step | None = None

    def __call__(self) -> Tensor:
        if self._steps_made == WARM_UP:
            try:
                self._graph = self._recorder(self._step, self._device)
            except RuntimeError:
                self._graph = None
        self._steps_made += 1
        if self._graph is None:
            return self._step()
        self._stop.check()
        return self._graph().clone()
