"""The analysis of covariance against values computed by hand, and the fast one against statsmodels."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tools.trial.ancova import each_of, fit, many, pooled
from tools.trial.power import LEVEL, PowerAssumptions, power_of, power_table, simulated

pytestmark = pytest.mark.tools

NONE = np.array(["a"] * 8)


def test_against_values_computed_by_hand() -> None:
    """Two groups of four with the slope 0.5 within: the difference at the same baseline is the means' less 0.5 times the
    baselines'. Post = 2 + 0.5 baseline + 3 group + residuals that are orthogonal to all of it."""
    baseline = np.array([2.0, 4, 6, 8, 4, 6, 8, 10])
    group = np.array([0.0] * 4 + [1.0] * 4)
    residual = np.array([1.0, -1, -1, 1] * 2)
    found = fit(2 + 0.5 * baseline + 3 * group + residual, group, baseline, NONE)
    assert found.difference.value == pytest.approx(3.0)
    # Residual variance 8 / (8 - 3); Sxx within is 40; (mean difference of baselines)^2 / 40 = 4 / 40.
    error = math.sqrt(8 / 5 * (1 / 4 + 1 / 4 + 4 / 40))
    assert found.difference.error == pytest.approx(error)
    assert found.df == 5
    assert found.difference.high - 3.0 == pytest.approx(2.5706 * error, rel=1e-4)
    assert found.means == pytest.approx((2 + 0.5 * 6, 2 + 0.5 * 6 + 3))


def test_strata_are_adjusted_for() -> None:
    rng = np.random.default_rng(2)
    strata = np.array(["low", "high"] * 30)
    group = (np.arange(60) % 4 < 2).astype(float)
    baseline = rng.standard_normal(60)
    post = baseline + 100 * (strata == "high") + 2 * group + 0.01 * rng.standard_normal(60)
    assert fit(post, group, baseline, strata).difference.value == pytest.approx(2.0, abs=0.02)


def test_too_few_people_are_refused() -> None:
    with pytest.raises(ValueError, match="too few"):
        fit(np.zeros(3), np.array([0.0, 1, 1]), np.arange(3.0), np.array(["a", "b", "a"]))
    with pytest.raises(ValueError, match="too few"):
        fit(np.arange(9.0), np.ones(9), np.arange(9.0), np.array(["a"] * 9))


def test_the_fast_one_is_the_slow_one() -> None:
    post, group, baseline, strata, seen = simulated(5, 50, 0.3, np.random.default_rng(3), PowerAssumptions())
    differences, p = many(post, group, baseline, strata, seen)
    for row in range(5):
        keep = seen[row]
        names = np.where(strata[row][keep] > 0, "high", "low")
        found = fit(post[row][keep], group[row][keep], baseline[row][keep], names).difference
        assert differences[row] == pytest.approx(found.value)
        assert p[row] == pytest.approx(found.p)


def test_imputed_data_sets_are_fitted_as_single_ones() -> None:
    rng = np.random.default_rng(4)
    group, baseline = (np.arange(40) % 2).astype(float), rng.standard_normal(40)
    strata = np.array(["a", "b", "b", "c"] * 10)
    posts = rng.standard_normal((3, 40)) + baseline
    found = each_of(posts, group, baseline, strata)
    for row, post in enumerate(posts):
        one = fit(post, group, baseline, strata)
        assert found.differences[row] == pytest.approx(one.difference.value)
        assert found.errors[row] == pytest.approx(one.difference.error)
        assert found.means[row] == pytest.approx(one.means)
        assert found.residual_sd[row] == pytest.approx(one.residual_sd)
        assert found.df == one.df


def test_rubins_rules() -> None:
    """Three estimates with one standard error: within 4, between 1, total 4 + 4/3; the share of missing information."""
    found, share = pooled(np.array([9.0, 10, 11]), np.array([2.0, 2, 2]), 1e9, 50)
    total = 4 + 4 / 3
    assert (found.value, found.error) == pytest.approx((10.0, math.sqrt(total)))
    assert share == pytest.approx((4 / 3) / total)
    # With no end of people Barnard and Rubin give Rubin's own degrees of freedom, 2 / share^2 = 32: t is 2.0369.
    assert found.high - 10 == pytest.approx(2.0369 * math.sqrt(total), rel=1e-4)
    sure, none = pooled(np.array([5.0, 5, 5]), np.array([1.0, 1, 1]), 20.0, 24)
    assert none == 0
    assert sure.error == pytest.approx(1.0)


@pytest.mark.parametrize("people", [40, 125])
def test_without_an_effect_one_trial_in_twenty_finds_one(people: int) -> None:
    trials = 4000
    found = power_of(people, 0.0, trials, np.random.default_rng([7, people]), PowerAssumptions())
    assert abs(found.power - LEVEL) < 3.3 * math.sqrt(LEVEL * (1 - LEVEL) / trials)
    assert abs(found.estimate) < 3.3 * 2 / math.sqrt(people * 0.8 * trials)


def test_power_is_what_theory_says() -> None:
    """Normal theory: the standard error is 2 sqrt(1 - r^2) / sqrt(n), and power the share beyond 1.96 of it."""
    row = power_table([200], [0.4], 3000, 1, PowerAssumptions(correlation=0.6, lost=0.0))[0]
    error = 2 * math.sqrt(1 - 0.36) / math.sqrt(200)
    expected = 0.5 * (1 + math.erf((0.4 / error - 1.96) / math.sqrt(2)))
    assert abs(row.power - expected) < 3.3 * row.error + 0.01
    assert row.error == pytest.approx(math.sqrt(row.power * (1 - row.power) / 3000))


def test_more_people_and_larger_effects_have_more_power() -> None:
    rows = {(row.people, row.effect): row.power for row in power_table([60, 250], [0.2, 0.5], 1000, 1)}
    assert rows[60, 0.2] < rows[60, 0.5] < rows[250, 0.5]
    assert rows[60, 0.2] < rows[250, 0.2]
