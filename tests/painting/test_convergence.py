"""When a scale has settled: told by the least loss of windows of steps."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from nst.painting.backbone import Backbone
from nst.painting.convergence import WINDOW, Arriving, Convergence, Descent
from nst.painting.painting import stylize
from nst.pictures.picture import Picture
from nst.recipe import Recipe


def ends_at(losses: list[float], tolerance: float) -> int | None:
    """The step after which it is reached, from 1."""
    convergence = Convergence(tolerance)
    for step, loss in enumerate(losses, 1):
        convergence.add(torch.tensor(loss))
        if convergence.reached:
            return step
    return None


def test_a_loss_that_halves_in_each_window_never_settles() -> None:
    assert ends_at([0.5 ** (step / WINDOW) for step in range(200)], 0.4) is None


def test_a_flat_loss_ends_a_window_after_two_equal_ones() -> None:
    assert ends_at([1.0] * 100, 0.001) == 3 * WINDOW


def test_it_ends_where_the_gain_falls_below_the_tolerance() -> None:
    windows = [100.0, 50.0, 40.0, 39.0, 38.9, 38.8, 38.7]
    losses = [least for least in windows for _ in range(WINDOW)]
    assert ends_at(losses, 0.1) == 5 * WINDOW  # 40 to 39 is 2.5 %, and a window passes until that is known
    assert ends_at(losses, 0.01) == 6 * WINDOW
    assert ends_at(losses, 0.0) is None


def test_a_single_bad_step_does_not_end_it() -> None:
    losses = [0.5 ** (step / WINDOW) for step in range(100)]
    losses[29] = losses[39] = 50.0
    assert ends_at(losses, 0.1) is None


def test_what_is_no_number_ends_it() -> None:
    assert ends_at([1.0] * WINDOW + [math.nan] * 90, 0.1) == 3 * WINDOW


class Sent(Tensor):
    """A number that notes how it was asked for."""

    asked: dict[str, Any]

    def to(self, *where: Any, **how: Any) -> Tensor:
        self.asked = how
        return super().to(*where, **how)


def test_where_nothing_says_that_a_number_has_arrived_it_is_waited_for() -> None:
    """On MPS, say; only CUDA has an event for it."""
    number = torch.tensor(2.5).as_subclass(Sent)
    assert Arriving(number).value() == 2.5
    assert number.asked == {"non_blocking": False}


class OnCuda(Tensor):
    """A number that takes itself to be on a second GPU."""

    is_cuda = True
    device = torch.device("cuda:1")

    def to(self, *where: Any, **how: Any) -> Tensor:
        return torch.tensor(2.5)


def test_on_cuda_the_number_is_waited_for_on_its_own_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    recorded: list[object] = []

    class Event:
        def record(self, stream: object) -> None:
            recorded.append(stream)

        def synchronize(self) -> None:
            recorded.append("waited for")

    monkeypatch.setattr(torch.cuda, "Event", Event)
    monkeypatch.setattr(torch.cuda, "current_stream", lambda device: f"the stream of {device}")
    assert Arriving(torch.tensor(0.0).as_subclass(OnCuda)).value() == 2.5
    assert recorded == ["the stream of cuda:1", "waited for"]


@pytest.mark.parametrize("tolerance", [0.0, 0.3])
def test_a_scale_that_has_settled_ends_early_and_says_so(
    backbone: Backbone, content: Picture, style: Picture, tolerance: float
) -> None:
    recipe = Recipe(size=96, start_size=48, first_steps=60, last_steps=50, upscale=True, tolerance=tolerance)
    seen = list(stylize(content, style, recipe, backbone=backbone))
    ends = [progress for progress in seen if progress.step == progress.steps]
    done = [progress.done for progress in seen]
    assert len(ends) == seen[-1].scales == 2
    assert done == sorted(done)
    assert done[-1] == 1
    assert seen[-1].iteration == seen[-1].iterations == sum(end.steps for end in ends)
    assert ([end.steps for end in ends] == [60, 50]) == (tolerance == 0)
    assert [end.steps % WINDOW for end in ends] == [0, 0]


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        ([2.0, 5.0, 1.0], False),
        ([2.0, 1.0, 2.1], True),
        ([2.0, 1.0, 2.01], False),  # half a percent is rounding
        ([2.0], False),
        ([0.0, 1e-9], False),  # as good as nothing, both
        ([math.nan, 1.0], False),
    ],
)
def test_a_way_that_leads_up_is_told_at_its_end(losses: list[float], expected: bool) -> None:
    descent = Descent()
    for loss in losses:
        descent.add(torch.tensor(loss))
    assert descent.went_up() == expected
