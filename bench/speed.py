"""How fast a step is beside the article's plain loop, in one process: `python -m bench.speed`.

The yardstick is the loop as the article's reader would write it: torchvision's vgg16_bn as it is, fp32, hooks, MSE and
Gram matrices, autograd, L-BFGS.  It gets our model's own convolutions and a batch norm that changes nothing, so both
minimize the same loss.  A and B alternate; figures are medians.

Writes bench/results/speed-MACHINE.json: seconds per step at each size, for the yardstick and for each of our
precisions, and the cosine between the gradients; peak memory at one size, in processes of their own; how a step grows
with the pixels; its arithmetic as a share of what a large matrix product reaches; and, with --race, the seconds until
ours has the loss at which the yardstick is after some hundred steps, with a plot of loss against seconds beside it.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from nst.painting.backbone import Backbone
from nst.painting.painting import stylize
from nst.painting.scene import Scene
from nst.painting.stopping import StopSignal
from nst.painting.subject import Subject
from nst.pictures.picture import Picture
from nst.recipe import Recipe
from nst.taps import LAYERS

from .pairs import load_pair
from .resident import peak_bytes
from .results import results_path, save_results

SIZES = (256, 512, 1024)
GROWTH_SIZES, GROWTH_ROUNDS = (256, 512, 1024, 2048), 3
MEMORY_SIZE = 1024
RACE_SIZE, RACE_STEPS = 256, 300
RECIPE = Recipe.preset("article", start_size=0)
RACE_RECIPE = RECIPE.changed(
    size=RACE_SIZE, start_size=64, scale_step=2.0, first_steps=60, last_steps=200, init="content", upscale=True
)
TAP_INDEX = {"conv2": 5, "conv4": 12, "conv7": 22, "conv10": 32, "conv13": 42}
"""Where the ReLU of each tap stands in torchvision's `vgg16_bn().features`."""

TimedCall = Callable[[], object]


def pictures(size: int) -> tuple[Picture, Picture]:
    """A square content and style."""
    content, style = load_pair("chelsea", "starry_night")
    return content.resized((size, size)), style.resized((size, size))


