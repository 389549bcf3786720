"""What is measured of ours: steps of the article's loss, its gradient, whole runs, and whether a step makes a graph."""

from __future__ import annotations

import statistics
from dataclasses import replace
from typing import Any

from torch import Tensor

from nst.painting.backbone import Backbone
from nst.painting.cuda_graph import WARM_UP, capture
from nst.painting.optimizers import optimizer_of
from nst.painting.painting import stylize
from nst.painting.scene import Scene
from nst.painting.stage import step_of
from nst.painting.stopping import StopSignal
from nst.painting.subject import Subject
from nst.recipe import Recipe

from .clock import TimedCall, seconds_each, seconds_of_calls
from .yardstick import RECIPE, pictures

GROWTH_ROUNDS = 3
RUNS = 3
"""Whole runs of which the median is taken, after a first one."""


def our_steps(backbone: Backbone, size: int) -> TimedCall:
    """Each call makes one step of the same loss as the yardstick's, with the same optimizer."""
    content, style = pictures(size)
    recipe = RECIPE.changed(size=size, first_steps=10000, upscale=True)
    run = iter(stylize(content, style, recipe, backbone=backbone))
    return lambda: next(run)


def our_gradient(backbone: Backbone, image: Tensor, size: int) -> Tensor:
    """Of the same loss, at an image."""
    objective = _subject(backbone, RECIPE, size).objective((size, size))
    pixels = image.detach().clone().requires_grad_()
    return objective.gradient(pixels, objective.evaluate(pixels))


def median_step(backbone: Backbone, size: int) -> float:
    """Seconds of a step of ours."""
    return seconds_each({"ours": our_steps(backbone, size)}, GROWTH_ROUNDS, backbone.compute.device)["ours"]


def whole_runs(backbone: Backbone, size: int) -> dict[str, Any]:
    """Of `balanced` at a size, from the first step to the last, with all targets computed anew.

    seconds: the median of some runs; first: of the one before them, in which libraries choose their kernels.  steps:
    how many a run has.
    """
    content, style = pictures(size)
    recipe = Recipe.preset("balanced", size=size, upscale=True)
    steps: list[int] = []

    def run() -> None:
        backbone.targets.forget()
        painting = stylize(content, style, recipe, backbone=backbone)
        steps.append(sum(1 for _ in painting))

    first, *rest = (seconds_of_calls(run, 1, backbone.compute.device) for _ in range(1 + RUNS))
    return {"seconds": statistics.median(rest), "first": first, "steps": steps[-1]}


def fused_layers(backbone: Backbone) -> int:
    """How many of the network's layers have their ReLU applied by cuDNN."""
    return sum(convolution.fused for convolution in backbone.extractor.forward.values())


def with_relu_apart(backbone: Backbone) -> Backbone:
    """The same, with the ReLU of each layer as a pass of its own: what cuDNN's saves."""
    forward = {name: replace(each, fused=False) for name, each in backbone.extractor.forward.items()}
    return replace(backbone, extractor=replace(backbone.extractor, forward=forward))


def graph_refusal(backbone: Backbone, size: int) -> str:
    """Why a step of `balanced` can't be recorded as a graph on a GPU; empty where it can.

    A painting goes on without a graph and says nothing.
    """
    recipe, stop = Recipe.preset("balanced"), StopSignal()
    subject = _subject(backbone, recipe, size)
    pixels = subject.start().clone().requires_grad_()
    step = step_of(subject.objective((size, size)), pixels, optimizer_of(pixels, recipe), stop)
    for _ in range(WARM_UP):
        step()
    try:
        capture(step, pixels.device)()
    except RuntimeError as error:
        return str(error)
    return ""


def _subject(backbone: Backbone, recipe: Recipe, size: int) -> Subject:
    content, style = pictures(size)
    return Subject(Scene(recipe, content, (style,)), backbone, None, ((size, size),), StopSignal())
