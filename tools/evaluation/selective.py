"""Whether confidence is true and worth abstaining by: calibration errors, risk over coverage, and what a state's confidence
is fitted with. Host only.

``confidence`` (n,) in [0, 1] is what was claimed of n answers, ``right`` (n,) whether each was right. Everything raises
``ConfigurationError`` where there is nothing to score.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from ertedge.affect.confidence import LEAST_TEMPERATURE, MOST_TEMPERATURE, Confidence
from ertedge.errors import ConfigurationError
from ertedge.types import Float32Array
from tools.evaluation.evidence import LEAST_SUBJECTS, RESAMPLES, Interval, interval_of
from tools.evaluation.metrics import CALIBRATION_BINS

Claims = NDArray[np.floating]
Truths = NDArray[np.bool_]

SMALLEST = 1e-6


def equal_width_error(confidence: Claims, right: Truths, bins: int = CALIBRATION_BINS) -> float:
    """ECE over equal bins of confidence, as ``metrics.expected_calibration_error`` has it for probabilities."""
    _some(confidence, right)
    bin_of = np.clip(np.ceil(confidence.astype(np.float64) * bins).astype(np.int64) - 1, 0, bins - 1)
    gaps = np.bincount(bin_of, weights=confidence, minlength=bins) - np.bincount(bin_of, weights=right, minlength=bins)
    return float(np.abs(gaps).sum() / len(right))


def equal_mass_error(confidence: Claims, right: Truths, bins: int = CALIBRATION_BINS) -> float:
    """The same over bins that hold as many answers each (the adaptive error of Nixon et al. 2019, "Measuring calibration in
    deep learning", for the answer given)."""
    return float(sum(n * abs(gap) for n, gap, _ in _masses(confidence, right, bins)) / len(right))


def debiased_error(confidence: Claims, right: Truths, bins: int = CALIBRATION_BINS) -> float:
    """Root of the mean squared gap over bins of equal mass, less what chance alone would make of it (Kumar et al. 2019,
    "Verified uncertainty calibration", definition 5.1); 0 where chance explains all."""
    masses = _masses(confidence, right, bins)
    squared = sum(n * (gap**2 - share * (1 - share) / max(n - 1, 1)) for n, gap, share in masses) / len(right)
    return float(np.sqrt(max(squared, 0.0)))


def _masses(confidence: Claims, right: Truths, bins: int) -> list[tuple[int, float, float]]:
    """Of each bin of equal mass: how many, mean confidence less the share that is right, that share."""
    _some(confidence, right)
    order = np.argsort(confidence, kind="stable")
    parts = [part for part in np.array_split(order, min(bins, len(order))) if len(part)]
    return [
        (len(part), float(confidence[part].mean() - right[part].mean()), float(right[part].mean())) for part in parts
    ]


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """``coverage`` (n,) rising to 1 and ``risk`` (n,): the share of wrong answers among the most confident ones. ``area`` is
    the mean risk over all coverages (AURC), ``excess`` what it has above an order that puts every wrong answer last (E-AURC;
    Geifman et al. 2019, "Bias-reduced uncertainty estimation for deep neural classifiers", section 3)."""

    coverage: NDArray[np.float64]
    risk: NDArray[np.float64]
    area: float
    excess: float

    def risk_at(self, coverage: float) -> float:
        """The risk of the most confident answers of at least this share."""
        place = int(np.searchsorted(self.coverage, coverage - 1e-9))
        return float(self.risk[min(place, len(self.risk) - 1)])


def risk_coverage(confidence: Claims, right: Truths) -> RiskCoverage:
    """The curve; answers of equal confidence come in the mean of their orders."""
    _some(confidence, right)
    n = len(right)
    _, group = np.unique(-confidence, return_inverse=True)
    wrong = np.bincount(group, weights=~right) / np.bincount(group)
    counts = np.arange(1, n + 1)
    risk = np.cumsum(wrong[np.sort(group)]) / counts
    best = np.cumsum(np.sort(~right)) / counts
    return RiskCoverage(counts / n, risk, float(risk.mean()), float(risk.mean() - best.mean()))


def fit_temperature(probabilities: Float32Array, shown: NDArray[np.int64], right: Truths) -> float:
    """The temperature under which ``right`` (n,) is likeliest of answers ``shown`` (n,) with ``probabilities`` (n, classes),
    by log-loss of right or not."""
    _some(probabilities, right)

    def loss(logarithm: float) -> float:
        claimed = claims(probabilities, shown, float(np.exp(logarithm))).clip(SMALLEST, 1 - SMALLEST)
        return float(-np.where(right, np.log(claimed), np.log1p(-claimed)).mean())

    found = minimize_scalar(loss, bounds=(np.log(LEAST_TEMPERATURE), np.log(MOST_TEMPERATURE)), method="bounded")
    return round(float(np.exp(found.x)), 3)


def claims(probabilities: Float32Array, shown: NDArray[np.int64], temperature: float) -> NDArray[np.float64]:
    """(n,) the confidence of answers ``shown`` (n,) after ``temperature``, as the device has it."""
    tempered = Confidence(temperature, 0.0).tempered(probabilities)
    return tempered[np.arange(len(shown)), shown].astype(np.float64)


def least_for(confidence: Claims, coverage: float) -> float:
    """The confidence that this share of answers has at least."""
    return round(float(np.quantile(confidence, 1.0 - coverage)), 3)


def resampled(
    statistic: Callable[[NDArray[np.int64]], float], n: int, units: Sequence[object], seed: int
) -> Interval | None:
    """The 95% interval of a statistic of the indices of n samples, by drawing whole ``units`` (n,) anew, each a person or
    what else errs together; single samples where there are no units. None where there are fewer than five units to draw
    from."""
    random = np.random.default_rng(seed)
    _, who = np.unique(np.array(units), return_inverse=True) if len(units) else (None, np.arange(n))
    members = np.split(np.argsort(who, kind="stable"), np.cumsum(np.bincount(who))[:-1])
    if len(members) < LEAST_SUBJECTS:
        return None
    values = []
    for _ in range(RESAMPLES):
        drawn = np.concatenate([members[one] for one in random.integers(len(members), size=len(members))])
        values.append(statistic(drawn))
    return interval_of(np.array(values))


def _some(claims: Claims, right: Truths) -> None:
    if len(claims) != len(right):
        raise ConfigurationError([f"{len(claims)} claims for {len(right)} answers"])
    if not len(right):
        raise ConfigurationError(["there is nothing to score; check --root"])