class Plain:
    """The yardstick."""

    def __init__(self, backbone: Backbone, size: int) -> None:
        from torchvision.models import vgg16_bn

        network = vgg16_bn(weights=None).eval().requires_grad_(False)
        convs = [module for module in network.features if isinstance(module, torch.nn.Conv2d)]
        for layer, conv in zip(LAYERS, convs, strict=True):
            conv.load_state_dict(
                {name: backbone.model.weights[f"{layer.name}.{name}"].float() for name in ("weight", "bias")}
            )
        for module in network.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.eps = 1e-12
            if isinstance(module, torch.nn.ReLU):
                module.inplace = False
        self._device = backbone.compute.device
        self._network = network.features[:43].to(self._device)
        self._saved: dict[str, Tensor] = {}
        for tap, index in TAP_INDEX.items():
            self._network[index].register_forward_hook(
                lambda _module, _given, output, tap=tap: self._saved.__setitem__(tap, output)
            )
        content, style = (picture.rgb.to(self._device) for picture in pictures(size))
        with torch.no_grad():
            self._content = {tap: f for tap, f in self._features(content).items() if tap in RECIPE.content_taps}
            self._style = {tap: _gram(f) for tap, f in self._features(style).items()}
        start = torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(0))
        self.image = start.to(self._device).requires_grad_()
        self._optimizer = torch.optim.LBFGS([self.image], lr=1, max_iter=1)

    def _features(self, image: Tensor) -> dict[str, Tensor]:
        from torchvision.transforms.functional import normalize

        self._network(normalize(image, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
        return dict(self._saved)

    def loss(self, image: Tensor) -> Tensor:
        """The article's weighted sum."""
        features = self._features(image)
        content = torch.stack([F.mse_loss(features[tap], target) for tap, target in self._content.items()]).mean()
        style = torch.stack([F.mse_loss(_gram(features[tap]), target) for tap, target in self._style.items()]).mean()
        return RECIPE.content_weight * content + RECIPE.style_weight * style

    def step(self) -> Tensor:
        """One iteration of L-BFGS with one evaluation; the loss before it."""

        def closure() -> Tensor:
            self._optimizer.zero_grad()
            loss = self.loss(self.image)
            loss.backward()
            return loss

        loss: Tensor = self._optimizer.step(closure)
        return loss


def _gram(features: Tensor) -> Tensor:
    flat = features.reshape(features.shape[1], -1)
    return flat @ flat.T / flat.shape[1]


def our_steps(backbone: Backbone, size: int) -> TimedCall:
    """Each call makes one step of the same loss, with the same optimizer, of ours."""
    content, style = pictures(size)
    recipe = RECIPE.changed(size=size, first_steps=10000, upscale=True)
    run = iter(stylize(content, style, recipe, backbone=backbone))
    return lambda: next(run)


def our_gradient(backbone: Backbone, image: Tensor, size: int) -> Tensor:
    """Of the same loss, at an image."""
    content, style = pictures(size)
    scene = Scene(RECIPE, content, (style,))
    objective = Subject(scene, backbone, None, ((size, size),), StopSignal()).objective((size, size))
    pixels = image.detach().clone().requires_grad_()
    return objective.gradient(pixels, objective.evaluate(pixels))


def seconds_per_step(steps: dict[str, TimedCall], rounds: int) -> dict[str, float]:
    """Medians of alternating steps, the first two of each left out."""
    seconds_of: dict[str, list[float]] = {name: [] for name in steps}
    for turn in range(rounds + 2):
        for name, step in steps.items():
            began = time.perf_counter()
            step()
            _finish()
            if turn >= 2:
                seconds_of[name].append(time.perf_counter() - began)
    return {name: statistics.median(values) for name, values in seconds_of.items()}


def _finish() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def cosine(a: Tensor, b: Tensor) -> float:
    return F.cosine_similarity(a.flatten().double(), b.flatten().double(), dim=0).item()


def matmul_rate(device: torch.device, dtype: torch.dtype, side: int = 2048) -> float:
    """Operations per second of a large square matrix product."""
    a = torch.randn(side, side, device=device).to(dtype)
    times = []
    for _ in range(9):
        began = time.perf_counter()
        _ = a @ a
        _finish()
        times.append(time.perf_counter() - began)
    return 2 * side**3 / statistics.median(times)


def step_operations(size: int) -> float:
    """Multiplications and additions of the convolutions of a step, there and back."""
    return 2 * sum(2 * 9 * layer.in_channels * layer.out_channels * (size // layer.stride) ** 2 for layer in LAYERS)


def race(backbone: Backbone) -> dict[str, Any]:
    """Seconds of the yardstick's steps, and until our own image has the loss that they reach; both curves.

    Ours has the same losses and weights, but what the presets are made of: scales, a start from the content, bf16.
    The loss is the yardstick's own, in fp32, measured outside of the time.
    """
    plain = Plain(backbone, RACE_SIZE)
    plain_curve, plain_seconds = [], 0.0
    for _ in range(RACE_STEPS):
        began = time.perf_counter()
        loss = plain.step()
        _finish()
        plain_curve.append((round(plain_seconds, 2), loss.item()))
        plain_seconds += time.perf_counter() - began
    with torch.no_grad():
        goal = plain.loss(plain.image.clamp(0, 1)).item()
    content, style = pictures(RACE_SIZE)
    ours = stylize(content, style, RACE_RECIPE, backbone=backbone)
    curve, seconds, until = [], 0.0, None
    while until is None:
        began = time.perf_counter()
        progress = next(ours, None)
        _finish()
        if progress is None:
            break
        seconds += time.perf_counter() - began
        if progress.scale == progress.scales:
            with torch.no_grad():
                reached = plain.loss(progress.image().to(backbone.compute.device)).item()
            curve.append((round(seconds, 2), reached))
            until = seconds if reached <= goal else None
    return {
        "plain_seconds": plain_seconds,
        "loss": goal,
        "ours_seconds": until,
        "plain_over_ours": until and plain_seconds / until,
        "curves": {"plain": plain_curve[:: RACE_STEPS // 100], "ours": curve},
    }


def plot_race(curves: dict[str, list[tuple[float, float]]], path: Path) -> None:
    """Loss against seconds, both on log scales."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "speed"
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    for name, curve in curves.items():
        axes.plot(*zip(*((max(seconds, 0.1), loss) for seconds, loss in curve), strict=True), label=name)
    axes.set(xlabel="seconds", ylabel="the article's loss at 256x256 px", xscale="log", yscale="log")
    axes.legend()
    figure.savefig(path, metadata={"Date": None})


def peak_memory(backbone: Backbone, which: str, size: int, steps: int) -> float:
    """MB at the most, of a process that makes so many steps, less what it had before them.

    PyTorch's L-BFGS remembers up to 100 steps, and takes their memory as they come; ours has all of it at the first.
    """
    before = _peak()
    step = Plain(backbone, size).step if which == "plain" else our_steps(backbone, size)
    for _ in range(steps):
        step()
    return _peak() - before


def _peak() -> float:
    """MB at the most so far, of the device where there is one."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() / 1e6
    return peak_bytes() / 1e6


def _opened(precisions: list[str]) -> Iterator[tuple[str, Backbone]]:
    for precision in precisions:
        yield precision, Backbone.open(precision=precision)


def main() -> None:
    """Measure, print and save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--precisions", nargs="+", default=["bf16", "fp32"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--race", action="store_true")
    parser.add_argument(
        "--memory-steps", type=int, nargs="+", default=[2], help="before the peak is read; several: each"
    )
    parser.add_argument("--peak", nargs=3, metavar=("WHICH", "SIZE", "STEPS"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peak:
        which, side, count = options.peak
        precision = "fp32" if which == "plain" else which
        print(peak_memory(Backbone.open(precision=precision), which, int(side), int(count)))
        return
    backbones = dict(_opened(options.precisions))
    rows: list[dict[str, Any]] = []

    def add(**row: Any) -> None:
        rows.append(row)
        print(json.dumps(row), flush=True)
        save_results("speed", str(next(iter(backbones.values()))), rows)

    best = options.precisions[0]
    for size in options.sizes:
        plain = Plain(backbones[best], size)
        steps: dict[str, TimedCall] = {"plain": plain.step}
        steps |= {name: our_steps(backbone, size) for name, backbone in backbones.items()}
        seconds = seconds_per_step(steps, options.rounds)
        image = plain.image.detach().clone().requires_grad_()
        exact = torch.autograd.grad(plain.loss(image), image)[0]
        cosines = {name: cosine(our_gradient(backbone, image, size), exact) for name, backbone in backbones.items()}
        ratios = {name: seconds["plain"] / seconds[name] for name in backbones}
        add(what="step", size=size, seconds=seconds, plain_over_ours=ratios, gradient_cosine=cosines)
    for count, which in product(options.memory_steps, ("plain", *options.precisions)):
        command = [sys.executable, "-m", "bench.speed", "--peak", which, str(MEMORY_SIZE), str(count)]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        add(what="peak memory", size=MEMORY_SIZE, which=which, steps=count, megabytes=float(said.splitlines()[-1]))
    steps_found = [row for row in rows if row["what"] == "step"]
    compute = backbones[best].compute
    rate = matmul_rate(compute.device, compute.dtype)
    last = steps_found[-1]
    add(
        what="arithmetic", precision=best, matmul_per_second=rate, size=last["size"],
        share=step_operations(last["size"]) / last["seconds"][best] / rate,
    )  # fmt: skip
    growth = {size: median_step(backbones[best], size) for size in GROWTH_SIZES}
    exponent = math.log(growth[GROWTH_SIZES[-1]] / growth[GROWTH_SIZES[0]]) / math.log(
        (GROWTH_SIZES[-1] / GROWTH_SIZES[0]) ** 2
    )
    add(what="growth with pixels", precision=best, seconds=growth, exponent=exponent)
    if options.race:
        race_figures = race(backbones[best])
        add(what="race", size=RACE_SIZE, steps=RACE_STEPS, **race_figures)
        plot_race(race_figures["curves"], results_path("speed").with_suffix(".svg"))


def median_step(backbone: Backbone, size: int) -> float:
    """Seconds of a step of ours."""
    return seconds_per_step({"ours": our_steps(backbone, size)}, GROWTH_ROUNDS)["ours"]


if __name__ == "__main__":
    main()
