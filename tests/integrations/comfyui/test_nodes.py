"""The nodes paint what nst paints of the same pictures, show it on the way, and end when they are told to."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest
import torch
from PIL import Image
from torch import Tensor

import nst
from nst.errors import CostError, ImageError, RecipeError
from nst.painting.backbone import Backbone
from nst.pictures.picture import Picture
from nst.recipe import Recipe
from nst.serving.limits import Limits
from tests.integrations.comfyui.comfy_stand_in import ComfyStandIn, InterruptProcessingException, run

QUICK: dict[str, Any] = {"size": 32, "start_size": 0, "first_steps": 3}
"""A few steps at one small size."""


def image(*pictures: Picture) -> Tensor:
    """As ComfyUI hands pictures on: BxHxWx3."""
    return torch.cat([picture.rgb for picture in pictures]).permute(0, 2, 3, 1)


def mask(width: int, height: int) -> Tensor:
    """1xHxW: white on the left, black on the right."""
    white = torch.zeros(1, height, width)
    white[:, :, : width // 2] = 1
    return white


def mirrored(picture: Picture) -> Picture:
    return Picture(picture.rgb.flip(3))


def stylized(nodes: dict[str, Any], *, preset: str = "balanced", **inputs: Any) -> tuple[Tensor, Recipe]:
    painted, text = run(nodes["GramaryeStylize"], preset=preset, **({"strength": 75.0} | QUICK | inputs))
    return painted, Recipe.from_json(text)


# What is painted


def test_a_picture_is_the_one_that_nst_paints(nodes: dict[str, Any], content: Picture, style: Picture) -> None:
    painted, recipe = stylized(nodes, preset="fast", content=image(content), style=image(style))
    assert recipe == Recipe.preset("fast", **QUICK)
    assert painted.shape == (1, 27, 32, 3)
    assert painted.dtype == torch.float32
    assert torch.equal(painted, image(nst.stylize(content.rgb, style.rgb, recipe).result()))


def test_a_picture_with_all_that_can_be_given(nodes: dict[str, Any], content: Picture, style: Picture) -> None:
    second, start, half = mirrored(style), mirrored(content), mask(content.width, content.height)
    painted, recipe = stylized(
        nodes, content=image(content), style=image(style), style_2=image(second), mask=half, importance=half,
        init_image=image(start), style_2_mask=mask(style.width, style.height),
    )  # fmt: skip
    expected = nst.stylize(
        content.rgb, [style.rgb, second.rgb], Recipe(**QUICK, init="image"),
        mask=half.expand(3, -1, -1), importance=half.expand(3, -1, -1), init_image=start.rgb,
        style_mask=[None, mask(style.width, style.height).expand(3, -1, -1)],
    )  # fmt: skip
    assert recipe == Recipe(**QUICK, init="image")
    assert torch.equal(painted, image(expected.result()))


def test_a_reconstruction(nodes: dict[str, Any], content: Picture) -> None:
    inputs = {"content": image(content), "preset": "balanced", "content_taps": "conv2"}
    painted, text = run(nodes["GramaryeReconstruct"], **inputs, **QUICK)
    recipe = Recipe.preset(task="reconstruct", content_taps=("conv2",), **QUICK)
    assert Recipe.from_json(text) == recipe
    assert torch.equal(painted, image(nst.reconstruct(content.rgb, recipe).result()))


def test_a_texture(nodes: dict[str, Any], style: Picture) -> None:
    inputs = {"style": image(style), "preset": "balanced", "style_taps": "conv1, conv3"}
    painted, text = run(nodes["GramaryeSynthesize"], **inputs, **QUICK)
    recipe = Recipe.preset(task="synthesize", style_taps=("conv1", "conv3"), **QUICK)
    assert Recipe.from_json(text) == recipe
    assert torch.equal(painted, image(nst.synthesize(style.rgb, recipe).result()))


def test_a_recipe_that_is_connected_takes_the_place_of_the_preset(
    nodes: dict[str, Any], content: Picture, style: Picture
) -> None:
    (text,) = run(nodes["GramaryeRecipe"], task="stylize", preset="article", seed=7)
    _, recipe = stylized(nodes, preset="fast", content=image(content), style=image(style), recipe=text)
    assert recipe == Recipe.preset("article", seed=7, **QUICK)


# Batches


def test_the_images_of_a_batch_are_painted_one_by_one(nodes: dict[str, Any], content: Picture, style: Picture) -> None:
    other = mirrored(content)
    both, _ = stylized(nodes, content=image(content, other), style=image(style))
    alone = [stylized(nodes, content=image(picture), style=image(style))[0] for picture in (content, other)]
    assert torch.equal(both, torch.cat(alone))


def test_batches_of_one_length_go_together_image_by_image(
    nodes: dict[str, Any], content: Picture, style: Picture
) -> None:
    other = mirrored(style)
    both, _ = stylized(nodes, content=image(content, content), style=image(style, other))
    alone = [stylized(nodes, content=image(content), style=image(picture))[0] for picture in (style, other)]
    assert torch.equal(both, torch.cat(alone))
    assert not torch.equal(both[0], both[1])


def test_a_fourth_channel_is_left_out_and_what_is_too_bright_is_white(
    nodes: dict[str, Any], content: Picture, style: Picture
) -> None:
    bright = image(content) * 1.5
    with_alpha = torch.cat([bright, torch.rand(*bright.shape[:3], 1)], 3)
    painted, _ = stylized(nodes, content=with_alpha, style=image(style))
    assert torch.equal(painted, stylized(nodes, content=bright.clamp(0, 1), style=image(style))[0])


# Progress and interruption


def test_the_bar_moves_to_its_end_and_begins_with_a_preview(
    nodes: dict[str, Any], comfy: ComfyStandIn, content: Picture, style: Picture
) -> None:
    stylized(nodes, content=image(content, mirrored(content)), style=image(style))
    values = [value for value, _, _ in comfy.updates]
    assert len(values) == 2 * 3
    assert values == sorted(values)
    assert values[2] == 1000
    assert values[-1] == 2000
    assert {total for _, total, _ in comfy.updates} == {2000}
    for begin in (0, 3):
        preview = comfy.updates[begin][2]
        assert preview is not None
        kind, picture, side = preview
        assert (kind, side) == ("JPEG", 512)
        assert isinstance(picture, Image.Image)
        assert (picture.mode, picture.size) == ("RGB", (32, 27))


def test_an_interruption_ends_it_with_the_step(
    nodes: dict[str, Any], comfy: ComfyStandIn, content: Picture, style: Picture
) -> None:
    comfy.interrupt_after = 2
    with pytest.raises(InterruptProcessingException):
        stylized(nodes, content=image(content), style=image(style))
    assert len(comfy.updates) == 2


def test_an_interruption_is_noticed_while_a_step_is_computed_too(
    nodes: dict[str, Any], comfy: ComfyStandIn, content: Picture, style: Picture
) -> None:
    comfy.bar_interrupts, comfy.interrupted = False, True
    with pytest.raises(InterruptProcessingException):
        stylized(nodes, content=image(content), style=image(style), first_steps=10000, tolerance=0.0)
    assert len(comfy.updates) < 10000


def test_after_an_interruption_it_paints_as_before(
    nodes: dict[str, Any], comfy: ComfyStandIn, content: Picture, style: Picture
) -> None:
    expected, _ = stylized(nodes, content=image(content), style=image(style))
    comfy.interrupted = True
    with pytest.raises(InterruptProcessingException):
        stylized(nodes, content=image(content), style=image(style))
    assert torch.equal(stylized(nodes, content=image(content), style=image(style))[0], expected)


# What can't be painted


def test_batches_that_do_not_go_together_are_refused(nodes: dict[str, Any], content: Picture, style: Picture) -> None:
    said = "style is a batch of 2 images, but content one of 3: give style 1 image, for all of them, or 3."
    with pytest.raises(ImageError, match=said):
        stylized(nodes, content=image(content, content, content), style=image(style, style))


@pytest.mark.parametrize("shape", [(24, 24), (1, 24, 24, 2), (0, 24, 24, 3)])
def test_what_is_no_image_is_refused(nodes: dict[str, Any], style: Picture, shape: tuple[int, ...]) -> None:
    with pytest.raises(ImageError, match=rf"content is a tensor of {'x'.join(map(str, shape))}: connect an IMAGE"):
        stylized(nodes, content=torch.zeros(shape), style=image(style))


def test_a_mask_of_another_shape_is_refused(nodes: dict[str, Any], content: Picture, style: Picture) -> None:
    with pytest.raises(ImageError, match="mask"):
        stylized(nodes, content=image(content), style=image(style), mask=torch.ones(1, 64, 20))


def test_an_init_that_contradicts_the_image_to_start_from_is_refused(
    nodes: dict[str, Any], content: Picture, style: Picture
) -> None:
    with pytest.raises(RecipeError, match="init"):
        stylized(nodes, content=image(content), style=image(style), init_image=image(content), init="random")


def test_what_the_free_memory_does_not_hold_is_refused(
    nodes: dict[str, Any], comfy: ComfyStandIn, content: Picture, style: Picture
) -> None:
    comfy.free = 1000
    with pytest.raises(CostError, match=r"of memory; the limit here is 0\.0 GB"):
        stylized(nodes, content=image(content), style=image(style))
    assert comfy.updates == []


def test_on_a_gpu_comfyui_is_asked_for_the_room_that_the_painting_takes(
    nodes: dict[str, Any], comfy: ComfyStandIn, backbone: Backbone, content: Picture, style: Picture
) -> None:
    package = nodes["GramaryeStylize"].__module__.removesuffix(".nodes")
    make_room = import_module(f"{package}.painting").make_room
    for kind, asked in (("cpu", False), ("mps", True)):
        device = torch.device(kind)
        elsewhere = replace(backbone, compute=replace(backbone.compute, device=device))
        painting = nst.stylize(content, style, Recipe(**QUICK), backbone=elsewhere)
        make_room(painting)
        assert comfy.asked_to_free == ([(Limits().cost(painting).bytes, device)] if asked else [])
