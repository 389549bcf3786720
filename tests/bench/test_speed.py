"""The measurement of steps: who takes turns with whom, what is reckoned, and when a target is met."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch.utils.flop_counter import FlopCounterMode
from torchvision.models import vgg16_bn

from bench.results import results_path, save_results
from bench.speed import __main__ as command
from bench.speed import clock, memory
from bench.speed.clock import WARM_UP, seconds_each
from bench.speed.ours import fused_layers, graph_refusal, our_gradient, whole_runs, with_relu_apart
from bench.speed.rate import best_rate, products, step_operations
from bench.speed.targets import judged_run, judged_share, report
from bench.speed.yardstick import Plain
from nst.network.device import Compute
from nst.painting.backbone import Backbone
from nst.painting.cuda_graph import Step
from nst.recipe import Recipe
from nst.taps import LAYERS

CPU = torch.device("cpu")


class Clock:
    """Goes on only while something is done."""

    def __init__(self) -> None:
        self.now = 0.0

    def taking(self, *seconds: float) -> Callable[[], None]:
        """A call that takes so long, the next one the next."""
        left = iter(seconds)

        def call() -> None:
            self.now += next(left)

        return call

    def perf_counter(self) -> float:
        return self.now


def test_calls_take_turns_and_what_a_warm_up_took_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in = Clock()
    order: list[str] = []
    monkeypatch.setattr(clock, "time", stand_in)
    slow, fast = stand_in.taking(*[9.0] * WARM_UP, 5.0, 1.0, 4.0), stand_in.taking(*[9.0] * WARM_UP, 0.5, 0.25, 0.5)

    def noted(name: str, call: Callable[[], None]) -> Callable[[], None]:
        def both() -> None:
            order.append(name)
            call()

        return both

    seconds = seconds_each({"slow": noted("slow", slow), "fast": noted("fast", fast)}, 3, CPU)
    assert seconds == {"slow": 4.0, "fast": 0.5}
    assert order == ["slow", "fast"] * (WARM_UP + 3)


def test_a_gpu_is_waited_for_before_and_after_the_calls_of_a_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    gpu = torch.device("cuda:1")
    events: list[object] = []
    monkeypatch.setattr(torch.cuda, "synchronize", events.append)
    monkeypatch.setitem(clock.CALLS_PER_TURN, "cuda", 3)
    seconds_each({"step": lambda: events.append("call")}, 1, gpu)
    assert events == [gpu, "call", "call", "call", gpu] * (WARM_UP + 1)


def test_a_step_is_counted_as_pytorch_counts_the_convolutions_of_torchvisions_network() -> None:
    with FlopCounterMode(display=False) as counter:
        vgg16_bn(weights=None).features[:43](torch.zeros(1, 3, 32, 32))
    assert step_operations(32) == 2 * counter.get_total_flops()


def test_of_two_products_the_better_one_is_the_rate() -> None:
    assert best_rate({10: 1.0, 20: 4.0}) == 2 * 20**3 / 4
    assert best_rate({10: 1.0, 20: 16.0}) == 2 * 10**3


def test_a_product_is_one_of_square_matrices_in_the_precision_that_was_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bench.speed.rate.SIDES", (4, 8))
    for side, product in products(CPU, torch.bfloat16).items():
        made = product()
        assert isinstance(made, torch.Tensor)
        assert (made.shape, made.dtype) == ((side, side), torch.bfloat16)
        assert product() is made  # no memory is asked for while it is timed


@pytest.mark.parametrize(("seconds", "met"), [(1.49, True), (1.5, True), (1.51, False)])
def test_a_run_may_take_what_its_target_says(seconds: float, met: bool) -> None:
    judged = judged_run(512, seconds)
    assert judged == {"target": {"for": "H200", "at_most": 1.5, "met": met}}
    row = {"what": "run", "size": 512, "seconds": seconds, **judged}
    end = "met" if met else "missed"
    assert report([row]) == [f"balanced at 512 px: {seconds:.2f} s; target for an H200: at most 1.5 s: {end}"]
    assert judged_run(640, seconds) == {}


@pytest.mark.parametrize(("share", "met"), [(0.39, False), (0.4, True), (0.6, True)])
def test_a_step_is_to_reach_what_its_target_says(share: float, met: bool) -> None:
    shares = {"bf16": share, "fp32": 0.9}
    judged = judged_share(1024, shares)
    assert judged == {"target": {"for": "H200", "at_least": 0.4, "met": met}}
    (line,) = report([{"what": "step", "size": 1024, "share": shares, **judged}, {"what": "race"}])
    assert line.startswith(f"a step at 1024 px: {share:.0%} of the rate of a bf16 matrix product")
    assert line.endswith(f"at least 40%: {'met' if met else 'missed'}")
    assert judged_share(512, shares) == judged_share(1024, {"fp32": 0.9}) == {}


def test_both_sides_minimize_the_same_loss(backbone: Backbone) -> None:
    plain = Plain(backbone, 32)
    image = plain.image.detach().clone().requires_grad_()
    (exact,) = torch.autograd.grad(plain.loss(image), image)
    ours = our_gradient(backbone, image, 32)
    assert F.cosine_similarity(ours.flatten(), exact.flatten(), dim=0) > 1 - 1e-5


def test_a_row_of_steps_has_all_that_took_turns(backbone: Backbone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.speed.rate.SIDES", (16, 32))
    row = command.step_row({"fp32": backbone}, 32, 1)
    assert set(row["seconds"]) == {"plain", "fp32"}
    rate, taken = row["matmul_per_second"]["fp32"], row["seconds"]["fp32"]
    assert row["share"]["fp32"] == pytest.approx(step_operations(32) / taken / rate)
    assert row["gradient_cosine"]["fp32"] > 1 - 1e-5
    assert "target" not in row  # which is a GPU's


def test_a_whole_run_computes_its_targets_anew(backbone: Backbone, monkeypatch: pytest.MonkeyPatch) -> None:
    small = Backbone.of(backbone.model, backbone.compute)
    forgotten: list[int] = []
    monkeypatch.setattr(small.targets, "forget", lambda: forgotten.append(1))
    monkeypatch.setattr("bench.speed.ours.RUNS", 1)
    brief = {"balanced": Recipe(first_steps=2, last_steps=2)}
    monkeypatch.setattr("nst.recipe.PRESETS", brief)
    run = whole_runs(small, 32)
    assert run["steps"] == 2  # 32 px are a single scale
    assert run["seconds"] > 0
    assert len(forgotten) == 2


def test_the_relu_is_set_apart_from_all_layers_and_nothing_else(backbone: Backbone) -> None:
    forward = {name: replace(each, fused=True) for name, each in backbone.extractor.forward.items()}
    fused = replace(backbone, extractor=replace(backbone.extractor, forward=forward))
    apart = with_relu_apart(fused)
    assert (fused_layers(fused), fused_layers(apart), fused_layers(backbone)) == (len(LAYERS), 0, 0)
    assert apart.extractor.forward["conv1"].kernel is backbone.extractor.forward["conv1"].kernel
    assert apart.targets is fused.targets


@pytest.mark.parametrize(
    ("device", "said"),
    [
        ("gpu:1", "The device 'gpu:1' is unknown: use one of auto, cuda, mps, cpu or cuda:N. Did you mean 'cuda:1'?"),
        ("cuda:99", "This machine has no device 'cuda:99'"),
    ],
)
def test_a_device_that_is_not_there_is_refused_in_one_sentence(
    device: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        command.main(["--device", device])
    assert said in capsys.readouterr().err


def test_what_a_gpu_took_is_kept_by_the_gpus_name(tmp_path: Path) -> None:
    assert results_path("speed", tmp_path, gpu="NVIDIA H200").name == "speed-nvidia-h200.json"
    path = save_results("speed", "there", [{"what": "run"}], tmp_path, gpu="NVIDIA H200")
    assert '"gpu": "NVIDIA H200"' in path.read_text()
    assert "gpu" not in save_results("speed", "here", [], tmp_path).read_text()


def test_on_a_gpu_all_is_measured_unasked_and_the_targets_are_said(
    backbone: Backbone, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With stand-ins for the measurements and for the GPU."""
    gpu = Compute(torch.device("cuda:1"), "bf16")
    saved: list[tuple[str, str | None]] = []
    share = {"bf16": 0.5, "fp32": 0.9}

    def step_row(backbones: dict[str, Backbone], size: int, rounds: int) -> dict[str, Any]:
        return {"what": "step", "size": size, "share": share, **judged_share(size, share)}

    def save(name: str, on: str, rows: list[dict[str, Any]], gpu: str | None) -> None:
        saved.append((on, gpu))

    for module in (command, memory):
        monkeypatch.setattr(module, "choose", lambda device: gpu)
    monkeypatch.setattr(Backbone, "open", lambda device, precision: backbone)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: f"NVIDIA H200 of {device}")
    monkeypatch.setattr(command, "step_row", step_row)
    monkeypatch.setattr(command, "growth_row", lambda backbone: {"what": "growth with pixels"})
    monkeypatch.setattr(command, "peak_of_another_process", lambda which, device, steps: 100.0 * steps)
    monkeypatch.setattr(command, "whole_runs", lambda backbone, size: {"seconds": size / 256, "first": 9.0, "steps": 5})
    monkeypatch.setattr(command, "graph_refusal", lambda backbone, size: "it is capturing")
    monkeypatch.setattr(command, "save_results", save)
    monkeypatch.setattr(command, "without_tf32", lambda: None)
    command.main(["--device", "cuda:1"])
    *lines, first, second, third = capsys.readouterr().out.splitlines()
    rows = [json.loads(line) for line in lines]
    assert [row["what"] for row in rows] == [
        *["step"] * 3, *["peak memory"] * 3, "growth with pixels", *["run"] * 2, "graph",
    ]  # fmt: skip
    assert {row["megabytes"] for row in rows if row["what"] == "peak memory"} == {800.0}  # after the graph is recorded
    assert (rows[-1]["recorded"], rows[-1]["refusal"]) == (False, "it is capturing")
    assert [first, second, third] == [
        "a step at 1024 px: 50% of the rate of a bf16 matrix product; target for an H200: at least 40%: met",
        "balanced at 512 px: 2.00 s; target for an H200: at most 1.5 s: missed",
        "balanced at 1024 px: 4.00 s; target for an H200: at most 4.0 s: met",
    ]
    assert set(saved) == {(f"{backbone}; TF32 off", "NVIDIA H200 of cuda:1")}


@pytest.mark.parametrize("refusal", ["", "operation not permitted when stream is capturing"])
def test_why_a_step_makes_no_graph_is_told(backbone: Backbone, monkeypatch: pytest.MonkeyPatch, refusal: str) -> None:
    def capture(step: Step, device: torch.device) -> Step:
        assert device == CPU
        if refusal:
            raise RuntimeError(refusal)
        return step

    monkeypatch.setattr("bench.speed.ours.capture", capture)
    assert graph_refusal(backbone, 32) == refusal
