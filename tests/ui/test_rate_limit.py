"""How often each of many may do something."""

from __future__ import annotations

from nst.ui.rate_limit import RateLimit


class Clock:
    """A time that stands still until it is set."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_is_free_and_then_it_goes_by_time() -> None:
    clock = Clock()
    limit = RateLimit(burst=3, per_second=0.5, clock=clock)
    assert [limit.wait("a") for _ in range(4)] == [0, 0, 0, 2]
    clock.now += 1.5
    assert limit.wait("a") == 0.5
    clock.now += 0.5
    assert [limit.wait("a") for _ in range(2)] == [0, 2]
    clock.now += 1000
    assert [limit.wait("a") for _ in range(4)] == [0, 0, 0, 2]


def test_each_has_a_bucket_and_a_clock_that_goes_back_takes_nothing() -> None:
    clock = Clock()
    limit = RateLimit(burst=1, per_second=1, clock=clock)
    assert (limit.wait("a"), limit.wait("b")) == (0, 0)
    clock.now -= 1000
    assert limit.wait("a") == 1


def test_no_more_buckets_are_kept_than_said_and_the_oldest_goes_first() -> None:
    limit = RateLimit(burst=1, per_second=1, remembered=10, clock=Clock())
    for i in range(1000):
        limit.wait(str(i))
        limit.wait("busy")
    assert len(limit) == 10
    assert limit.wait("busy") == 1
    assert limit.wait("0") == 0
