"""Recall, nDCG, the bootstrap and the calibration of forecasts against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from ertedge.errors import ConfigurationError
from tools.evaluation.ranking import Interval, bootstrap, ndcg_at, recall_at, top
from tools.evaluation.recommender_figures import calibration_error

SCORES = np.array([[0.9, 0.8, 0.7, 0.1], [0.1, 0.2, 0.3, 0.4]])


def test_the_highest_come_first_and_ties_keep_their_order() -> None:
    assert top(SCORES, 2).tolist() == [[0, 1], [3, 2]]
    assert top(np.zeros((1, 3)), 5).tolist() == [[0, 1, 2]]


def test_recall_is_hits_over_as_many_as_fit() -> None:
    relevant = np.array([[True, False, True, True], [True, False, False, False]])
    assert recall_at(SCORES, relevant, 2).tolist() == [0.5, 0.0]
    assert recall_at(SCORES, relevant, 3) == pytest.approx([2 / 3, 0.0])
    assert recall_at(SCORES, relevant, 4).tolist() == [1.0, 1.0]
    assert np.isnan(recall_at(SCORES, np.zeros((2, 4), dtype=bool), 2)).all()


def test_ndcg_discounts_by_place_and_divides_by_the_best() -> None:
    gains = np.array([[0.0, 1.0, 0.0, 1.0], [2.0, 0.0, 0.0, 1.0]])
    first = (1 / np.log2(3)) / (1 + 1 / np.log2(3))
    second = 1 / (2 + 1 / np.log2(3))
    assert ndcg_at(SCORES, gains, 2) == pytest.approx([first, second])
    assert ndcg_at(SCORES, SCORES, 4) == pytest.approx([1.0, 1.0])
    assert np.isnan(ndcg_at(SCORES, np.zeros((2, 4)), 2)).all()


def test_the_bootstrap_covers_the_mean_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    inside = 0
    for seed in range(200):
        found = bootstrap(rng.standard_normal(60), seed=seed, samples=300)
        inside += found.low <= 0 <= found.high
    assert 0.89 < inside / 200 < 0.985
    sizes = bootstrap(rng.standard_normal(10_000), samples=300)
    assert sizes.high - sizes.low == pytest.approx(2 * 1.96 / 100, rel=0.15)


def test_the_bootstrap_leaves_out_what_is_not_known_and_refuses_nothing() -> None:
    assert bootstrap(np.array([1.0, np.nan, 3.0])).n == 2
    with pytest.raises(ConfigurationError, match="nobody"):
        bootstrap(np.array([np.nan]))


def test_intervals_overlap_when_they_share_a_point() -> None:
    low, middle, high = Interval(1, 0, 2, 5), Interval(2, 1, 3, 5), Interval(4, 3.5, 5, 5)
    assert low.overlaps(middle)
    assert middle.overlaps(low)
    assert not low.overlaps(high)


def test_calibration_is_the_mean_distance_over_bins() -> None:
    true = np.concatenate([np.full(50, 0.0), np.full(50, 0.4)])
    assert calibration_error(true, true, bins=2) == pytest.approx(0)
    assert calibration_error(true + np.repeat([0.1, 0.3], 50), true, bins=2) == pytest.approx(0.2)
    # Noise that evens out within a bin is no lack of calibration.
    noisy = true + np.tile([0.2, -0.2], 50)
    assert calibration_error(true, noisy, bins=2) == pytest.approx(0, abs=1e-12)
