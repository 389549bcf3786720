"""What a painting costs: by hand for the sums of the network, and against the real passes of a step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from nst.network.extractor import Extractor
from nst.painting.backbone import Backbone
from nst.painting.painting import Painting, reconstruct, stylize, synthesize
from nst.pictures.picture import Picture
from nst.recipe import Recipe
from nst.serving.cost import Cost, operations_per_pixel
from nst.serving.memory import peak_bytes
from tests.serving.support import noise


def test_operations_are_those_of_the_convolutions() -> None:
    first = 2 * 9 * 3 * 64
    assert operations_per_pixel("conv1") == first
    assert operations_per_pixel("conv2") == first + 2 * 9 * 64 * 64
    assert operations_per_pixel("conv3") == first + 2 * 9 * 64 * 64 + 2 * 9 * 64 * 128 / 4
    # Simonyan and Zisserman's VGG-16 takes 15.35e9 multiply-adds in its convolutions for 224x224 px
    assert operations_per_pixel("conv13") * 224**2 / 2 == pytest.approx(15.35e9, rel=1e-3)


def test_a_painting_is_its_steps_forward_and_backward_and_its_targets(wide: Painting) -> None:
    cost, area = Cost.of(wide), 512 * 256
    assert cost.steps == 10
    targets = area * operations_per_pixel("conv7") + 512 * 512 * operations_per_pixel("conv13")
    assert cost.operations == pytest.approx(10 * 2 * area * operations_per_pixel("conv13") + targets)


def test_scales_style_scale_and_tasks_count(backbone: Backbone, wide: Painting) -> None:
    coarse = replace(wide.recipe, start_size=256, scale_step=2.0, first_steps=20, last_steps=10)
    assert Cost.of(wide, coarse).steps == 30
    strokes = replace(wide.recipe, style_scale=2.0)
    more = Cost.of(wide, strokes).operations - Cost.of(wide).operations
    assert more == pytest.approx(3 * 512 * 512 * operations_per_pixel("conv13"))
    shallow = wide.recipe.changed(style_taps="conv4", style_weight=0, init="random")
    alone = reconstruct(noise(512, 256), shallow, backbone=backbone)
    assert Cost.of(alone).operations == pytest.approx(21 * 512 * 256 * operations_per_pixel("conv7"))
    texture = synthesize(noise(512, 256), wide.recipe.changed(init="random"), backbone=backbone)
    assert Cost.of(texture).operations == pytest.approx(21 * 512 * 256 * operations_per_pixel("conv13"))


def test_a_style_without_a_share_costs_nothing(backbone: Backbone) -> None:
    content, large, small = noise(64, 64), noise(256, 256), noise(48, 48)
    recipe = Recipe(size=64, start_size=0, first_steps=1, style_scale=3.0)
    alone = Cost.of(stylize(content, small, recipe, backbone=backbone))
    mixed = Cost.of(stylize(content, [large, small], recipe.changed(style_blend=(0, 1)), backbone=backbone))
    assert mixed.operations == alone.operations
    assert mixed.bytes - alone.bytes == 12 * 256 * 256  # the picture itself


@pytest.mark.parametrize("styles", [1, 2])
def test_each_masked_region_costs_a_backward_pass_as_it_does(
    styles: int, backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The passes that are reckoned with are those that a step makes."""
    passes: list[str] = []
    walk, backward = Extractor.walk, torch.autograd.grad

    def counted(self: Extractor, image: Tensor, *rest: object) -> Iterator[tuple[str, Tensor]]:
        passes.append("forward") if image.requires_grad else None
        return walk(self, image, *rest)  # type: ignore[arg-type]

    def counted_grad(*arguments: object, **options: object) -> object:
        passes.append("backward")
        return backward(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Extractor, "walk", counted)
    monkeypatch.setattr(torch.autograd, "grad", counted_grad)
    mask = torch.zeros(1, 3, 64, 64)
    mask[..., :32] = 1
    recipe = Recipe(size=64, start_size=0, first_steps=1)
    given = [noise(64, 64), noise(48, 48)][:styles]
    masked = stylize(noise(64, 64), given, recipe, mask=Picture(mask), backbone=backbone)
    plain = stylize(noise(64, 64), given, recipe, backbone=backbone)
    masked.result()
    extra = Cost.of(masked).operations - Cost.of(plain).operations
    assert passes.count("forward") == 1
    assert passes.count("backward") == 1 + styles
    assert extra == pytest.approx(styles * 64 * 64 * operations_per_pixel("conv13"))


def test_memory_is_that_of_the_paintings_own_backbone(wide: Painting) -> None:
    assert Cost.of(wide).bytes == peak_bytes(wide.backbone, [wide.size], wide.inputs, wide.recipe)
    small = wide.recipe.changed(size=256)
    assert Cost.of(wide, small).bytes == peak_bytes(wide.backbone, [(256, 128)], wide.inputs, small)
