"""What the next painting is reckoned to take."""

from __future__ import annotations

from nst.serving.cost import Cost
from nst.serving.pace import FARTHEST, Pace
from nst.serving.speed import Speed

COST = Cost(steps=10, operations=1e9, bytes=0.0)
TWICE = Cost(steps=20, operations=2e9, bytes=0.0)


def test_nothing_is_known_before_the_first_painting_which_says_it() -> None:
    pace = Pace()
    assert pace.seconds(COST) is None
    pace.learn(COST, 4.0)
    assert pace.seconds(TWICE) == 8.0


def test_the_last_painting_corrects_what_was_measured() -> None:
    pace = Pace(Speed(start=1.0, step=0.1, operations=1e9))
    assert pace.seconds(COST) == 3.0  # 1 + 10 * 0.1 + 1
    pace.learn(COST, 6.0)
    assert pace.seconds(TWICE) == 10.0  # twice (1 + 20 * 0.1 + 2)
    assert pace.speed == Speed(start=2.0, step=0.2, operations=0.5e9)
    pace.learn(COST, 1e6)
    assert pace.seconds(COST) == 3.0 * FARTHEST
