from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from numpy.typing import NDArray

from bench.bootstrap import Estimate, estimates, mean_estimates


def test_what_is_the_same_for_all_pairs_is_sure() -> None:
    assert mean_estimates(np.full((5, 2), [3.0, 4.0])) == [(3, 3, 3), (4, 4, 4)]


def test_a_mean_of_many_is_as_sure_as_its_standard_error_says() -> None:
    """Ten times the numbers 1 to 40: a standard deviation of 11.54, over 400 pairs 0.577, times 1.96."""
    (mean,) = mean_estimates(np.tile(np.arange(1.0, 41), 10)[:, None])
    assert mean.value == 20.5
    assert mean.high - 20.5 == pytest.approx(1.131, rel=0.08)
    assert 20.5 - mean.low == pytest.approx(1.131, rel=0.08)


def test_few_lopsided_pairs_have_the_interval_of_an_independent_bootstrap() -> None:
    values = np.array([0.1, 0.12, 0.15, 0.11, 0.4, 0.13])
    (mean,) = mean_estimates(values[:, None])
    theirs = scipy.stats.bootstrap(
        (values,), np.mean, method="percentile", n_resamples=20000, rng=np.random.default_rng(1)
    ).confidence_interval
    assert (mean.low, mean.high) == pytest.approx((theirs.low, theirs.high), rel=0.05)


def test_both_sides_of_a_ratio_are_of_the_same_pairs() -> None:
    """However far the pairs are from one another: where ours is half of theirs in each, the ratio is sure."""
    theirs = np.array([1.0, 10, 100, 1000])
    (ratio,) = estimates(lambda chosen: np.array([(theirs[chosen] / 2).mean() / theirs[chosen].mean()]), 4)
    assert ratio == pytest.approx((0.5, 0.5, 0.5))


def test_the_same_pairs_give_the_same_interval() -> None:
    values = np.random.default_rng(0).random((10, 3))
    assert mean_estimates(values) == mean_estimates(values)
    assert mean_estimates(values) == estimates(lambda chosen: values[chosen].mean(0), 10)


def test_where_too_many_draws_tell_nothing_there_is_no_interval() -> None:
    """The first number that is drawn is 1 in a twentieth of the draws, and 1 to 6 in six of them."""

    def first_number(chosen: NDArray[np.intp]) -> NDArray[np.float64]:
        first = float(chosen[0])
        return np.array([np.nan if first == 1 else first, np.nan if 0 < first < 7 else first, np.nan])

    told, hardly_told, untold = estimates(first_number, 20)
    assert told == (0, 0, 19)
    assert hardly_told.value == 0
    assert np.isnan(hardly_told[1:]).all()
    assert np.isnan(untold).all()


def test_an_estimate_is_written_with_its_interval() -> None:
    assert str(Estimate(0.7512, 0.7, 0.81234)) == "0.751 [0.7, 0.812]"
    assert str(Estimate(0.7512, np.nan, np.nan)) == "0.751 [?]"
    assert str(Estimate(np.nan, np.nan, np.nan)) == "-"
