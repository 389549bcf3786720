"""The command: measure, print and save; see the package's docstring."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from itertools import product
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from nst.errors import DeviceError
from nst.network.device import choose
from nst.pages import take_large_pages
from nst.painting.backbone import Backbone

from ..judge import Judge
from ..results import results_path, save_results
from . import __doc__ as DESCRIPTION
from .clock import TimedCall, seconds_each
from .memory import MEMORY_SIZE, default_steps, peak_memory, peak_of_another_process
from .ours import fused_layers, graph_refusal, median_step, our_gradient, our_steps, whole_runs, with_relu_apart
from .race import RACE_SIZE, RACE_STEPS, plot_race, race
from .rate import best_rate, products, step_operations
from .targets import RUN_SECONDS, judged_run, judged_share, report
from .yardstick import Plain, without_tf32

SIZES = (256, 512, 1024)
GROWTH_SIZES = (256, 512, 1024, 2048)
GRAPH_SIZE = 256


class Table:
    """Rows that are printed and saved as they come."""

    def __init__(self, on: str, gpu: str | None) -> None:
        self.rows: list[dict[str, Any]] = []
        self._on, self._gpu = on, gpu

    def add(self, **row: Any) -> None:
        self.rows.append(row)
        print(json.dumps(row), flush=True)
        save_results("speed", self._on, self.rows, gpu=self._gpu)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and save."""
    parser = _parser()
    options = parser.parse_args(arguments)
    take_large_pages()
    without_tf32()
    try:
        device = choose(options.device).device
    except DeviceError as error:
        parser.error(str(error))
    if options.peak:
        which, side, count = options.peak
        print(peak_memory(which, options.device, int(side), int(count)))
        return
    backbones = {name: Backbone.open(device=options.device, precision=name) for name in options.precisions}
    best, on_gpu = options.precisions[0], device.type == "cuda"
    gpu = torch.cuda.get_device_name(device) if on_gpu else None
    table = Table(f"{backbones[best]}{'; TF32 off' if on_gpu else ''}", gpu)
    for size in options.sizes:
        table.add(**step_row(backbones, size, options.rounds))
    for count, which in product(options.memory_steps or default_steps(options.device), ("plain", *backbones)):
        peak = peak_of_another_process(which, options.device, count)
        table.add(what="peak memory", size=MEMORY_SIZE, which=which, steps=count, megabytes=peak)
    table.add(**growth_row(backbones[best]))
    for size in (RUN_SECONDS if on_gpu else ()) if options.runs is None else options.runs:
        run = whole_runs(backbones[best], size)
        judged = judged_run(size, run["seconds"]) if on_gpu else {}
        table.add(what="run", preset="balanced", precision=best, size=size, **run, **judged)
    if options.race:
        figures = race(backbones[best], Judge())
        table.add(what="race", size=RACE_SIZE, steps=RACE_STEPS, **figures)
        plot_race(figures["curves"], results_path("speed", gpu=gpu).with_suffix(".svg"))
    if on_gpu:  # at the end, as a recording that fails may leave the GPU in a bad way
        refusal = graph_refusal(backbones[best], GRAPH_SIZE)
        table.add(what="graph", size=GRAPH_SIZE, precision=best, recorded=not refusal, refusal=refusal)
    print(*report(table.rows), sep="\n")


def step_row(backbones: dict[str, Backbone], size: int, rounds: int) -> dict[str, Any]:
    """Steps of both sides and products of each precision by turns, and how near the gradients are."""
    first = next(iter(backbones.values()))
    device = first.compute.device
    plain = Plain(first, size)
    calls: dict[str, TimedCall] = {"plain": plain.step}
    calls |= {name: our_steps(backbone, size) for name, backbone in backbones.items()}
    calls |= {
        _apart(name): our_steps(with_relu_apart(backbone), size)
        for name, backbone in backbones.items()
        if fused_layers(backbone)
    }
    large = {name: products(device, backbone.compute.dtype) for name, backbone in backbones.items()}
    both = calls | {_product(name, side): call for name, by_side in large.items() for side, call in by_side.items()}
    seconds = seconds_each(both, rounds, device)
    rates = {
        name: best_rate({side: seconds[_product(name, side)] for side in by_side}) for name, by_side in large.items()
    }
    shares = {name: step_operations(size) / seconds[name] / rate for name, rate in rates.items()}
    image = plain.image.detach().clone().requires_grad_()
    exact = torch.autograd.grad(plain.loss(image), image)[0]
    return {
        "what": "step",
        "size": size,
        "seconds": {name: seconds[name] for name in calls},
        "plain_over_ours": {name: seconds["plain"] / seconds[name] for name in backbones},
        "gradient_cosine": {
            name: _cosine(our_gradient(backbone, image, size), exact) for name, backbone in backbones.items()
        },
        "matmul_per_second": rates,
        "share": shares,
        **({"fused_layers": {name: fused_layers(each) for name, each in backbones.items()}} if _on_gpu(device) else {}),
        **(judged_share(size, shares) if _on_gpu(device) else {}),
    }


def growth_row(backbone: Backbone) -> dict[str, Any]:
    """The power of the pixels by which the time of a step grows."""
    seconds = {size: median_step(backbone, size) for size in GROWTH_SIZES}
    small, large = GROWTH_SIZES[0], GROWTH_SIZES[-1]
    exponent = math.log(seconds[large] / seconds[small]) / math.log((large / small) ** 2)
    return {
        "what": "growth with pixels",
        "precision": backbone.compute.precision,
        "seconds": seconds,
        "exponent": exponent,
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bench.speed", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", default="auto", help="auto, cuda, cuda:N, mps or cpu")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--precisions", nargs="+", default=["bf16", "fp32"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--race", action="store_true")
    parser.add_argument(
        "--runs",
        type=int,
        nargs="*",
        metavar="SIZE",
        help=f"whole runs of balanced; {' and '.join(map(str, RUN_SECONDS))} on a GPU, else none",
    )
    parser.add_argument("--memory-steps", type=int, nargs="+", help="before the peak is read; several: each")
    parser.add_argument("--peak", nargs=3, metavar=("WHICH", "SIZE", "STEPS"), help=argparse.SUPPRESS)
    return parser


def _cosine(a: Tensor, b: Tensor) -> float:
    return F.cosine_similarity(a.flatten().double(), b.flatten().double(), dim=0).item()


def _apart(precision: str) -> str:
    return f"{precision}, ReLU apart"


def _product(precision: str, side: int) -> str:
    return f"product of {side} in {precision}"


def _on_gpu(device: torch.device) -> bool:
    return device.type == "cuda"


if __name__ == "__main__":
    main()
