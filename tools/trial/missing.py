"""Answers that are missing, and what the result would be under each way of taking them. Host side only.

**Multiple imputation** draws the missing scores from a Bayesian linear regression on everything seen before them (baseline,
strata, earlier time points), within each group, in the order of time (Rubin 1987, section 5.3): the variance from its scaled
inverse chi-squared, the coefficients given it, then the scores. It takes them to be missing at random given all that.
**Delta** adds points to what was imputed in the group that is compared, as if those who are missing there were worse off:
the tipping point is where the conclusion changes. **Last observation carried forward** and the **worst case** are told
because readers ask for them, not because either is likely.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.trial.ancova import strata_columns

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]

PREDICTED_MOST = 3
"""A regression needs so many more people than columns; with fewer both groups share one."""


@dataclass(frozen=True, slots=True)
class Scores:
    """An outcome over time: ``times`` are (n,) each, the baseline first and the primary time point last; NaN is missing.
    ``group`` (n,) is 1 in the group that is compared; ``strata`` (n,)."""

    times: tuple[Array, ...]
    group: Array
    strata: NDArray[np.str_]

    @property
    def post(self) -> Array:
        """(n,) at the primary time point."""
        return self.times[-1]

    @property
    def missing(self) -> Bools:
        """(n,) whether the primary time point is missing."""
        return np.isnan(self.post)


def impute(scores: Scores, count: int, rng: np.random.Generator) -> Array:
    """(count, n): the primary time point, with what is missing drawn anew each time."""
    return np.stack([_impute_once(scores, rng)[-1] for _ in range(count)])


def carried_forward(scores: Scores) -> Array:
    """(n,): what is missing is the last that was seen."""
    found = scores.times[0].copy()
    for each in scores.times[1:]:
        found = np.where(np.isnan(each), found, each)
    return found


def worst_case(scores: Scores, sign: float) -> Array:
    """(n,): whoever is missing in the group that is compared has the worst score that anybody has, whoever is missing in the
    control the best. ``sign`` is -1 where lower is better."""
    seen = scores.post[~scores.missing]
    best, worst = (seen.max(), seen.min()) if sign > 0 else (seen.min(), seen.max())
    return np.where(scores.missing, np.where(scores.group == 1, worst, best), scores.post)


def _impute_once(scores: Scores, rng: np.random.Generator) -> list[Array]:
    filled: list[Array] = [scores.times[0]]
    for each in scores.times[1:]:
        filled.append(_draw(each, filled, scores, rng))
    return filled


def _draw(target: Array, before: Sequence[Array], scores: Scores, rng: np.random.Generator) -> Array:
    """``target`` with its gaps drawn from its regression on what was ``before``, within each group."""
    gaps = np.isnan(target)
    if not gaps.any():
        return target
    base = np.stack([each - each.mean() for each in before], axis=1)
    apart = np.concatenate([np.ones((len(target), 1)), base, strata_columns(scores.strata)], axis=1)
    together = np.concatenate([apart, scores.group[:, None]], axis=1)
    found = target.copy()
    for value in (0.0, 1.0):
        rows = scores.group == value
        seen = rows & ~gaps
        enough = seen.sum() >= apart.shape[1] + PREDICTED_MOST
        columns, fitted = (apart, seen) if enough else (together, ~gaps)
        found[rows & gaps] = _predicted(columns, target, fitted, rows & gaps, rng)
    return found


def _predicted(columns: Array, target: Array, fitted: Bools, wanted: Bools, rng: np.random.Generator) -> Array:
    x, y = columns[fitted], target[fitted]
    inverse = np.linalg.pinv(x.T @ x)
    mean = inverse @ x.T @ y
    df = max(1, len(y) - int(np.linalg.matrix_rank(x)))
    residual = y - x @ mean
    variance = float(residual @ residual) / float(rng.chisquare(df))
    root = np.linalg.cholesky(inverse + 1e-12 * np.eye(len(inverse)))
    drawn = mean + np.sqrt(variance) * root @ rng.standard_normal(len(mean))
    return np.asarray(columns[wanted] @ drawn + np.sqrt(variance) * rng.standard_normal(int(wanted.sum())))
