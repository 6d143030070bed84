"""Where descending seeds fall: a normal distribution whose centre, width and shape are learnt. Host side only.

The published descent moves every seed in Brownian motion of one fixed shape, around the origin as much as around the
population. Here the motion starts at the centre of the best seeds and has the shape in which good seeds were found:
rank-one and rank-mu learning of the covariance, with seeds that did badly counted against it. The width follows success,
by two rules. The patient one lets it grow while the moves to the best seeds of successive generations point the same way,
and shrink where they undo one another (cumulative step-size adaptation). Both from Hansen 2016, "The CMA Evolution
Strategy: A Tutorial", arXiv 1604.00772, whose equations are named at the formulas. The hasty one asks only whether a
generation's seeds rank ahead of the last one's (population success rule, Loshchilov 2014, doi 10.1145/2576768.2598294); it
narrows sooner, which pays where the budget is short and costs the better basin where it is long. ``haste`` blends them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from tools.dandelion.landscapes import Float64Array

SUCCESS_TARGET = 0.25
"""How far a generation must rank ahead of the last one for the hasty rule to keep the width: 0 is even, 0.5 entirely."""
SUCCESS_MEMORY = 0.3
"""Share of the newest comparison in the running lead."""
WIDTH_MOST = 0.5
WIDTH_LEAST = 1e-16
VARIANCE_LEAST = 1e-20


@dataclass(frozen=True, slots=True)
class Rates:
    """Learning rates and weights for one number of seeds (tutorial, equations 49 to 58).

    ``path`` and ``success`` are the rates of the two paths, ``damping`` slows the change of the width.
    """

    parents: int
    weights: Float64Array
    effective: float
    path: float
    success: float
    damping: float
    rank_one: float
    rank_mu: float

    @classmethod
    def of(cls, seeds: int, dimensions: int) -> Rates:
        """The rates for ``seeds`` a generation."""
        parents = seeds // 2
        raw = math.log((seeds + 1) / 2) - np.log(np.arange(1, parents + 1))
        weights = raw / raw.sum()
        effective = 1.0 / float(np.square(weights).sum())
        rank_one = 2.0 / ((dimensions + 1.3) ** 2 + effective)
        rank_mu = min(1.0 - rank_one, 2.0 * (effective - 2.0 + 1.0 / effective) / ((dimensions + 2) ** 2 + effective))
        success = (effective + 2.0) / (dimensions + effective + 5.0)
        return cls(
            parents=parents,
            weights=weights,
            effective=effective,
            path=(4.0 + effective / dimensions) / (dimensions + 4.0 + 2.0 * effective / dimensions),
            success=success,
            damping=1.0 + 2.0 * max(0.0, math.sqrt((effective - 1.0) / (dimensions + 1.0)) - 1.0) + success,
            rank_one=rank_one,
            rank_mu=rank_mu,
        )


@dataclass(frozen=True, slots=True)
class Learning:
    """What ``Distribution.learn`` may change besides the centre; ``haste`` in [0, 1] is the weight of the hasty rule."""

    shape: bool = True
    width: bool = True
    haste: float = 0.0


@dataclass(slots=True)
class Distribution:
    """Centre (dimensions,), width (one number, in shares of the box) and shape (a covariance of about unit size).

    ``axes`` holds the shape's principal axes as columns and ``lengths`` their standard deviations. ``floor`` is the least
    standard deviation of each coordinate, above 0 where a coordinate stands for an integer or a category. ``path`` and
    ``success`` are the running means of the moves, the latter in units of the distribution; ``lead`` is how far generations
    rank ahead of the one before, of which ``previous`` holds the values.
    """

    centre: Float64Array
    width: float
    shape: Float64Array
    axes: Float64Array
    lengths: Float64Array
    path: Float64Array
    success: Float64Array
    floor: Float64Array
    lead: float = 0.0
    generation: int = 0
    previous: Float64Array | None = None

    @classmethod
    def around(cls, centre: Float64Array, width: float, floor: Float64Array) -> Distribution:
        """A round distribution that has learnt nothing yet."""
        size = len(centre)
        return cls(centre, width, np.eye(size), np.eye(size), np.ones(size), np.zeros(size), np.zeros(size), floor)

    def sample(self, normal: Float64Array, spread: Float64Array) -> Float64Array:
        """Points for standard normal draws, (n, dimensions) to (n, dimensions). ``spread`` scales each coordinate."""
        moves = self.width * (normal * self.lengths) @ self.axes.T
        deviations = self.width * np.sqrt(np.diag(self.shape))
        # What a coordinate lacks is made up here alone, so that the learnt shape itself is not touched.
        moves *= np.maximum(1.0, self.floor / np.maximum(deviations, 1e-300))
        return self.centre + spread * moves

    def whiten(self, points: Float64Array) -> Float64Array:
        """Points in units of the distribution: the centre at 0, one standard deviation along each axis at 1."""
        return ((points - self.centre) @ self.axes) / (self.lengths * self.width)

    def unwhiten(self, units: Float64Array) -> Float64Array:
        """The inverse of ``whiten``, for rows or one point."""
        return self.centre + self.width * (units * self.lengths) @ self.axes.T

    def learn(self, points: Float64Array, values: Float64Array, rates: Rates, parts: Learning) -> None:
        """Move to the best seeds of a generation and take on their shape. ``points`` are rows, lower values are better."""
        order = np.argsort(values, kind="stable")
        steps = (points[order] - self.centre) / self.width
        norms = np.linalg.norm(steps @ self.axes / self.lengths, axis=1)
        parents = min(rates.parents, len(order))
        weights = rates.weights[:parents] / rates.weights[:parents].sum()
        # Seeds of the other stages may come from far: no single one may stretch the shape beyond a rare normal draw
        # (Hansen 2011, "Injecting external solutions into CMA-ES", arXiv 1110.4181).
        most = usual_norm(len(self.centre)) + 2.0
        good = steps[:parents] * np.minimum(1.0, most / np.maximum(norms[:parents], 1e-300))[:, None]
        drift = weights @ good
        self.generation += 1
        self.centre = np.clip(self.centre + self.width * drift, 0.0, 1.0)
        steady = self._follow_success(drift, rates)
        if parts.shape:
            self._learn_shape(good, weights, drift if steady else 0.0 * drift, steps[parents:], rates)
        patient = rates.success / rates.damping * (float(np.linalg.norm(self.success)) / usual_norm(len(drift)) - 1.0)
        hasty = self._lead_of(values)
        if parts.width:
            change = (1.0 - parts.haste) * min(1.0, patient) + parts.haste * hasty
            self.width = min(max(self.width * math.exp(change), WIDTH_LEAST), WIDTH_MOST)

    def _lead_of(self, values: Float64Array) -> float:
        """The running lead after a generation with these values, less what it must be for the width to stay."""
        if self.previous is not None:
            self.lead += SUCCESS_MEMORY * (rank_lead(values, self.previous) - SUCCESS_TARGET - self.lead)
        self.previous = values.copy()
        return self.lead

    def _follow_success(self, drift: Float64Array, rates: Rates) -> bool:
        """Prolong the path of success (equation 43). False while it is so long that the width must grow first, during
        which the shape's own path stands still (equation 45)."""
        whitened = self.axes @ ((self.axes.T @ drift) / self.lengths)
        self.success = (1.0 - rates.success) * self.success
        self.success += math.sqrt(rates.success * (2.0 - rates.success) * rates.effective) * whitened
        started = math.sqrt(1.0 - (1.0 - rates.success) ** (2 * self.generation))
        length = float(np.linalg.norm(self.success)) / started / usual_norm(len(drift))
        return length < 1.4 + 2.0 / (len(drift) + 1.0)

    def _learn_shape(
        self,
        good: Float64Array,
        weights: Float64Array,
        drift: Float64Array,
        bad: Float64Array,
        rates: Rates,
    ) -> None:
        """Rank-one, rank-mu and negative learning (equations 45 to 47)."""
        size = len(drift)
        self.path = (1.0 - rates.path) * self.path
        self.path += math.sqrt(rates.path * (2.0 - rates.path) * rates.effective) * drift
        learnt = rates.rank_mu * (good.T * weights) @ good + rates.rank_one * np.outer(self.path, self.path)
        kept = 1.0 - rates.rank_one - rates.rank_mu
        if len(bad) and rates.rank_mu > 0.0:
            against = self._weights_against(len(good), len(bad), rates)
            norms = np.linalg.norm(bad @ self.axes / self.lengths, axis=1)
            scaled = bad * (math.sqrt(size) / np.maximum(norms, 1e-300))[:, None]
            learnt += rates.rank_mu * (scaled.T * against) @ scaled
            kept -= rates.rank_mu * float(against.sum())
        shape = kept * self.shape + learnt
        variances, axes = np.linalg.eigh((shape + shape.T) / 2.0)
        self.shape, self.axes = shape, axes
        self.lengths = np.sqrt(np.maximum(variances, VARIANCE_LEAST))

    def _weights_against(self, parents: int, others: int, rates: Rates) -> Float64Array:
        """Negative weights of the seeds that are not parents (tutorial, equations 50 to 53): the shape stays positive."""
        raw = math.log((parents + others + 1) / 2) - np.log(np.arange(parents + 1, parents + others + 1))
        effective = float(raw.sum() ** 2 / np.square(raw).sum())
        size = len(self.centre)
        total = min(
            1.0 + rates.rank_one / rates.rank_mu,
            1.0 + 2.0 * effective / (rates.effective + 2.0),
            (1.0 - rates.rank_one - rates.rank_mu) / (size * rates.rank_mu),
        )
        return raw / np.abs(raw).sum() * total


def usual_norm(dimensions: int) -> float:
    """The expected length of a standard normal vector (to the order 1/n^2)."""
    return math.sqrt(dimensions) * (1.0 - 1.0 / (4.0 * dimensions) + 1.0 / (21.0 * dimensions**2))


def rank_lead(new: Float64Array, old: Float64Array) -> float:
    """By how much the values of ``new`` rank below (are better than) those of ``old``: from -0.5 to 0.5.

    Half the chance that a new value is better than an old one less half the chance that it is worse.
    """
    ranks = rankdata(np.concatenate([new, old]))
    return float((ranks[len(new) :].mean() - ranks[: len(new)].mean()) / len(ranks))
