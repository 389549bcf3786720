"""The weighted sum."""

from __future__ import annotations

import math
from collections.abc import Collection, Generator
from typing import Any

import pytest
import torch
from torch import Tensor

from nst.network.extractor import FrozenConvReLU
from nst.painting.backbone import Backbone
from nst.painting.losses import Moments, moments
from nst.painting.moment_errors import MomentErrors
from nst.painting.objective import Losses, Objective, tap_weights
from nst.painting.regions import Region
from nst.pictures.picture import Picture
from nst.recipe import Recipe


def identity(
    image: Tensor, taps: Collection[str], border: str = "zeros", pooling: str = "max"
) -> Generator[tuple[str, Tensor], Tensor | None]:
    """Features that are the pixels, times 1 for conv2, 2 for conv4 and so on, so that losses can be derived by hand."""
    yield from ((tap, image * (int(tap[4:]) / 2)) for tap in taps)


NOTHING = Moments(torch.zeros(1, 3), torch.zeros(1, 3, 3))


def losses_of(objective: Objective, image: Tensor) -> Losses:
    return Losses.read(objective.evaluate(image.clone().requires_grad_()).numbers(), objective.parts)


def test_tap_weights_fall_by_the_factor_with_each_pooling() -> None:
    weights = tap_weights(("conv2", "conv4", "conv7", "conv10", "conv13"), 4.0)
    assert list(weights.values()) == pytest.approx([n / 341 for n in (256, 64, 16, 4, 1)])


def test_without_falloff_tap_weights_are_the_plain_average() -> None:
    assert tap_weights(("conv1", "conv2", "conv13"), 1.0) == pytest.approx(
        dict.fromkeys(("conv1", "conv2", "conv13"), 1 / 3)
    )


def test_plain_losses_are_averages_of_squared_errors() -> None:
    ones = torch.ones(1, 3, 4, 4)
    recipe = Recipe(
        loss="plain", content_weight=3, style_weight=5, tv_weight=7, style_falloff=1, style_statistic="gram"
    )
    objective = Objective(
        identity,
        content={"conv2": 3 * ones, "conv4": 2 * ones},  # errors 2 and 0
        style=[Region({"conv4": NOTHING})],  # the Gram matrix of 2s is 4 everywhere
        recipe=recipe,
    )
    losses = losses_of(objective, ones)
    assert losses[:4] == Losses(content=(4 + 0) / 2, style=16, tv=0, total=3 * 2 + 5 * 16)[:4]
    assert losses.content_taps == {"conv2": 2, "conv4": 0}
    assert losses.style_taps == {"conv4": 16}


def test_what_the_taps_add_is_the_loss() -> None:
    ones = torch.ones(1, 3, 4, 4)
    style = Moments(torch.full((1, 3), 2.0), torch.full((1, 3, 3), 8.0))
    mask = torch.cat((torch.ones(1, 1, 4, 2), torch.zeros(1, 1, 4, 2)), 3)
    regions = [Region({"conv2": style, "conv1": style}, mask), Region({"conv2": NOTHING}, 1 - mask)]
    losses = losses_of(Objective(identity, {"conv2": 2 * ones, "conv4": 4 * ones}, regions, Recipe()), ones)
    assert list(losses.style_taps) == ["conv2", "conv1"]  # mean and covariance in two regions are one number each
    assert sum(losses.content_taps.values()) == pytest.approx(losses.content)
    assert sum(losses.style_taps.values()) == pytest.approx(losses.style)


def test_relative_losses_are_shares_of_their_targets() -> None:
    ones = torch.ones(1, 3, 4, 4)
    targets = {"conv2": 2 * ones, "conv4": 4 * ones}  # each error is half of its target
    style = Moments(torch.full((1, 3), 2.0), torch.full((1, 3, 3), 8.0))  # covariance 8 - 2 * 2
    gram = losses_of(Objective(identity, targets, [Region({"conv2": style})], Recipe(style_statistic="gram")), ones)
    assert gram.content == pytest.approx(0.25)
    assert gram.style == pytest.approx((7 / 8) ** 2)
    both = losses_of(Objective(identity, targets, [Region({"conv2": style})], Recipe()), ones)
    assert both.style == pytest.approx((0.5**2 + 1**2) / 2)  # of the mean and of the covariance, which is 0


