"""Effect sizes and rates with their intervals: Hedges' g, reliable change, the number needed to treat. Host side only.

**Hedges' g** divides a difference of means by a pooled standard deviation and corrects its bias in small samples by
J(df) = gamma(df/2) / (sqrt(df/2) gamma((df-1)/2)) (Hedges 1981, Journal of Educational Statistics 6, 107-128). Its interval
inverts the noncentral t distribution of the t that belongs to it (Steiger and Fouladi 1997). Of an **adjusted** difference g
divides the coefficient of an analysis of covariance by the same standard deviation; its interval is the coefficient's, which
takes the standard deviation as known, widened by the uncertainty of that (Borenstein et al. 2009, chapter 4: d squared over
twice the degrees of freedom).

**Rates** have Wilson's intervals, their difference Newcombe's (1998, Statistics in Medicine 17, 873-890, method 10), and the
number needed to treat is the inverse of the difference. Where the difference's interval holds 0 that of the number runs from
benefit over infinity to harm, and is written so (Altman 1998, BMJ 317, 1309-1312).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats

Array = NDArray[np.float64]
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95% interval; ``p`` is two-sided, NaN where none is told; ``n`` is how many people it rests on."""

    value: float
    low: float
    high: float
    n: int
    p: float = math.nan
    error: float = math.nan

    def times(self, factor: float) -> Estimate:
        """In other units; a negative factor turns the interval round."""
        ends = sorted((self.low * factor, self.high * factor))
        return Estimate(self.value * factor, ends[0], ends[1], self.n, self.p, abs(self.error * factor))


def correction(df: float) -> float:
    """J: what takes the bias from a standardised difference with ``df`` degrees of freedom."""
    return float(math.exp(special.gammaln(df / 2) - special.gammaln((df - 1) / 2)) / math.sqrt(df / 2))


def pooled_sd(first: Array, second: Array) -> float:
    """The standard deviation within two groups."""
    df = len(first) + len(second) - 2
    squares = (len(first) - 1) * first.var(ddof=1) + (len(second) - 1) * second.var(ddof=1)
    return float(math.sqrt(squares / df))


def hedges_g(first: Array, second: Array) -> Estimate:
    """g of the first group's mean over the second's, with the interval of the noncentral t. Raises ``ValueError`` where all
    scores are the same."""
    n1, n2 = len(first), len(second)
    df = n1 + n2 - 2
    scale = math.sqrt(1 / n1 + 1 / n2)
    sd = pooled_sd(first, second)
    if sd == 0:
        raise ValueError("all scores within a group are the same, so there is nothing to standardise by")
    d = float(first.mean() - second.mean()) / sd
    low, high = (_noncentrality(d / scale, df, share) * scale for share in ((1 + LEVEL) / 2, (1 - LEVEL) / 2))
    j = correction(df)
    p = float(2 * stats.t.sf(abs(d / scale), df))
    return Estimate(j * d, j * low, j * high, n1 + n2, p)


def adjusted_g(difference: Estimate, sd: float, df: int) -> Estimate:
    """g of an adjusted difference with its standard error, by a pooled ``sd`` with ``df`` degrees of freedom."""
    j = correction(df)
    d = difference.value / sd
    error = math.sqrt((difference.error / sd) ** 2 + d**2 / (2 * df))
    half = float(stats.t.ppf((1 + LEVEL) / 2, df)) * error
    return Estimate(j * d, j * (d - half), j * (d + half), difference.n, difference.p, j * error)


def _noncentrality(t: float, df: int, share: float) -> float:
    """The noncentrality at which ``t`` is the ``share`` quantile."""
    reach = 8 + 2 * abs(t)

    def gap(value: float) -> float:
        return float(stats.nct.cdf(t, df, value)) - share

    return float(optimize.brentq(gap, t - reach, t + reach, xtol=1e-8))


@dataclass(frozen=True, slots=True)
class Rate:
    """So many of so many, with Wilson's interval."""

    count: int
    of: int

    @property
    def share(self) -> float:
        """NaN of nobody."""
        return self.count / self.of if self.of else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's, without a correction for continuity."""
        if not self.of:
            return math.nan, math.nan
        z = float(stats.norm.ppf((1 + LEVEL) / 2))
        centre = (self.share + z**2 / (2 * self.of)) / (1 + z**2 / self.of)
        half = z / (1 + z**2 / self.of) * math.sqrt(self.share * (1 - self.share) / self.of + z**2 / (4 * self.of**2))
        return max(0.0, centre - half), min(1.0, centre + half)


def rate_difference(first: Rate, second: Rate) -> Estimate:
    """The first rate less the second, with Newcombe's interval."""
    (low1, high1), (low2, high2) = first.interval, second.interval
    value = first.share - second.share
    low = value - math.hypot(first.share - low1, high2 - second.share)
    high = value + math.hypot(high1 - first.share, second.share - low2)
    return Estimate(value, low, high, first.of + second.of)


def number_needed(difference: Estimate) -> str:
    """The number needed to treat of a difference of rates, as it is to be read: NNTB people treated for one more to benefit,
    NNTH for one more to be harmed. Infinite where both groups do alike."""
    if not math.isfinite(difference.value):
        return "not estimable"
    interval = f"{_needed(difference.high)} to {_needed(difference.low)}"
    if difference.low < 0 < difference.high:
        interval = f"{_needed(difference.high)} to infinity to {_needed(difference.low)}"
    return f"{_needed(difference.value)} ({interval})"


def _needed(difference: float) -> str:
    if abs(difference) < 1e-9:
        return "infinity"
    return f"{'NNTB' if difference > 0 else 'NNTH'} {1 / abs(difference):.1f}"
