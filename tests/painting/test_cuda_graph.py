"""Steps recorded as a graph: the logic, with a stand-in for the device's recorder."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from nst.painting.cuda_graph import WARM_UP, GraphedStep, Step, capture
from nst.painting.lbfgs import LBFGS
from nst.painting.stopping import Stopped, StopSignal


class Steps:
    """Counts how it is called; the losses are the count."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> Tensor:
        self.count += 1
        return torch.full((4,), float(self.count))


class Recorder:
    """Writes into one tensor at each replay, as a graph does; a step is recorded without being made."""

    def __init__(self) -> None:
        self.recorded: list[Step] = []
        self.replays = 0

    def __call__(self, step: Step) -> Step:
        self.recorded.append(step)
        losses = torch.zeros(4)

        def replay() -> Tensor:
            self.replays += 1
            return losses.fill_(100 + self.replays)

        return replay


def test_it_is_recorded_once_after_the_warm_up_and_replayed_from_then_on() -> None:
    step, recorder = Steps(), Recorder()
    graphed = GraphedStep(step, StopSignal(), recorder)
    seen = [graphed() for _ in range(WARM_UP + 3)]
    assert [losses[0].item() for losses in seen] == [1, 2, 3, 101, 102, 103]  # earlier losses are not written over
    assert recorder.recorded == [step]
    assert step.count == WARM_UP


def test_what_cannot_be_recorded_goes_on_as_it_was() -> None:
    step, tried = Steps(), []

    def refuse(step: Step) -> Step:
        tried.append(step)
        raise RuntimeError("CUDA error: operation not permitted when stream is capturing")

    graphed = GraphedStep(step, StopSignal(), refuse)
    assert [graphed()[0].item() for _ in range(10)] == list(range(1, 11))
    assert len(tried) == 1


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA here")
def test_after_a_recording_that_failed_the_thread_is_on_the_stream_that_it_was_on() -> None:
    number, before = torch.ones((), device="cuda"), torch.cuda.current_stream()

    def reading() -> Tensor:
        number.item()
        return number

    with pytest.raises(RuntimeError):
        capture(reading)
    assert torch.cuda.current_stream() == before
    assert (number + 1).item() == 2


def test_a_run_that_is_stopped_ends_before_a_replay() -> None:
    recorder, stop = Recorder(), StopSignal()
    graphed = GraphedStep(Steps(), stop, recorder)
    for _ in range(WARM_UP):
        graphed()
    stop.set()
    with pytest.raises(Stopped):
        graphed()
    assert recorder.replays == 0


def test_lbfgs_remembers_in_the_same_tensors_from_its_second_step_on() -> None:
    pixels = torch.linspace(0, 1, 12)
    optimizer = LBFGS(pixels, 1.0, 3)

    def places() -> dict[str, int]:
        return {name: value.data_ptr() for name, value in vars(optimizer).items() if isinstance(value, Tensor)}

    before = places()
    for _ in range(6):
        optimizer.step(pixels * torch.arange(1, 13))
    assert places() == before
    assert len(before) >= 8
