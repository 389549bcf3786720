"""A scale painted in bands, held against the same in one piece."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from nst.painting.backbone import Backbone
from nst.painting.banded_objective import BandedObjective
from nst.painting.losses import total_variation, total_variation_by_rows
from nst.painting.objective import Objective
from nst.painting.painting import stylize
from nst.painting.room import Room
from nst.painting.scene import Scene
from nst.painting.step_share import StepShare
from nst.painting.stopping import Stopped, StopSignal
from nst.painting.subject import Subject
from nst.pictures.picture import Picture
from nst.recipe import Recipe

from ..conftest import smooth_picture

SMALL_BANDS = Room(whole=0, band=1 << 17)
"""Of a picture of 90 px a dozen in the first stage, and several in the last."""


def half_white(picture: Picture, *, left: bool) -> Picture:
    mask = torch.zeros_like(picture.rgb)
    half = picture.width // 2
    mask[..., :half] = float(left)
    mask[..., half:] = float(not left)
    mask[..., half - 2 : half + 2] = 0.5
    return Picture(mask)


def subject_of(backbone: Backbone, scene: Scene, size: tuple[int, int]) -> Subject:
    return Subject(scene, backbone, None, (size,), StopSignal())


def both(backbone: Backbone, scene: Scene, size: tuple[int, int] = (90, 71)) -> tuple[Objective, Objective]:
    subject = subject_of(backbone, scene, size)
    whole, divided = subject.objective(size), replace(subject, room=SMALL_BANDS).objective(size)
    assert isinstance(divided, BandedObjective)
    assert not isinstance(whole, BandedObjective)
    return whole, divided


def numbers_and_gradient(objective: Objective, image: Tensor) -> tuple[Tensor, Tensor]:
    pixels = image.clone().requires_grad_()
    evaluation = objective.evaluate(pixels)
    return evaluation.numbers(), objective.gradient(pixels, evaluation)


def noise(size: tuple[int, int]) -> Tensor:
    return torch.rand(1, 3, size[1], size[0], generator=torch.Generator().manual_seed(3))


RECIPES: dict[str, dict[str, Any]] = {
    "default": {},
    "article": {"loss": "plain", "border": "zeros", "style_statistic": "gram", "content_target": "own"},
    "average pooling, wasserstein": {"pooling": "average", "style_statistic": "wasserstein"},
    "wraps": {"border": "wrap"},
    "few taps": {"style_taps": ("conv5",), "content_taps": ("conv9",), "tv_weight": 0.0},
}


def assert_same(whole: Objective, divided: Objective, size: tuple[int, int]) -> None:
    """By a thousandth at most, as sums of floats in another order are."""
    (numbers, gradient), (in_bands, banded_gradient) = (
        numbers_and_gradient(objective, noise(size)) for objective in (whole, divided)
    )
    assert whole.parts == divided.parts
    torch.testing.assert_close(in_bands, numbers, rtol=1e-3, atol=1e-6 * float(numbers.abs().max()))
    assert (banded_gradient - gradient).norm() <= 1e-3 * gradient.norm()
    assert gradient.any()


@pytest.mark.parametrize("name", RECIPES)
def test_loss_and_gradient_are_those_of_the_whole(backbone: Backbone, name: str) -> None:
    recipe = Recipe(**RECIPES[name])
    size = (96, 64) if recipe.wraps else (90, 71)
    scene = Scene(recipe, smooth_picture(90, 71, seed=1), (smooth_picture(80, 95, seed=2),))
    assert_same(*both(backbone, scene, size), size)


@pytest.mark.parametrize("statistic", ["moments", "wasserstein"])
def test_masks_two_styles_and_importance_count_as_in_the_whole(backbone: Backbone, statistic: str) -> None:
    content, styles = smooth_picture(90, 71, seed=1), (smooth_picture(80, 95, seed=2), smooth_picture(60, 60, seed=4))
    scene = Scene(
        Recipe(style_statistic=statistic, style_blend=(2.0, 1.0)),  # type: ignore[arg-type]
        content,
        styles,
        mask=half_white(content, left=True),
        style_masks=(half_white(styles[0], left=False), None),
        importance=half_white(content, left=False),
    )
    whole, divided = both(backbone, scene)
    assert len(whole.style) == 2
    assert_same(whole, divided, (90, 71))


def test_a_texture_in_bands_is_that_of_the_whole(backbone: Backbone) -> None:
    scene = Scene(Recipe.preset(task="synthesize"), None, (smooth_picture(120, 100, seed=2),))
    assert_same(*both(backbone, scene, (96, 80)), (96, 80))


@pytest.mark.parametrize("wrap", [False, True])
def test_total_variation_by_rows_is_that_of_the_whole_with_autograd_s_gradient(wrap: bool) -> None:
    image = noise((13, 11)).double().requires_grad_()
    expected = total_variation(image, wrap=wrap)
    (of_image,) = torch.autograd.grad(expected, image)
    value, gradient = total_variation_by_rows(image.detach(), 4, wrap=wrap)
    torch.testing.assert_close(value, expected.detach())
    torch.testing.assert_close(gradient, of_image)


@pytest.mark.parametrize("backward", [False, True])
def test_a_stop_is_heard_within_a_band(backbone: Backbone, backward: bool) -> None:
    size = (90, 71)
    scene = Scene(Recipe(), smooth_picture(90, 71, seed=1), (smooth_picture(80, 95, seed=2),))
    subject = replace(subject_of(backbone, scene, size), room=SMALL_BANDS)
    objective, pixels = subject.objective(size), noise(size).requires_grad_()
    evaluation = objective.evaluate(pixels) if backward else None
    subject.stop.set()
    with pytest.raises(Stopped):
        objective.evaluate(pixels) if evaluation is None else objective.gradient(pixels, evaluation)


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_a_picture_painted_in_bands_is_that_of_the_whole(backbone: Backbone, optimizer: str) -> None:
    """In fp32, up to what rounding becomes in a few steps, beside how far those go; Adam goes by signs of gradients."""
    recipe = Recipe(size=90, start_size=40, first_steps=3, last_steps=3, optimizer=optimizer)  # type: ignore[arg-type]
    pictures = smooth_picture(90, 71, seed=1), smooth_picture(80, 95, seed=2)
    whole, divided = (stylize(*pictures, recipe, backbone=backbone) for _ in range(2))
    divided.make_do_with(replace(SMALL_BANDS, whole=60 * 60))
    assert [divided.room.divides(size) for size in ((45, 36), (90, 71))] == [False, True]
    began, ended = pictures[0].resized((90, 71)).rgb, whole.result().rgb
    assert (divided.result().rgb - ended).norm() <= 0.01 * (ended - began).norm()


def test_in_half_precision_bands_are_as_near_as_half_precision_is_to_full(random_model: Path) -> None:
    half, full = (Backbone.open(random_model, "cpu", precision) for precision in ("bf16", "fp32"))
    scene = Scene(Recipe(), smooth_picture(90, 71, seed=1), (smooth_picture(80, 95, seed=2),))
    (_, in_one_piece), (_, in_bands) = (numbers_and_gradient(each, noise((90, 71))) for each in both(half, scene))
    _, exact = numbers_and_gradient(both(full, scene)[0], noise((90, 71)))
    assert (in_bands - in_one_piece).norm() <= (in_one_piece - exact).norm()


class Kept(StepShare):
    """Keeps all that it was set to."""

    def __init__(self) -> None:
        self.all: list[float] = []

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "made":
            self.all.append(value)
        super().__setattr__(name, value)


@pytest.mark.parametrize("masked", [False, True])
def test_how_far_a_step_is_rises_to_nearly_all_and_is_none_at_its_end(backbone: Backbone, masked: bool) -> None:
    size, share = (90, 71), Kept()
    content = smooth_picture(90, 71, seed=1)
    mask = half_white(content, left=True) if masked else None
    scene = Scene(Recipe(), content, (smooth_picture(80, 95, seed=2),), mask=mask)
    subject = replace(subject_of(backbone, scene, size), room=SMALL_BANDS, share=share)
    numbers_and_gradient(subject.objective(size), noise(size))
    *on_the_way, at_the_end = share.all
    assert on_the_way == sorted(on_the_way)
    assert 0.9 < on_the_way[-1] <= 1
    assert at_the_end == 0
