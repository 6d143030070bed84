"""How well a ranking puts first what belongs there, and intervals over people for any figure. Host side only.

Recall at k is the share of what belongs among the first k, of as many as fit (Liang et al. 2018, section 4.2): hits /
min(k, how many belong). nDCG at k discounts by log2 of the place (Järvelin and Kekäläinen 2002) and divides by the best
that is possible. Equal scores are in the order of their items, so a ranker should not give them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ertedge.errors import ConfigurationError

Array = NDArray[np.float64]

BOOTSTRAP_SAMPLES = 2000
LEVELS = (0.025, 0.975)


def top(scores: Array, k: int) -> NDArray[np.int64]:
    """(n, min(k, items)) the items with the highest ``scores`` (n, items), the highest first."""
    k = min(k, scores.shape[1])
    return np.argsort(-scores, axis=1, kind="stable")[:, :k]


def recall_at(scores: Array, relevant: NDArray[np.bool_], k: int) -> Array:
    """(n,) recall at k of each row; NaN where nothing is relevant."""
    hits = np.take_along_axis(relevant, top(scores, k), axis=1).sum(axis=1)
    return np.asarray(_over(hits, np.minimum(relevant.sum(axis=1), k)))


def ndcg_at(scores: Array, gains: Array, k: int) -> Array:
    """(n,) nDCG at k with ``gains`` (n, items) at least 0; NaN where no gain is above 0."""
    discounts = 1 / np.log2(np.arange(2, min(k, scores.shape[1]) + 2))
    got = np.take_along_axis(gains, top(scores, k), axis=1) @ discounts
    best = -np.sort(-gains, axis=1)[:, : len(discounts)] @ discounts
    return np.asarray(_over(got, best))


def _over(part: Array, whole: Array) -> Array:
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1), np.nan)


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with the ends of its 95% interval and how many people it is over."""

    mean: float
    low: float
    high: float
    n: int

    def overlaps(self, other: Interval) -> bool:
        """Whether the two intervals have a point in common."""
        return self.low <= other.high and other.low <= self.high


def bootstrap(values: Array, *, seed: int = 0, samples: int = BOOTSTRAP_SAMPLES) -> Interval:
    """The mean of ``values`` (n,), one of each person, NaN left out, with the percentile interval of resampled people.

    Raises ``ConfigurationError`` when nothing is left.
    """
    known = np.asarray(values, dtype=np.float64)
    known = known[np.isfinite(known)]
    if len(known) == 0:
        raise ConfigurationError(["there is nobody to take a mean over"])
    # How often each person is drawn is multinomial, which needs no list of whom.
    times = np.random.default_rng(seed).multinomial(len(known), np.full(len(known), 1 / len(known)), size=samples)
    means = times @ known / len(known)
    low, high = np.quantile(means, LEVELS)
    return Interval(float(known.mean()), float(low), float(high), len(known))
