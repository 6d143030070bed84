"""What is missing: imputed without bias where it is missing at random, carried forward, worst case."""

from __future__ import annotations

import numpy as np
import pytest

from tools.trial.missing import Scores, carried_forward, impute, worst_case

pytestmark = pytest.mark.tools


def scores(people: int = 400, *, seed: int = 1) -> tuple[Scores, np.ndarray]:
    """Whoever was worse at the middle is likelier to be missing at the end; and what they would have said."""
    rng = np.random.default_rng(seed)
    group = (np.arange(people) % 2).astype(float)
    first = rng.standard_normal(people)
    middle = 0.7 * first + 0.7 * rng.standard_normal(people) - 0.3 * group
    last = 0.8 * middle + 0.5 * rng.standard_normal(people) - 0.2 * group
    gone = rng.random(people) < 1 / (1 + np.exp(-2 * middle + 0.5))
    return Scores((first, middle, np.where(gone, np.nan, last)), group, np.array(["a"] * people)), last


def test_what_was_seen_stays_and_what_is_missing_is_drawn_anew() -> None:
    given, _ = scores(60)
    found = impute(given, 4, np.random.default_rng(1))
    assert found.shape == (4, 60)
    assert not np.isnan(found).any()
    assert (found[:, ~given.missing] == given.post[~given.missing]).all()
    assert len({tuple(row) for row in found.tolist()}) == 4


def test_imputation_mends_what_complete_cases_get_wrong() -> None:
    given, truth = scores(2000)
    complete = given.post[~given.missing].mean()
    imputed = impute(given, 10, np.random.default_rng(1)).mean()
    assert abs(imputed - truth.mean()) < 0.06
    assert abs(complete - truth.mean()) > 0.2


def test_a_gap_in_between_is_filled_first() -> None:
    given, _ = scores(80)
    middle = given.times[1].copy()
    middle[::5] = np.nan
    found = impute(Scores((given.times[0], middle, given.post), given.group, given.strata), 3, np.random.default_rng(1))
    assert not np.isnan(found).any()


def test_few_people_share_a_regression() -> None:
    rng = np.random.default_rng(1)
    group = np.array([1.0, 1, 1, 0, 0, 0, 0, 0, 0, 0])
    first = rng.standard_normal(10)
    last = first.copy()
    last[0] = np.nan
    assert not np.isnan(impute(Scores((first, last), group, np.array(["a"] * 10)), 2, rng)).any()


def test_the_last_observation_is_carried_forward() -> None:
    nan = np.nan
    times = (np.array([5.0, 6, 7]), np.array([4.0, nan, nan]), np.array([nan, nan, 3.0]))
    given = Scores(times, np.array([1.0, 0, 1]), np.array(["a"] * 3))
    assert carried_forward(given).tolist() == [4.0, 6.0, 3.0]


def test_the_worst_case_is_worst_for_the_group_that_is_compared() -> None:
    nan = np.nan
    given = Scores((np.zeros(4), np.array([nan, nan, 2.0, 9.0])), np.array([1.0, 0, 1, 0]), np.array(["a"] * 4))
    assert worst_case(given, -1.0).tolist() == [9.0, 2.0, 2.0, 9.0]
    assert worst_case(given, 1.0).tolist() == [2.0, 9.0, 2.0, 9.0]
