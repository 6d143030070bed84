"""How far the network's forecast is from the truth beyond the posterior: fits ``ertedge.recommend.forecast_error``.

Host side only. Under the device's code, a response after another, each forecast of people that the network was not trained
on is set beside what is known of the truth, a number whose expectation is the squared error of the mean:

- in a simulation the squared error itself: the simulator says how much the activity would have helped, done or not;
- in a log of people the product of two surprises, that of a rating and that of the person's next rating of the same
  activity, both against the *earlier* forecast. The noise of two ratings is independent and leaves the product; what stays
  is the part of the error that lasts until then. Errors of the moment are taken for noise, so these intervals are somewhat
  too narrow: where both could be compared, they held 91% of the truths and those of the simulator's truth 94%.

The error's variance maximises the Gaussian likelihood, -(log v + z/v)/2 with z the number and v the posterior's variance and
the error's together, which is least at the expectation of z whatever z is drawn from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from ertedge.recommend.encoding import log_ratings
from ertedge.recommend.forecast_error import ForecastError
from ertedge.recommend.posterior import PersonalPosterior, PriorVariances
from tools.recommender.prior import Spoken, name_of, names_of, said_by

Float64Array = NDArray[np.float64]
INTERVAL_WIDTH = 1.96
_LEAST, _MOST = 1e-5, 1.0
_POWER_MOST = 2.0
_LEAST_EVIDENCE = 30
"""With fewer forecasts to go by the error keeps ``CAUTIOUS``."""
CAUTIOUS = ForecastError(0.06, 0.06, np.zeros(3))


@dataclass(frozen=True, slots=True)
class Evidence:
    """A row a forecast of which something is known: ``person`` (n,), ``log_ratings`` (n, 3) before it, the posterior's
    variance ``belief`` (n,), and ``square`` (n,), which is on average the squared error of its mean."""

    person: NDArray[np.int64]
    log_ratings: Float64Array
    belief: Float64Array
    square: Float64Array

    def of(self, chosen: NDArray[np.bool_]) -> Evidence:
        """Some rows."""
        return Evidence(self.person[chosen], self.log_ratings[chosen], self.belief[chosen], self.square[chosen])


@dataclass(frozen=True, slots=True)
class FittedError:
    """The error, and the share of 95% intervals that hold the truth for people on whom it was not fitted (the two halves
    of the people in turn); None where nobody knows the truth."""

    error: ForecastError
    held: float | None


def fit_error(prior: PriorVariances, known: Sequence[Spoken], unknown: Sequence[Spoken]) -> FittedError:
    """The error of forecasts of ``known`` activities and of the same by content alone (``unknown``), beside a posterior
    with ``prior``."""
    evidence = evidence_of(prior, known, is_known=True)
    if len(evidence.square) < _LEAST_EVIDENCE:
        return FittedError(CAUTIOUS, None)
    first, powers = _fit(evidence)
    by_content, _ = _fit(evidence_of(prior, unknown, is_known=False), powers)
    error = ForecastError(first, max(first, by_content), powers)
    truths_known = all(np.isfinite(each.batch.truth.numpy()).all() for each in known)
    return FittedError(error, _held(evidence) if truths_known else None)


def evidence_of(prior: PriorVariances, spoken: Sequence[Spoken], *, is_known: bool) -> Evidence:
    """Go through all decisions of all people."""
    rows: list[tuple[int, Float64Array, float, float]] = []
    for person, each in enumerate(spoken):
        rows += [(person, *row) for row in _of_person(prior, each, is_known=is_known)]
    return Evidence(
        person=np.array([row[0] for row in rows], dtype=np.int64),
        log_ratings=np.array([row[1] for row in rows]).reshape(-1, 3),
        belief=np.array([row[2] for row in rows]),
        square=np.array([row[3] for row in rows]),
    )


def _of_person(prior: PriorVariances, spoken: Spoken, *, is_known: bool) -> list[tuple[Float64Array, float, float]]:
    batch, said = spoken.batch, said_by(spoken)
    posterior = PersonalPosterior(prior, (), names_of(batch) if is_known else ())
    counts = log_ratings(batch.activities.numpy())
    rows: list[tuple[Float64Array, float, float]] = []
    # Of each activity the last rating: what was expected of it and by how much it surprised.
    last: dict[str, tuple[int, float, float, float]] = {}
    for place in range(int(batch.real.sum())):
        name, family, now_ns = name_of(batch, place), int(batch.family[0, place]), int(batch.now_ns[0, place])
        belief = posterior.belief(said.basis[place][None], np.array([family]), [name], now_ns)
        expected = float(np.clip(said.helpfulness[place] + belief.mean[0], -1.0, 1.0))
        truth, rating = float(batch.truth[0, place]), float(batch.rating[0, place])
        if np.isfinite(truth):
            rows.append((counts[place], float(belief.variance[0]), (truth - expected) ** 2))
        if not batch.rated[0, place]:
            continue
        if not np.isfinite(truth):
            if name in last:
                before, variance, expected_before, surprise = last[name]
                rows.append((counts[before], variance, surprise * (rating - expected_before)))
            last[name] = place, float(belief.variance[0]), expected, rating - expected
        posterior.observe(
            said.basis[place],
            family,
            name,
            residual=rating - float(said.helpfulness[place]),
            noise=float(np.exp(said.log_variance[place])),
            wall_time_ns=now_ns,
        )
    return rows


def _fit(evidence: Evidence, powers: Float64Array | None = None) -> tuple[float, Float64Array]:
    """The variance at no rating and the powers, unless those are given."""
    free = 3 if powers is None else 0

    def unpacked(x: Float64Array) -> tuple[float, Float64Array]:
        return float(np.exp(x[0])), x[1:] if powers is None else powers

    def nats(x: Float64Array) -> float:
        variance, shrinking = unpacked(x)
        error = ForecastError(variance, variance, shrinking)
        total = evidence.belief + error.variance(evidence.log_ratings, np.ones(len(evidence.belief), dtype=np.bool_))
        # A wide prior on the powers decides where the people have not rated enough to tell.
        return float(0.5 * np.mean(np.log(total) + evidence.square / total) + 1e-3 * np.square(x[1:]).sum())

    start = np.array([np.log(0.05), *[0.2] * free])
    bounds = [(np.log(_LEAST), np.log(_MOST)), *[(0.0, _POWER_MOST)] * free]
    return unpacked(np.asarray(minimize(nats, start, method="L-BFGS-B", bounds=bounds).x))


def _held(evidence: Evidence) -> float:
    """The share of intervals that hold the truth, each half of the people by the error fitted on the other."""
    second = evidence.person % 2 == 1
    held = []
    for judged in (second, ~second):
        first, powers = _fit(evidence.of(~judged))
        asked = evidence.of(judged)
        error = ForecastError(first, first, powers).variance(
            asked.log_ratings, np.ones(len(asked.square), dtype=np.bool_)
        )
        held.append(np.sqrt(asked.square) <= INTERVAL_WIDTH * np.sqrt(asked.belief + error))
    return float(np.concatenate(held).mean())
