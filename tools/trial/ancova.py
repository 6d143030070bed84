"""The analysis of covariance of a trial: the post score by group, adjusted for baseline and strata. Host side only.

    post = a + b baseline + strata + d group

``fit`` is statsmodels' ordinary least squares, with the classical error by default and HC3's where variances may differ.
``each_of`` does the same for imputed data sets and ``many`` for thousands of simulated trials, in closed form; tests hold
them to ``fit``. Vickers
and Altman (2001, BMJ 323, 1123-1124) say why this and not a comparison of changes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import statsmodels.api as sm
from numpy.typing import NDArray
from scipy import stats

from tools.trial.effects import LEVEL, Estimate

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ancova:
    """``difference`` of the group's mean over the control's at the same baseline and stratum, in points of the scale; ``df``
    of its t; ``means`` of control and group at the mean of the covariates; ``residual_sd``."""

    difference: Estimate
    df: float
    means: tuple[float, float]
    residual_sd: float


def strata_columns(strata: NDArray[np.str_]) -> Array:
    """(n, strata - 1): a column for each stratum but the first."""
    names = sorted(set(strata.tolist()))[1:]
    return (
        np.stack([(strata == name).astype(np.float64) for name in names], axis=1)
        if names
        else np.zeros((len(strata), 0))
    )


def design(group: Array, baseline: Array, strata: NDArray[np.str_]) -> Array:
    """(n, columns): a constant, the group, the baseline less its mean where it differs at all, and the strata."""
    columns = [np.ones(len(group)), group]
    if np.ptp(baseline) > 0:
        columns.append(baseline - baseline.mean())
    return np.concatenate([np.stack(columns, axis=1), strata_columns(strata)], axis=1)


def fit(post: Array, group: Array, baseline: Array, strata: NDArray[np.str_], *, robust: bool = False) -> Ancova:
    """Of (n,) scores without gaps; ``group`` is 1 in the group that is compared. Raises ``ValueError`` where there are too
    few people to fit it."""
    few = f"{len(post)} people in {int(group.sum())} and {int(len(group) - group.sum())} are too few"
    if not 0 < group.sum() < len(group):
        raise ValueError(few)
    columns = design(group, baseline, strata)
    df = len(post) - np.linalg.matrix_rank(columns)
    if df < 1:
        raise ValueError(few)
    found = sm.OLS(post, columns).fit(cov_type="HC3" if robust else "nonrobust", use_t=True)
    low, high = found.conf_int(alpha=1 - LEVEL)[1]
    difference = Estimate(
        float(found.params[1]), float(low), float(high), len(post), float(found.pvalues[1]), float(found.bse[1])
    )
    middle = columns.mean(axis=0)
    control = float(middle @ found.params - middle[1] * found.params[1])
    return Ancova(difference, float(df), (control, control + difference.value), float(np.sqrt(found.scale)))


@dataclass(frozen=True, slots=True)
class Fits:
    """The same analysis of several data sets that differ in their post scores alone: (sets,) ``differences`` with their
    standard ``errors``, (sets, 2) ``means`` of control and group, (sets,) ``residual_sd``; ``df`` is that of all."""

    differences: Array
    errors: Array
    means: Array
    residual_sd: Array
    df: float


def each_of(posts: Array, group: Array, baseline: Array, strata: NDArray[np.str_]) -> Fits:
    """What ``fit`` finds in each of ``posts`` (sets, n), in closed form, since imputed data sets are many."""
    columns = design(group, baseline, strata)
    inverse = np.linalg.pinv(columns.T @ columns, hermitian=True)
    coefficients = posts @ columns @ inverse
    df = len(group) - int(np.linalg.matrix_rank(columns))
    variance = ((posts - coefficients @ columns.T) ** 2).sum(axis=1) / df
    middle = columns.mean(axis=0)
    control = coefficients @ middle - middle[1] * coefficients[:, 1]
    return Fits(
        differences=coefficients[:, 1],
        errors=np.sqrt(variance * inverse[1, 1]),
        means=np.stack([control, control + coefficients[:, 1]], axis=1),
        residual_sd=np.sqrt(variance),
        df=float(df),
    )


def many(
    post: Array, group: Array, baseline: Array, strata: Array, seen: NDArray[np.bool_] | None = None
) -> tuple[Array, Array]:
    """(trials,) differences and their two-sided p of (trials, n) simulated scores; ``strata`` (trials, n) is 0 or 1, and who
    is not ``seen`` (trials, n) is left out."""
    weight = np.ones_like(post) if seen is None else seen.astype(np.float64)
    columns = np.stack([np.ones_like(post), group, baseline, strata], axis=2) * weight[:, :, None]
    scores = post * weight
    gram = columns.transpose(0, 2, 1) @ columns
    inverse = np.linalg.pinv(gram, hermitian=True)
    coefficients = (inverse @ (columns.transpose(0, 2, 1) @ scores[:, :, None]))[:, :, 0]
    residual = scores - (columns @ coefficients[:, :, None])[:, :, 0]
    df = weight.sum(axis=1) - np.linalg.matrix_rank(gram, hermitian=True)
    error = np.sqrt((residual**2).sum(axis=1) / df * inverse[:, 1, 1])
    return coefficients[:, 1], 2 * stats.t.sf(np.abs(coefficients[:, 1] / error), df)


def pooled(estimates: Array, errors: Array, complete_df: float, n: int) -> tuple[Estimate, float]:
    """Of imputed data sets: Rubin's rules (1987), with the degrees of freedom of Barnard and Rubin (1999, Biometrika 86,
    948-955), and the share of information that is missing.

    ``estimates`` and ``errors`` are (imputations,); ``complete_df`` is what there would be without gaps.
    """
    count = len(estimates)
    within, between = float((errors**2).mean()), float(estimates.var(ddof=1))
    total = within + (1 + 1 / count) * between
    share = (1 + 1 / count) * between / total
    observed = (complete_df + 1) / (complete_df + 3) * complete_df * (1 - share)
    df = observed if share == 0 else 1 / (1 / ((count - 1) / share**2) + 1 / observed)
    value, error = float(estimates.mean()), math.sqrt(total)
    half = float(stats.t.ppf((1 + LEVEL) / 2, df)) * error
    p = float(2 * stats.t.sf(abs(value / error), df))
    return Estimate(value, value - half, value + half, n, p, error), share
