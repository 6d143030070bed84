"""Effect sizes and rates against values computed by hand or published."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tools.trial.effects import (
    Estimate,
    Rate,
    adjusted_g,
    correction,
    hedges_g,
    number_needed,
    pooled_sd,
    rate_difference,
)

pytestmark = pytest.mark.tools


def groups(n1: int, m1: float, s1: float, n2: int, m2: float, s2: float) -> tuple[np.ndarray, np.ndarray]:
    """Two samples with exactly these means and standard deviations."""

    def sample(n: int, mean: float, sd: float) -> np.ndarray:
        raw = np.linspace(-1, 1, n)
        return mean + sd * raw / raw.std(ddof=1)

    return sample(n1, m1, s1), sample(n2, m2, s2)


def test_the_correction_is_that_of_hedges() -> None:
    # Hedges (1981): J(10) = 0.9228 to four figures; the usual approximation is 1 - 3 / (4 df - 1).
    assert correction(10) == pytest.approx(0.92275, abs=1e-4)
    for df in (5, 20, 100):
        assert correction(df) == pytest.approx(1 - 3 / (4 * df - 1), abs=2e-3)


def test_g_of_a_textbook_example() -> None:
    # Borenstein et al. (2009), chapter 4: means 103 and 100, SD 5.5 and 4.5, 50 people each: d 0.5970, g 0.5924.
    first, second = groups(50, 103, 5.5, 50, 100, 4.5)
    assert pooled_sd(first, second) == pytest.approx(5.0249, abs=1e-4)
    found = hedges_g(first, second)
    assert found.value == pytest.approx(0.5924, abs=1e-4)
    # Their approximate interval is 0.5924 -+ 1.96 * 0.2032; the exact one is close to it.
    assert found.low == pytest.approx(0.194, abs=0.01)
    assert found.high == pytest.approx(0.991, abs=0.01)
    assert found.p == pytest.approx(0.0036, abs=0.0005)


def test_scores_without_any_spread_are_refused() -> None:
    with pytest.raises(ValueError, match="nothing to standardise by"):
        hedges_g(np.ones(5), np.ones(5))


def test_the_interval_of_no_difference_is_even_and_as_wide_as_t_says() -> None:
    first, second = groups(20, 0, 1, 20, 0, 1)
    found = hedges_g(first, second)
    assert found.value == pytest.approx(0, abs=1e-12)
    assert found.low == pytest.approx(-found.high)
    assert found.high == pytest.approx(correction(38) * 0.6198, abs=2e-3)  # noncentral t by tables: 1.96 * sqrt(1/10)


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    held = 0
    for _ in range(200):
        found = hedges_g(rng.normal(0.5, 1, 15), rng.normal(0, 1, 15))
        held += found.low / correction(28) <= 0.5 <= found.high / correction(28)
    assert abs(held / 200 - 0.95) < 3.3 * math.sqrt(0.95 * 0.05 / 200)


def test_g_of_an_adjusted_difference() -> None:
    found = adjusted_g(Estimate(4.0, 0.0, 0.0, 100, 0.01, 2.0), sd=8.0, df=98)
    j = correction(98)
    assert found.value == pytest.approx(0.5 * j)
    error = math.sqrt(0.25**2 + 0.5**2 / (2 * 98))
    assert found.high - found.value == pytest.approx(j * 1.9845 * error, rel=1e-3)


def test_the_intervals_of_rates_are_newcombes() -> None:
    # Newcombe (1998), table II, method 10, of 56/70 - 48/80: 0.0524 to 0.3339.
    found = rate_difference(Rate(56, 70), Rate(48, 80))
    assert (found.value, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=1e-4)
    # 9/10 - 3/10: 0.1705 to 0.8090.
    found = rate_difference(Rate(9, 10), Rate(3, 10))
    assert (found.low, found.high) == pytest.approx((0.1705, 0.8090), abs=1e-4)


def test_wilson_at_the_ends() -> None:
    assert Rate(0, 10).interval == pytest.approx((0.0, 0.2775), abs=1e-4)
    assert Rate(10, 10).interval == pytest.approx((0.7225, 1.0), abs=1e-4)
    assert math.isnan(Rate(0, 0).share)


def test_the_number_needed_says_which_way_it_goes() -> None:
    assert number_needed(Estimate(0.2, 0.05, 0.35, 100)) == "NNTB 5.0 (NNTB 2.9 to NNTB 20.0)"
    assert number_needed(Estimate(0.1, -0.05, 0.25, 100)) == "NNTB 10.0 (NNTB 4.0 to infinity to NNTH 20.0)"
    assert number_needed(Estimate(-0.1, -0.2, -0.02, 100)) == "NNTH 10.0 (NNTH 50.0 to NNTH 5.0)"
    assert number_needed(Estimate(0.0, -0.1, 0.1, 100)).startswith("infinity")
    assert number_needed(Estimate(math.nan, math.nan, math.nan, 0)) == "not estimable"
