"""Steps recorded as a graph: the logic, with a stand-in for the device's recorder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch
from torch import Tensor

from nst.painting.cuda_graph import WARM_UP, GraphedStep, Step, capture, recording_stream
from nst.painting.lbfgs import LBFGS
from nst.painting.stopping import Stopped, StopSignal

SECOND = torch.device("cuda:1")


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
        self.recorded: list[tuple[Step, torch.device]] = []
        self.replays = 0

    def __call__(self, step: Step, device: torch.device) -> Step:
        self.recorded.append((step, device))
        losses = torch.zeros(4)

        def replay() -> Tensor:
            self.replays += 1
            return losses.fill_(100 + self.replays)

        return replay


def test_it_is_recorded_once_after_the_warm_up_and_replayed_from_then_on() -> None:
    step, recorder = Steps(), Recorder()
    graphed = GraphedStep(step, StopSignal(), SECOND, recorder)
    seen = [graphed() for _ in range(WARM_UP + 3)]
    assert [losses[0].item() for losses in seen] == [1, 2, 3, 101, 102, 103]  # earlier losses are not written over
    assert recorder.recorded == [(step, SECOND)]
    assert step.count == WARM_UP


def test_what_cannot_be_recorded_goes_on_as_it_was() -> None:
    step, tried = Steps(), []

    def refuse(step: Step, device: torch.device) -> Step:
        tried.append(step)
        raise RuntimeError("CUDA error: operation not permitted when stream is capturing")

    graphed = GraphedStep(step, StopSignal(), SECOND, refuse)
    assert [graphed()[0].item() for _ in range(10)] == list(range(1, 11))
    assert len(tried) == 1


class StandIn:
    """Of what `torch.cuda` has for recordings: knows the thread's GPU, and notes on which one all is done."""

    def __init__(self) -> None:
        self.gpu = torch.device("cuda:0")
        self.notes: list[object] = []

    @contextmanager
    def device(self, gpu: torch.device) -> Iterator[None]:
        before, self.gpu = self.gpu, gpu
        yield
        self.gpu = before

    def current_stream(self) -> str:
        return f"the stream of {self.gpu}"

    def Stream(self, gpu: torch.device) -> str:  # noqa: N802
        self.notes.append(f"a new stream of {gpu}")
        return f"the other stream of {gpu}"

    @contextmanager
    def stream(self, stream: str) -> Iterator[None]:
        yield
        self.notes.append(f"back on {stream}")

    def CUDAGraph(self) -> StandIn:  # noqa: N802
        return self

    @contextmanager
    def graph(self, graph: object, stream: str) -> Iterator[None]:
        self.notes.append(f"recorded on {self.gpu} on {stream}")
        yield

    def replay(self) -> None:
        self.notes.append("replayed")


def test_all_of_a_recording_is_on_the_gpu_of_the_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    cuda, losses = StandIn(), torch.ones(4)
    for name in ("device", "current_stream", "Stream", "stream", "CUDAGraph", "graph"):
        monkeypatch.setattr(torch.cuda, name, getattr(cuda, name))
    recording_stream.cache_clear()
    for _ in range(2):
        assert capture(lambda: losses, SECOND)() is losses
    recording_stream.cache_clear()
    once = ["recorded on cuda:1 on the other stream of cuda:1", "back on the stream of cuda:1", "replayed"]
    assert cuda.notes == ["a new stream of cuda:1", *once, *once]
    assert cuda.gpu == torch.device("cuda:0")


@pytest.mark.gpu
@pytest.mark.skipif(torch.cuda.device_count() < 2, reason="there are no two GPUs here")
def test_a_graph_is_of_the_second_gpu_while_the_thread_is_on_the_first() -> None:
    number = torch.zeros((), device=SECOND)
    replay = capture(lambda: number.add_(1), SECOND)
    assert number.item() == 0
    assert [replay().item() for _ in range(3)] == [1, 2, 3]
    assert torch.cuda.current_device() == 0


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA here")
def test_after_a_recording_that_failed_the_thread_is_on_the_stream_that_it_was_on() -> None:
    number, before = torch.ones((), device="cuda"), torch.cuda.current_stream()

    def reading() -> Tensor:
        number.item()
        return number

    with pytest.raises(RuntimeError):
        capture(reading, number.device)
    assert torch.cuda.current_stream() == before
    assert (number + 1).item() == 2


def test_a_run_that_is_stopped_ends_before_a_replay() -> None:
    recorder, stop = Recorder(), StopSignal()
    graphed = GraphedStep(Steps(), stop, SECOND, recorder)
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
