"""How fast a device is: sums by hand, and a real one against a real painting."""

from __future__ import annotations

from nst.painting.backbone import Backbone
from nst.painting.painting import stylize
from nst.recipe import Recipe
from nst.serving.cost import Cost
from nst.serving.speed import Speed
from tests.serving.support import noise


def test_seconds_are_start_steps_and_operations() -> None:
    speed = Speed(start=1.0, step=0.5, operations=100.0)
    assert speed.seconds(Cost(steps=10, operations=300.0, bytes=1e9)) == 1 + 10 * 0.5 + 300 / 100


def test_a_measured_speed_foretells_a_painting(backbone: Backbone) -> None:
    """Within a factor of three, as other work may go on here; `bench.duration` says how well on a quiet machine."""
    speed = Speed.measured(backbone)
    recipe = Recipe(size=192, start_size=0, first_steps=6)
    painting = stylize(noise(192, 192), noise(192, 192), recipe, backbone=backbone)
    painting.result()
    assert painting.latest is not None
    assert 1 / 3 < speed.seconds(Cost.of(painting)) / painting.latest.seconds < 3