def test_a_place_of_more_importance_counts_more_in_the_content() -> None:
    ones, importance = torch.ones(1, 3, 1, 2), torch.tensor([[[[1.5, 0.5]]]])
    target = {"conv2": torch.tensor([[[[2.0, 1.0]]]]).expand(1, 3, 1, 2)}  # errors 1 and 0
    plain, relative = (
        losses_of(Objective(identity, target, (), recipe, importance), ones).content
        for recipe in (Recipe(loss="plain"), Recipe())
    )
    assert plain == pytest.approx(1.5 / 2)
    assert relative == pytest.approx(1.5 / (1.5 * 4 + 0.5 * 1))


def test_relative_style_weights_mean_the_same_in_every_layer() -> None:
    ones = torch.ones(1, 3, 4, 4)
    for tap, features in identity(ones, ("conv2", "conv13")):
        mean, gram = moments(features)
        objective = Objective(identity, {}, [Region({tap: Moments(mean, 2 * gram)})], Recipe(style_statistic="gram"))
        assert losses_of(objective, ones).style == pytest.approx(0.25)


def test_total_variation_counts_where_it_has_a_weight() -> None:
    board = ((torch.arange(4)[:, None] + torch.arange(4)) % 2).float().expand(1, 3, 4, 4)
    target = {"conv2": board}
    assert losses_of(Objective(identity, target, (), Recipe(tv_weight=3)), board)[:4] == (0, 0, 2, 6)
    assert losses_of(Objective(identity, target, (), Recipe(tv_weight=0)), board)[:4] == (0, 0, 0, 0)


def test_the_gradient_of_a_tap_is_made_right_before_its_layers(
    backbone: Backbone, content: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that those of all taps are never held together."""
    order: list[str] = []

    def noted(function: type[torch.autograd.Function], name: str) -> None:
        backward = function.backward

        def noting(*given: Any) -> Any:
            order.append(name)
            return backward(*given)

        monkeypatch.setattr(function, "backward", staticmethod(noting))

    noted(FrozenConvReLU, "layer")
    noted(MomentErrors, "style")
    features = backbone.extractor(content.rgb, ("conv1", "conv3"), "replicate")
    region = Region({tap: moments(f) for tap, f in features.items()})
    objective, pixels = Objective(backbone.extractor.walk, {}, [region], Recipe()), content.rgb.clone().requires_grad_()
    objective.gradient(pixels, objective.evaluate(pixels))
    assert order == ["style", "layer", "layer", "style", "layer"]


@pytest.mark.parametrize("worst", [torch.nan, torch.inf])
def test_pixels_that_are_no_numbers_have_no_loss(backbone: Backbone, content: Picture, worst: float) -> None:
    """Whatever the network makes of them: so a run goes back that has left the finite numbers."""
    features = backbone.extractor(content.rgb, ("conv2",), "replicate")
    objective = Objective(backbone.extractor.walk, features, (), Recipe(tv_weight=0))
    pixels = content.rgb.clone()
    pixels[0, 1, 2, 3] = worst
    assert not math.isfinite(losses_of(objective, pixels).total)


def test_the_loss_is_zero_at_its_own_targets(backbone: Backbone, content: Picture) -> None:
    features = backbone.extractor(content.rgb, ("conv2", "conv7"), "replicate")
    grams = {tap: moments(f) for tap, f in features.items()}
    losses = losses_of(Objective(backbone.extractor.walk, features, [Region(grams)], Recipe()), content.rgb)
    assert losses.content < 1e-10
    assert losses.style < 1e-10
