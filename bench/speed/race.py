"""Ours against the yardstick, by the clock: who has which loss when."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import torch

from nst.painting.backbone import Backbone
from nst.painting.painting import stylize
from nst.pictures.picture import Picture
from nst.recipe import Recipe

from ..judge import Judge
from .clock import finish
from .yardstick import RECIPE, Plain, pictures

RACE_SIZE, RACE_STEPS = 256, 300
RACE_RECIPE = RECIPE.changed(
    size=RACE_SIZE,
    start_size=64,
    scale_step=4.0,
    first_steps=40,
    last_steps=200,
    init="content",
    upscale=True,
    spectral_decay=Recipe().spectral_decay,
)


def race(backbone: Backbone, judge: Judge) -> dict[str, Any]:
    """Seconds of the yardstick's steps, and until our own image has the loss that they reach; both curves.

    Ours has the same losses and weights, but what the presets are made of: scales, a start from the content, L-BFGS on
    the picture's waves, bf16.  The loss is the yardstick's own, in fp32, measured outside of the time; the judge looks
    at both pictures then.
    """
    plain, device = Plain(backbone, RACE_SIZE), backbone.compute.device
    plain_curve, plain_seconds = [], 0.0
    for _ in range(RACE_STEPS):
        began = time.perf_counter()
        loss = plain.step()
        finish(device)
        plain_curve.append((round(plain_seconds, 2), loss.item()))
        plain_seconds += time.perf_counter() - began
    with torch.no_grad():
        goal = plain.loss(plain.image.clamp(0, 1)).item()
    painted = {"plain": Picture(plain.image.detach().clamp(0, 1).cpu())}
    content, style = pictures(RACE_SIZE)
    ours = stylize(content, style, RACE_RECIPE, backbone=backbone)
    curve, seconds, until = [], 0.0, None
    while until is None:
        began = time.perf_counter()
        progress = next(ours, None)
        finish(device)
        if progress is None:
            break
        seconds += time.perf_counter() - began
        if progress.scale == progress.scales:
            painted["ours"] = Picture(progress.image())
            with torch.no_grad():
                reached = plain.loss(painted["ours"].rgb.to(device)).item()
            curve.append((round(seconds, 2), reached))
            until = seconds if reached <= goal else None
    return {
        "plain_seconds": plain_seconds,
        "loss": goal,
        "ours_seconds": until,
        "plain_over_ours": until and plain_seconds / until,
        "judged": {name: judge(picture, content, style)._asdict() for name, picture in painted.items()},
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
